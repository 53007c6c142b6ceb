import { hourMs } from "#domain/units.ts";

/** Hours [fromMs, toMs) of one device. */
export type HourRange = { deviceId: string; fromMs: number; toMs: number };

/** Hours this far apart are derived in one go: their neighbourhoods meet anyway. */
const joinMs = 3 * hourMs;

/** Merges dirty hours by device into few ranges. */
export function rangesOf(hours: { deviceId: string; hourMs: number }[]): HourRange[] {
  const sorted = hours.toSorted((a, b) =>
    a.deviceId === b.deviceId ? a.hourMs - b.hourMs : a.deviceId < b.deviceId ? -1 : 1,
  );
  const ranges: HourRange[] = [];
  for (const { deviceId, hourMs: hour } of sorted) {
    const last = ranges.at(-1);
    if (last && last.deviceId === deviceId && hour - last.toMs < joinMs) last.toMs = Math.max(last.toMs, hour + hourMs);
    else ranges.push({ deviceId, fromMs: hour, toMs: hour + hourMs });
  }
  return ranges;
}

/** Ranges of a device that overlap become one. */
export function mergeRanges(ranges: HourRange[]): HourRange[] {
  const sorted = ranges.toSorted((a, b) =>
    a.deviceId === b.deviceId ? a.fromMs - b.fromMs : a.deviceId < b.deviceId ? -1 : 1,
  );
  const merged: HourRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last && last.deviceId === range.deviceId && range.fromMs <= last.toMs)
      last.toMs = Math.max(last.toMs, range.toMs);
    else merged.push({ ...range });
  }
  return merged;
}
