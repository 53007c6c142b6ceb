import type { Quality } from "#db/schema/telemetry.ts";

/** A device's clock may be off by this much; beyond it its readings are `clock_suspect` (telemetry.md, "Every reading"). */
export const clockLimitMs = 5 * 60_000;
/** Raw readings are kept no longer than this (db/timeseries): older "history" is a clock in 1971. */
const oldestHistoryMs = 400 * 86_400_000;

export type JudgedTime = {
  /** Time of the reading, microseconds since 1970. */
  timeUs: number;
  /** Undefined: the clock gives no reason to doubt; the value decides. */
  quality: Extract<Quality, "clock_suspect" | "backfilled"> | undefined;
  /** Device clock − ours, where a live message says its time: for `Sink.seen`. */
  clockOffsetMs: number | undefined;
};

/**
 * The time of a reading from what its message says. Without a time it is the time of arrival. `historical` is said by
 * the protocol (Sparkplug's is_historical): then an old time is no fault of the clock.
 */
export function judgeTime(
  deviceTimeUs: number | null | undefined,
  receivedAtUs: number,
  { historical = false, limitMs = clockLimitMs }: { historical?: boolean; limitMs?: number } = {},
): JudgedTime {
  if (deviceTimeUs === null || deviceTimeUs === undefined) {
    return { timeUs: receivedAtUs, quality: undefined, clockOffsetMs: undefined };
  }
  const timeUs = Math.round(deviceTimeUs);
  const offsetMs = (timeUs - receivedAtUs) / 1_000;
  if (historical) {
    const plausible = offsetMs <= limitMs && offsetMs >= -oldestHistoryMs;
    return { timeUs, quality: plausible ? "backfilled" : "clock_suspect", clockOffsetMs: undefined };
  }
  const suspect = Math.abs(offsetMs) > limitMs;
  return { timeUs, quality: suspect ? "clock_suspect" : undefined, clockOffsetMs: offsetMs };
}
