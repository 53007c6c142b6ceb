import { createContext } from "react";
import { defaultLocale, isLocale, isTheme, type Locale, type Theme } from "./i18n/locales.ts";

/**
 * Who reads, known without the root loader: a page that failed altogether speaks the same language in the same colours.
 * The server takes it from the request, the browser from the document that it was given.
 */
export type Reader = {
  locale: Locale;
  theme: Theme;
  /** Of the request that made this document: stands with a failure in the log. */
  requestId: string | undefined;
};

export const ReaderContext = createContext<Reader>({ locale: defaultLocale, theme: "system", requestId: undefined });

/** What the server wrote onto `<html>`. */
export function readerOf({ lang, dataset }: HTMLElement): Reader {
  return {
    locale: isLocale(lang) ? lang : defaultLocale,
    theme: isTheme(dataset.theme) ? dataset.theme : "system",
    requestId: dataset.request,
  };
}
