import { expect, it } from "vitest";
import { aggregateHours, type HourFigures } from "./aggregate.ts";

const hour = (over: Partial<HourFigures>): HourFigures => ({
  facilityMilliWh: 1_200,
  itMilliWh: 1_000,
  cleanShare: 0.8,
  carbonLocationG: 10,
  carbonContractG: 5,
  costMicroUsd: 7,
  coverage: 1,
  pueCategory: 2,
  ...over,
});

it("divides sums, and does not average ratios: (1,200 + 400) / (1,000 + 200), not (1.2 + 2) / 2", () => {
  const figures = aggregateHours([hour({}), hour({ facilityMilliWh: 400, itMilliWh: 200, cleanShare: 0.2 })], 4);
  expect(figures).toMatchObject({
    pue: 1_600 / 1_200,
    facilityMilliWh: 1_600,
    carbonLocationG: 20,
    coverage: 0.5,
    pueHours: 2,
  });
  expect(figures.cleanShare).toBeCloseTo((0.8 * 1_200 + 0.2 * 400) / 1_600, 12);
});

it("takes both energies from the same hours", () => {
  const figures = aggregateHours([hour({}), hour({ itMilliWh: null }), hour({ facilityMilliWh: null })], 3);
  expect(figures).toMatchObject({ pue: 1.2, facilityMilliWh: 2_400, itMilliWh: 2_000, pueHours: 1 });
});

it("mixes no categories and makes nothing of nothing", () => {
  expect(aggregateHours([hour({}), hour({ pueCategory: 1 })], 2).pue).toBeNull();
  expect(aggregateHours([], 0)).toMatchObject({ pue: null, facilityMilliWh: null, cleanShare: null, coverage: 0 });
});
