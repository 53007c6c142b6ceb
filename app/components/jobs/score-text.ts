import type { Format } from "../../use-format.ts";

/** More than this no score needs: micro-points are whole. */
const mostDigits = 6;

/** Digits that scores of one table share: enough for the largest, and so many that those that differ look different. */
export function scoreDigits(microPoints: readonly number[]): number {
  const values = [...new Set(microPoints)];
  const size = Math.max(0, ...values.map(Math.abs)) / 1e6;
  const least = size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3;
  for (let digits = least; digits < mostDigits; digits++)
    if (new Set(values.map((value) => (value / 1e6).toFixed(digits))).size === values.length) return digits;
  return mostDigits;
}

/** A score in points (a policy's weights; one micro-point is one micro-USD of `beta` 1), by its own size or with the digits of its table. */
export function scoreText(microPoints: number, format: Format, digits = scoreDigits([microPoints, 0])): string {
  return format.number(microPoints / 1e6, digits);
}
