import { createInstance, type i18n, type Resource } from "i18next";
import { initReactI18next } from "react-i18next";
import { defaultLocale, type Locale } from "./locales.ts";

/** A ready i18next of one locale; English stands in for a missing text. Synchronous: all texts are given. */
export function createI18n(locale: Locale, resources: Resource): i18n {
  const instance = createInstance();
  void instance.use(initReactI18next).init({
    lng: locale,
    fallbackLng: defaultLocale,
    resources,
    defaultNS: "common",
    ns: Object.keys(resources[locale] ?? {}),
    initImmediate: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false, bindI18nStore: "added" },
    returnNull: false,
  });
  return instance;
}

/** `./locales/en/common.json` modules of one locale, as `import.meta.glob` gives them, to i18next's namespaces. */
export function namespacesOf(modules: Record<string, unknown>): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(modules).map(([path, texts]) => [
      path.replace(/^.*\/([^/]+)\.json$/, "$1"),
      texts as Record<string, unknown>,
    ]),
  );
}
