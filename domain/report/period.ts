import { ReportRefused } from "./types.ts";
import { addDays, type Day, dayOf, dayText, isKnownZone, parseDay, startOfDay } from "./zone.ts";

export const hourMs = 3_600_000;
/** Longest period of a report: a leap year and its odd DST hours fit. */
export const maximumHours = 400 * 24;

/** A half-open period [fromMs, toMs) of whole ledger hours. */
export type Period = {
  fromMs: number;
  toMs: number;
  timeZone: string;
  hours: number;
  /** From a day to the same day a year later: only then is a PUE annual, else it is interim (ISO/IEC 30134-2). */
  fullYear: boolean;
  /** What was asked for, where the period had to be widened to whole hours. */
  requested: { fromMs: number; toMs: number } | null;
};

/**
 * The ledger hours that [fromMs, toMs) touches: an instant inside an hour takes the whole hour, and says so.
 * @throws ReportRefused unknownTimeZone, emptyPeriod, periodTooLong.
 */
export function cutPeriod(fromMs: number, toMs: number, timeZone: string): Period {
  if (!isKnownZone(timeZone))
    throw new ReportRefused("unknownTimeZone", `"${timeZone}" is not an IANA time zone such as Asia/Shanghai.`, {
      timeZone,
    });
  if (!(fromMs < toMs))
    throw new ReportRefused("emptyPeriod", "The period is empty; its start must lie before its end.");
  const start = Math.floor(fromMs / hourMs) * hourMs;
  const end = Math.ceil(toMs / hourMs) * hourMs;
  const hours = (end - start) / hourMs;
  if (hours > maximumHours)
    throw new ReportRefused("periodTooLong", `A report covers at most 400 days; this period has ${hours} hours.`, {
      hours,
    });
  return {
    fromMs: start,
    toMs: end,
    timeZone,
    hours,
    fullYear: isFullYear(start, end, timeZone),
    requested: start === fromMs && end === toMs ? null : { fromMs, toMs },
  };
}

function isFullYear(fromMs: number, toMs: number, timeZone: string): boolean {
  const first = dayOf(fromMs, timeZone);
  const after = dayOf(toMs, timeZone);
  // 29 February has no anniversary: its year ends before 1 March.
  const anniversary = addDays({ ...first, year: first.year + 1 }, 0);
  return (
    dayText(after) === dayText(anniversary) &&
    startOfDay(first, timeZone) === fromMs &&
    startOfDay(after, timeZone) === toMs
  );
}

/** A calendar day of a period: half-open, cut at its ends. 23 or 25 hours where the clock changes. */
export type DaySpan = { day: string; fromMs: number; toMs: number };

/** The calendar days of a period in its zone. An hour belongs to the day in which it starts. */
export function daysOf({ fromMs, toMs, timeZone }: Pick<Period, "fromMs" | "toMs" | "timeZone">): DaySpan[] {
  const spans: DaySpan[] = [];
  let day = dayOf(fromMs, timeZone);
  let start = fromMs;
  while (start < toMs) {
    const next = addDays(day, 1);
    // Zones with half-hour offsets have midnights inside a ledger hour: the hour stays with the day it began in.
    const midnight = Math.ceil(startOfDay(next, timeZone) / hourMs) * hourMs;
    const end = Math.min(midnight, toMs);
    if (end > start) spans.push({ day: dayText(day), fromMs: start, toMs: end });
    start = Math.max(start, end);
    day = next;
  }
  return spans;
}

export const presets = ["this-month", "last-month", "last-30-days"] as const;
export type Preset = (typeof presets)[number];

/** A named period of the calendar at `nowMs`, up to the last whole hour. */
export function presetPeriod(preset: Preset, nowMs: number, timeZone: string): { fromMs: number; toMs: number } {
  const today = dayOf(nowMs, timeZone);
  const firstOf = (day: Day) => startOfDay({ ...day, day: 1 }, timeZone);
  const untilMs = Math.floor(nowMs / hourMs) * hourMs;
  if (preset === "last-30-days") return { fromMs: startOfDay(addDays(today, -30), timeZone), toMs: untilMs };
  const thisMonth = firstOf(today);
  if (preset === "this-month" && untilMs > thisMonth) return { fromMs: thisMonth, toMs: untilMs };
  return { fromMs: firstOf(addDays({ ...today, day: 1 }, -1)), toMs: thisMonth };
}

/**
 * Reads the edge of a period: a day such as `2026-10-01` (its first instant in the zone), or an ISO 8601 instant with its
 * offset. A time without an offset would be another instant on another machine: it is not read (undefined).
 */
export function parseEdge(text: string, timeZone: string): number | undefined {
  const day = parseDay(text);
  if (day) return startOfDay(day, timeZone);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isFinite(atMs) ? atMs : undefined;
}
