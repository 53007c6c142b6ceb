import type { Locale } from "../i18n/locales.ts";

type Parts = Record<"year" | "month" | "day" | "weekday" | "hour" | "minute" | "second" | "timeZoneName", string>;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Calendar parts of an instant in a zone; 24-hour clock. */
function partsOf(atMs: number, locale: Locale, timeZone: string): Parts {
  const key = `${locale} ${timeZone}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, {
      timeZone,
      year: "numeric",
      month: locale === "en" ? "short" : "numeric",
      day: "numeric",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formats.set(key, format);
  }
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return { ...parts, timeZoneName: zoneOffset(atMs, timeZone) } as Parts;
}

/** `UTC+8`, `UTC−3:30`, `UTC`. */
export function zoneOffset(atMs: number, timeZone: string): string {
  const name =
    new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" })
      .formatToParts(atMs)
      .find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const match = /^GMT([+-])(\d\d):(\d\d)$/.exec(name);
  if (!match) return "UTC";
  const [, sign, hours, minutes] = match as unknown as [string, string, string, string];
  return `UTC${sign === "-" ? "\u2212" : "+"}${Number(hours)}${minutes === "00" ? "" : `:${minutes}`}`;
}

/** `14:32`. */
export function clockTime(atMs: number, locale: Locale, timeZone: string): string {
  const { hour, minute } = partsOf(atMs, locale, timeZone);
  return `${hour}:${minute}`;
}

/** `14:32:08`. */
export function clockSeconds(atMs: number, locale: Locale, timeZone: string): string {
  const { hour, minute, second } = partsOf(atMs, locale, timeZone);
  return `${hour}:${minute}:${second}`;
}

/** `19 Nov`, `11月19日`. */
export function shortDate(atMs: number, locale: Locale, timeZone: string): string {
  const { month, day } = partsOf(atMs, locale, timeZone);
  return locale === "en" ? `${day}\u00a0${month}` : `${month.replace(/月$/, "")}月${day.replace(/日$/, "")}日`;
}

/** `Thu`, `週四`, `周四`. */
export const weekday = (atMs: number, locale: Locale, timeZone: string) => partsOf(atMs, locale, timeZone).weekday;

/** `19 Nov 2026`, `2026年11月19日`. */
export function longDate(atMs: number, locale: Locale, timeZone: string): string {
  const { year } = partsOf(atMs, locale, timeZone);
  const short = shortDate(atMs, locale, timeZone);
  return locale === "en" ? `${short} ${year}` : `${year.replace(/年$/, "")}年${short}`;
}

/** `19 Nov 14:32`, `11月19日 14:32`. */
export function shortInstant(atMs: number, locale: Locale, timeZone: string): string {
  return `${shortDate(atMs, locale, timeZone)} ${clockTime(atMs, locale, timeZone)}`;
}

/** `Thu 19 Nov 2026, 14:32:08 UTC+8`, `2026年11月19日（週四）14:32:08 UTC+8`. */
export function fullInstant(atMs: number, locale: Locale, timeZone: string): string {
  const date = longDate(atMs, locale, timeZone);
  const time = `${clockSeconds(atMs, locale, timeZone)} ${zoneOffset(atMs, timeZone)}`;
  const day = weekday(atMs, locale, timeZone);
  return locale === "en" ? `${day} ${date}, ${time}` : `${date}（${day}）${time}`;
}

/** Whether a text is an IANA zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
