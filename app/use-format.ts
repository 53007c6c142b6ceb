import { useRouteLoaderData } from "@remix-run/react";
import { useContext, useMemo } from "react";
import { age, duration } from "./format/age.ts";
import * as date from "./format/date.ts";
import { colon, comma, list } from "./format/list.ts";
import * as num from "./format/number.ts";
import type { Locale } from "./i18n/locales.ts";
import { isOld, useElapsedMs } from "./live/use-clock.ts";
import { ReaderContext } from "./reader.ts";
import type { RootData } from "./root-data.ts";

/**
 * Numbers, ages and dates in the reader's language and zone. Times are milliseconds since 1970; "now" is the server's.
 * @param answeredAtMs when the page's figures were true: "as of". Before now, where answers do not come any more.
 */
export function makeFormat(locale: Locale, timeZone: string, nowMs: number, answeredAtMs = nowMs) {
  return {
    locale,
    timeZone,
    nowMs,
    answeredAtMs,
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
    /** Between clauses: `, `, `，`. */
    comma: comma(locale),
    /** Between a name and its value: `: `, `：`. */
    colon: colon(locale),
    /** Names and numbers side by side: `A, B, C`, `A、B、C`. */
    list: (parts: string[]) => list(parts, locale),
    /** A name that the fleet file gives in three languages. */
    name: (text: Record<Locale, string>) => text[locale] || text.en,
  };
}
export type Format = ReturnType<typeof makeFormat>;

let newest: RootData | undefined;

/**
 * The root's data. In a browser the newest that came: a page that fails later keeps its frame. undefined on a page that
 * failed before it was loaded.
 */
export function useRootData(): RootData | undefined {
  const data = useRouteLoaderData("root") as RootData | undefined;
  if (typeof document === "undefined") return data;
  newest = data ?? newest;
  return newest;
}

/** `makeFormat` for this page. While answers do not come, its "now" goes on. */
export function useFormat(): Format {
  const data = useRootData();
  const reader = useContext(ReaderContext);
  const elapsedMs = useElapsedMs(data);
  const { locale = reader.locale, timeZone = "UTC", nowMs = 0 } = data ?? {};
  return useMemo(() => makeFormat(locale, timeZone, nowMs + elapsedMs, nowMs), [locale, timeZone, nowMs, elapsedMs]);
}

/** Whether the page's figures are stale because no answer came for too long. */
export function useStale(): boolean {
  const data = useRootData();
  return isOld(useElapsedMs(data), data?.refresh ?? "live");
}

/** The hidden field that every POST form carries: `<input type="hidden" name="csrf" value={useCsrf()} />`, or `<CsrfField />`. */
export const useCsrf = () => useRootData()?.csrf ?? "";
