import { hourUs } from "../units.ts";
import type { EnergyReading } from "./types.ts";

/** Readings further apart than this many intervals have a gap between them (telemetry.md, "Energy" 2). */
export const gapIntervals = 3;

/** The longest distance of two readings between which a device with this interval was heard all the time, µs. */
export const gapLimitUs = (intervalS: number) => gapIntervals * intervalS * 1e6;

/**
 * Whether something is missing between two neighbouring readings of a counter. History that is filled in later comes
 * with one counter reading an hour: a `backfilled` reading stands for an interval of one hour of its own, and half an
 * hour of lateness is forgiven it. So an hour between two such readings is measured, one without any is not.
 */
export function isCounterGap(a: EnergyReading, b: EnergyReading, intervalS: number): boolean {
  const historical = a.quality === "backfilled" || b.quality === "backfilled";
  return b.timeUs - a.timeUs > Math.max(gapLimitUs(intervalS), historical ? 1.5 * hourUs : 0);
}
