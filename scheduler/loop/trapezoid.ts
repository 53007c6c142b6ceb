/** One power sample, W at ms. */
export type PowerSample = { timeMs: number; powerW: number };

/**
 * Energy of a power series over [startMs, endMs) by the trapezoid rule, in milliwatt-hours. Between samples power is
 * linear; before the first and after the last it is held, for at most `holdMs`: what lies further out is not covered.
 * @returns energy and the seconds that it covers.
 */
export function trapezoidMilliWh(
  samples: readonly PowerSample[],
  startMs: number,
  endMs: number,
  holdMs: number,
): { milliWh: number; coveredS: number } {
  const sorted = [...samples].sort((a, b) => a.timeMs - b.timeMs);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || endMs <= startMs) return { milliWh: 0, coveredS: 0 };
  const held = [
    { timeMs: first.timeMs - holdMs, powerW: first.powerW },
    ...sorted,
    { timeMs: last.timeMs + holdMs, powerW: last.powerW },
  ];
  let [wattMs, coveredMs] = [0, 0];
  for (let i = 1; i < held.length; i++) {
    const [a, b] = [held[i - 1]!, held[i]!];
    const [from, to] = [Math.max(a.timeMs, startMs), Math.min(b.timeMs, endMs)];
    // A gap longer than twice the hold is nobody's measurement.
    if (to <= from || b.timeMs - a.timeMs > 2 * holdMs) continue;
    const at = (timeMs: number) => a.powerW + ((b.powerW - a.powerW) * (timeMs - a.timeMs)) / (b.timeMs - a.timeMs);
    wattMs += ((at(from) + at(to)) / 2) * (to - from);
    coveredMs += to - from;
  }
  return { milliWh: wattMs / 3_600, coveredS: coveredMs / 1_000 };
}
