import { expect, it } from "vitest";
import { workedVectors } from "#test/support/worked-vectors.ts";
import { carbonContractG } from "./carbon-contract.ts";

const none = { hydro: 0, wind: 0, solar: 0 };

it("counts what is not under contract at the residual factor: (100 − 80) kWh × 600 g", () => {
  expect(carbonContractG({ grid: 100e6 }, { ...none, wind: 80e6 }, { carbonResidualGPerKwh: 600 })).toBeCloseTo(
    12_000,
    9,
  );
});

it("covers no more than the grid gave in the hour", () => {
  expect(carbonContractG({ grid: 100e6 }, { ...none, wind: 500e6 }, {})).toBe(0);
});

it("is not known without a residual factor or with a silent contract", () => {
  expect(carbonContractG({ grid: 100e6 }, none, {})).toBeNull();
  expect(carbonContractG({ grid: 100e6 }, null, { carbonResidualGPerKwh: 600 })).toBeNull();
});

it.each(workedVectors("s2-dual"))("agrees with the worked vector $id", ({ in: given, expect: want }) => {
  const grams = carbonContractG(
    { grid: given.kWh! * 1e6 },
    { ...none, wind: given.cert_kWh! * 1e6 },
    { carbonResidualGPerKwh: given.residual_kg_per_kWh! * 1e3 },
  );
  expect(grams! / 1e6).toBeCloseTo((want as Record<string, number>).MB_t!, 9);
});
