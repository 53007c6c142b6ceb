import type { Locale } from "../i18n/locales.ts";

/** What parts two clauses or two different things: `, `, `，`. */
export const comma = (locale: Locale) => (locale === "en" ? ", " : "，");

/** Between a name and what it is: `: `, `：`. */
export const colon = (locale: Locale) => (locale === "en" ? ": " : "：");

/** Like things side by side: `A, B, C`, `A、B、C`. Intl.ListFormat has no Chinese list without a word before its last part. */
export const list = (parts: string[], locale: Locale) => parts.join(locale === "en" ? ", " : "、");
