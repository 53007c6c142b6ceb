import { RemixBrowser } from "@remix-run/react";
import type { ResourceLanguage } from "i18next";
import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { createI18n } from "./i18n/instance.ts";
import { defaultLocale, isLocale } from "./i18n/locales.ts";

const bundles = {
  en: () => import("./i18n/bundle.en.ts"),
  "zh-Hant": () => import("./i18n/bundle.zh-Hant.ts"),
  "zh-Hans": () => import("./i18n/bundle.zh-Hans.ts"),
};

const { lang } = document.documentElement;
const locale = isLocale(lang) ? lang : defaultLocale;

void bundles[locale]().then(({ default: texts }) => {
  const i18n = createI18n(locale, { [locale]: texts as ResourceLanguage });
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
});
