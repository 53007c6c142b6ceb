import type { PueModel } from "../placement/types.ts";

/** One hour of a centre as it was measured. */
export type PueHour = { pue: number; itWh: number; facilityWh: number; wetBulbC: number | null; ageHours: number };

const leastHours = 24;
const leastWetBulbSpreadC = 1;
/** Load must have varied by this share for its effect to be told from noise. */
const leastLoadSpread = 0.05;

/**
 * A centre's PUE model from its own hours: least squares of PUE over wet bulb and inverse IT load where they varied
 * enough; else the ratio of the last 24 hours; else its target, which is a wish and is named so.
 * The answer is held within what was observed, widened by 0.02.
 */
export function pueModel(hours: readonly PueHour[], target: number): PueModel {
  const known = hours.filter((hour) => hour.wetBulbC !== null && hour.itWh > 0);
  const bounds = {
    minimum: Math.max(1, Math.min(...hours.map((h) => h.pue)) - 0.02),
    maximum: Math.max(...hours.map((h) => h.pue)) + 0.02,
  };
  if (known.length >= leastHours && spread(known.map((h) => h.wetBulbC!)) >= leastWetBulbSpreadC) {
    const inverse = known.map((h) => 1_000 / h.itWh);
    const withLoad = known.length >= 2 * leastHours && spread(inverse) >= leastLoadSpread * mean(inverse);
    const fit = leastSquares(
      known.map((h, i) => (withLoad ? [1, h.wetBulbC!, inverse[i]!] : [1, h.wetBulbC!])),
      known.map((h) => h.pue),
    );
    // Cooling never gets cheaper in damper heat, nor a fixed load negative: such a fit has learnt noise.
    if (fit && fit[1]! >= 0 && (fit[2] ?? 0) >= 0) {
      return {
        method: "regression",
        base: fit[0]!,
        perWetBulbC: fit[1]!,
        perInverseLoadKw: fit[2] ?? 0,
        ...bounds,
        samples: known.length,
      };
    }
  }
  const recent = hours.filter((hour) => hour.ageHours <= 24 && hour.itWh > 0);
  if (recent.length) {
    const ratio = sum(recent.map((h) => h.facilityWh)) / sum(recent.map((h) => h.itWh));
    return {
      method: "recent-ratio",
      base: ratio,
      perWetBulbC: 0,
      perInverseLoadKw: 0,
      minimum: 1,
      maximum: Math.max(ratio, 1),
      samples: recent.length,
    };
  }
  return {
    method: "target",
    base: target,
    perWetBulbC: 0,
    perInverseLoadKw: 0,
    minimum: 1,
    maximum: target,
    samples: 0,
  };
}

/** Coefficients of ordinary least squares by the normal equations; undefined when they have no single solution. */
export function leastSquares(rows: readonly number[][], values: readonly number[]): number[] | undefined {
  const n = rows[0]?.length ?? 0;
  const system = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => sum(rows.map((row) => row[i]! * row[j]!))),
    sum(rows.map((row, k) => row[i]! * values[k]!)),
  ]);
  for (let i = 0; i < n; i++) {
    const pivot = system
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(system[best]![i]!) ? i + k : best), i);
    if (Math.abs(system[pivot]![i]!) < 1e-12) return undefined;
    [system[i], system[pivot]] = [system[pivot]!, system[i]!];
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = system[k]![i]! / system[i]![i]!;
      for (let j = i; j <= n; j++) system[k]![j]! -= factor * system[i]![j]!;
    }
  }
  return system.map((row, i) => row[n]! / row[i]!);
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
/** Standard deviation. */
function spread(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
