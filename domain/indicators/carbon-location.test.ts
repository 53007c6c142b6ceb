import { expect, it } from "vitest";
import { workedVectors } from "#test/support/worked-vectors.ts";
import { carbonLocationG } from "./carbon-location.ts";

it("is grid energy × the zone's factor, plus a generator's fuel: 100 kWh × 500 g + 10 kWh × 762.2 g", () => {
  const parts = { grid: 100e6, wind: 900e6, generator: 10e6, batteryDischarge: 50e6 };
  expect(carbonLocationG(parts, { carbonLocationGPerKwh: 500 })).toBeCloseTo(50_000 + 7_622, 9);
});

it("is not known without a factor, and 0 where the grid gave nothing", () => {
  expect(carbonLocationG({ grid: 1 }, {})).toBeNull();
  expect(carbonLocationG({ grid: 0, wind: 5 }, {})).toBe(0);
});

it.each(workedVectors("s2-dual"))("agrees with the worked vector $id", ({ in: given, expect: want }) => {
  const grams = carbonLocationG({ grid: given.kWh! * 1e6 }, { carbonLocationGPerKwh: given.grid_kg_per_kWh! * 1e3 });
  expect(grams! / 1e6).toBeCloseTo((want as Record<string, number>).LB_t!, 9);
});
