import { RemixBrowser } from "@remix-run/react";
import type { ResourceLanguage } from "i18next";
import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { createI18n } from "./i18n/instance.ts";
import { steadyFetch } from "./live/steady-fetch.ts";
import { openWholeInstead, steadyImport } from "./live/whole-page.ts";
import { ReaderContext, readerOf } from "./reader.ts";

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

const reader = readerOf(document.documentElement);
const { locale } = reader;
/** The pages whose texts come first; any other is hydrated with all of them. */
const isFirstPage = /^\/($|centres\/|sign-in)/.test(location.pathname);

window.fetch = steadyFetch({
  router: () => window.__remixRouter,
  fetch: window.fetch.bind(window),
  origin: location.origin,
});
openWholeInstead(() => window.__remixRouter?.state.navigation.location);
void start();

async function start(): Promise<void> {
  const [first, rest] = await Promise.all([
    steadyImport(firstTexts[locale]),
    isFirstPage ? undefined : steadyImport(restOfTexts[locale]),
  ]);
  const texts: ResourceLanguage = { ...first.default, ...rest?.default } as ResourceLanguage;
  const i18n = createI18n(locale, { [locale]: texts });
  startTransition(() => {
    hydrateRoot(
      document,
      <StrictMode>
        <ReaderContext.Provider value={reader}>
          <I18nextProvider i18n={i18n}>
            <RemixBrowser />
          </I18nextProvider>
        </ReaderContext.Provider>
      </StrictMode>,
    );
  });
  if (rest) return;
  // The other pages' texts are here long before a person can have clicked; a page that is faster renders again.
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 200));
  idle(async () => {
    const { default: more } = await steadyImport<{ default: Record<string, unknown> }>(restOfTexts[locale]);
    for (const [namespace, namespaceTexts] of Object.entries(more))
      i18n.addResourceBundle(locale, namespace, namespaceTexts);
  });
}
