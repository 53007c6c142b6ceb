import { namespacesOf } from "./instance.ts";

/** Texts of one locale that every first visit needs: frame, sign-in, fleet and centre. */
export default namespacesOf(
  import.meta.glob("../locales/zh-Hant/{auth,centre,common,fleet}.json", { eager: true, import: "default" }),
);
