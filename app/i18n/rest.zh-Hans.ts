import { namespacesOf } from "./instance.ts";

/** Texts of one locale for all other pages; those of alarms are written by the server. */
export default namespacesOf(
  import.meta.glob(["../locales/zh-Hans/*.json", "!../locales/zh-Hans/{alarms,auth,centre,common,fleet}.json"], {
    eager: true,
    import: "default",
  }),
);
