import { useRouteLoaderData } from "@remix-run/react";
import { useMemo } from "react";
import { age, duration } from "./format/age.ts";
import * as date from "./format/date.ts";
import * as num from "./format/number.ts";
import { defaultLocale, type Locale } from "./i18n/locales.ts";
import type { RootData } from "./root-data.ts";

/** Numbers, ages and dates in the reader's language and zone. Times are milliseconds since 1970; "now" is the server's. */
export function makeFormat(locale: Locale, timeZone: string, nowMs: number) {
  return {
    locale,
    timeZone,
    nowMs,
    ...num,
    /** `23 min ago` for an instant. */
    age: (atMs: number) => age(nowMs - atMs, locale),
    duration: (ms: number, fine = false) => duration(ms, locale, fine),
    time: (atMs: number) => date.clockTime(atMs, locale, timeZone),
    timeSeconds: (atMs: number) => date.clockSeconds(atMs, locale, timeZone),
    date: (atMs: number) => date.longDate(atMs, locale, timeZone),
    shortDate: (atMs: number) => date.shortDate(atMs, locale, timeZone),
    short: (atMs: number) => date.shortInstant(atMs, locale, timeZone),
    full: (atMs: number) => date.fullInstant(atMs, locale, timeZone),
    weekday: (atMs: number) => date.weekday(atMs, locale, timeZone),
    offset: (atMs: number) => date.zoneOffset(atMs, timeZone),
    /** A name that the fleet file gives in three languages. */
    name: (text: Record<Locale, string>) => text[locale] || text.en,
  };
}
export type Format = ReturnType<typeof makeFormat>;

/** The root's data; undefined on a page that failed before it was loaded. */
export const useRootData = () => useRouteLoaderData("root") as RootData | undefined;

/** `makeFormat` for this page. */
export function useFormat(): Format {
  const data = useRootData();
  const { locale = defaultLocale, timeZone = "UTC", nowMs = 0 } = data ?? {};
  return useMemo(() => makeFormat(locale, timeZone, nowMs), [locale, timeZone, nowMs]);
}

/** The hidden field that every POST form carries: `<input type="hidden" name="csrf" value={useCsrf()} />`, or `<CsrfField />`. */
export const useCsrf = () => useRootData()?.csrf ?? "";
