import type { DeviceState, MeterState } from "./types.ts";

/** Newest values may be this old to count as "now": three intervals, at least 30 s, as on the pages. */
const freshForMs = (intervalS: number) => Math.max(30_000, 3_000 * intervalS);

/** The value of a meter now, or undefined where nothing trustworthy is known. */
export function valueNow(meter: MeterState, device: DeviceState | undefined, nowMs: number): number | undefined {
  const { value, quality, receivedMs } = meter;
  if (!device || value === null || receivedMs === null) return undefined;
  if (quality === "sentinel" || quality === "out_of_range" || quality === "clock_suspect" || quality === "stale")
    return undefined;
  return nowMs - receivedMs <= freshForMs(device.intervalS) ? value : undefined;
}
