import { expect, it } from "vitest";
import { costMicroUsd } from "./cost.ts";

const tariff = { adderUsdPerMwh: 10, ownSupplyUsdPerMwh: 0 };

it("is grid energy × (price + adder): 2 MWh × (40 + 10) USD/MWh = 100 USD", () => {
  expect(costMicroUsd({ grid: 2e9, wind: 5e9 }, { priceUsdPerMwh: 40 }, tariff)).toBe(100_000_000);
});

it("adds energy of own plants at their price: 100 USD + (4 + 1) MWh × 30 USD/MWh = 250 USD", () => {
  const parts = { grid: 2e9, hydro: 4e9, solar: 1e9, batteryDischarge: 3e9 };
  expect(costMicroUsd(parts, { priceUsdPerMwh: 40 }, { ...tariff, ownSupplyUsdPerMwh: 30 })).toBe(250_000_000);
});

it("keeps a negative price, and is not known without one", () => {
  expect(costMicroUsd({ grid: 1e9 }, { priceUsdPerMwh: -30 }, tariff)).toBe(-20_000_000);
  expect(costMicroUsd({ grid: 1e9 }, {}, tariff)).toBeNull();
  expect(costMicroUsd({ wind: 1e9 }, {}, tariff)).toBe(0);
});
