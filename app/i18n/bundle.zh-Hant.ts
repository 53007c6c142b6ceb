import { namespacesOf } from "./instance.ts";

/** Every text of one locale: for the server. A browser loads first.* and rest.*. */
export default namespacesOf(import.meta.glob("../locales/zh-Hant/*.json", { eager: true, import: "default" }));
