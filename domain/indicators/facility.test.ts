import { expect, it } from "vitest";
import { facilityMilliWh } from "./facility.ts";

it("adds what reaches the main bus: 500 − 20 + 100 + 50 + 30 + 10 + 40 − 60 = 650 kWh", () => {
  const parts = {
    grid: 500e6,
    gridExport: 20e6,
    hydro: 100e6,
    wind: 50e6,
    solar: 30e6,
    generator: 10e6,
    batteryDischarge: 40e6,
    batteryCharge: 60e6,
    it: 520e6,
    cooling: 90e6,
    heatReuse: 80e6,
  };
  expect(facilityMilliWh(parts)).toBe(650e6);
});
