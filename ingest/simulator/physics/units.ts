export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

/** 0 below `from`, 1 above `to`, smooth between. */
export function ramp(value: number, from: number, to: number): number {
  const part = clamp((value - from) / (to - from), 0, 1);
  return part * part * (3 - 2 * part);
}
