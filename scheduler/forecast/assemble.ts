import { hourMs } from "../placement/horizon.ts";
import type { OutlookBasis } from "../placement/types.ts";

/** What is known of one series of one zone or centre. */
export type KnownSeries = {
  /** Newest forecast of each hour, by the hour's start in ms. */
  forecast: ReadonlyMap<number, { value: number; issuedAtMs: number }>;
  /** Newest value seen at each UTC hour of the day. */
  sameHour: ReadonlyMap<number, number>;
  /** Mean of the last year. */
  mean: number | null;
};

export const unknownSeries: KnownSeries = { forecast: new Map(), sameHour: new Map(), mean: null };

/** A forecast issued longer ago than this is the last good one, not the newest, ms. */
const freshMs = 6 * hourMs;
const ranking: OutlookBasis[] = ["forecast", "last-good", "persistence", "mean", "none"];

/**
 * One value for each hour of the horizon. Degrades hour by hour: newest forecast → last good forecast → the same hour
 * of the last day seen → the year's mean → null; `basis` is the worst that was used.
 */
export function assembleSeries(
  known: KnownSeries,
  horizonStartMs: number,
  hours: number,
  nowMs: number,
): { values: (number | null)[]; basis: OutlookBasis } {
  let worst = 0;
  const values = Array.from({ length: hours }, (_, h) => {
    const { value, basis } = valueAt(known, horizonStartMs + h * hourMs, nowMs);
    worst = Math.max(worst, ranking.indexOf(basis));
    return value;
  });
  return { values, basis: ranking[worst]! };
}

function valueAt(known: KnownSeries, timeMs: number, nowMs: number): { value: number | null; basis: OutlookBasis } {
  const forecast = known.forecast.get(timeMs);
  if (forecast)
    return { value: forecast.value, basis: nowMs - forecast.issuedAtMs <= freshMs ? "forecast" : "last-good" };
  const same = known.sameHour.get(new Date(timeMs).getUTCHours());
  if (same !== undefined) return { value: same, basis: "persistence" };
  return known.mean === null ? { value: null, basis: "none" } : { value: known.mean, basis: "mean" };
}
