import { RemixBrowser } from "@remix-run/react";
import type { ResourceLanguage } from "i18next";
import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { createI18n } from "./i18n/instance.ts";
import { defaultLocale, isLocale } from "./i18n/locales.ts";

const firstTexts = {
  en: () => import("./i18n/first.en.ts"),
  "zh-Hant": () => import("./i18n/first.zh-Hant.ts"),
  "zh-Hans": () => import("./i18n/first.zh-Hans.ts"),
};
const restOfTexts = {
  en: () => import("./i18n/rest.en.ts"),
  "zh-Hant": () => import("./i18n/rest.zh-Hant.ts"),
  "zh-Hans": () => import("./i18n/rest.zh-Hans.ts"),
};

const { lang } = document.documentElement;
const locale = isLocale(lang) ? lang : defaultLocale;
/** The pages whose texts come first; any other is hydrated with all of them. */
const isFirstPage = /^\/($|centres\/|sign-in)/.test(location.pathname);

void start();

async function start(): Promise<void> {
  const [first, rest] = await Promise.all([firstTexts[locale](), isFirstPage ? undefined : restOfTexts[locale]()]);
  const texts: ResourceLanguage = { ...first.default, ...rest?.default } as ResourceLanguage;
  const i18n = createI18n(locale, { [locale]: texts });
  startTransition(() => {
    hydrateRoot(
      document,
      <StrictMode>
        <I18nextProvider i18n={i18n}>
          <RemixBrowser />
        </I18nextProvider>
      </StrictMode>,
    );
  });
  if (rest) return;
  // The other pages' texts are here long before a person can have clicked; a page that is faster renders again.
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 200));
  idle(async () => {
    const { default: more } = await restOfTexts[locale]();
    for (const [namespace, namespaceTexts] of Object.entries(more))
      i18n.addResourceBundle(locale, namespace, namespaceTexts);
  });
}
