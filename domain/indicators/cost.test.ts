import { expect, it } from "vitest";
import { costMicroUsd } from "./cost.ts";

it("is grid energy × (price + adder): 2 MWh × (40 + 10) USD/MWh = 100 USD", () => {
  expect(costMicroUsd({ grid: 2e9, wind: 5e9 }, { priceUsdPerMwh: 40 }, 10)).toBe(100_000_000);
});

it("keeps a negative price, and is not known without one", () => {
  expect(costMicroUsd({ grid: 1e9 }, { priceUsdPerMwh: -30 }, 10)).toBe(-20_000_000);
  expect(costMicroUsd({ grid: 1e9 }, {}, 10)).toBeNull();
  expect(costMicroUsd({ wind: 1e9 }, {}, 10)).toBe(0);
});
