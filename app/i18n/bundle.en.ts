import { namespacesOf } from "./instance.ts";

/** Every text of one locale: one chunk in the browser. */
export default namespacesOf(import.meta.glob("../locales/en/*.json", { eager: true, import: "default" }));
