import { expect, it } from "vitest";
import { digitsOf, niceAxis } from "./scales.ts";

it("writes every tick of an axis as the number that it is", () => {
  for (const maximum of [0.0003, 0.07, 0.9, 1, 2.3, 8, 9.9, 10, 61, 240, 9_000]) {
    const { step, ticks } = niceAxis(maximum);
    const digits = digitsOf(step);
    for (const tick of ticks) expect(Number(tick.toFixed(digits))).toBeCloseTo(tick, 9);
    expect(new Set(ticks.map((tick) => tick.toFixed(digits))).size).toBe(ticks.length);
  }
  expect([digitsOf(2.5), digitsOf(5), digitsOf(0.25), digitsOf(25)]).toEqual([1, 0, 2, 0]);
});
