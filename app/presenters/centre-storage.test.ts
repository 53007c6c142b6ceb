import { describe, expect, it } from "vitest";
import { centreRow, hour, meter, nowMs } from "./centre.fixture.ts";
import { heatOf, storageNow, waterOf } from "./centre-storage.ts";
import { hourMs } from "./hours.ts";
import { powerNow } from "./power-now.ts";

const soc = meter("battery", "battery", 80, { quantity: "stateOfCharge", unit: "%" });
const loaded = powerNow([meter("grid", "grid", 80_000), soc], 2, nowMs);

describe("storageNow", () => {
  it("is what is stored over what the facility draws now", () => {
    expect(storageNow(centreRow, loaded)).toMatchObject({ usableWh: 320_000, autonomyH: 4, targetPercent: 80 });
  });
  it("has no hours while the load or the charge is not known", () => {
    expect(storageNow(centreRow, powerNow([soc], 2, nowMs))?.autonomyH).toBeNull();
    expect(storageNow(centreRow, powerNow([meter("grid", "grid", 1)], 2, nowMs))?.autonomyH).toBeNull();
    expect(storageNow({ ...centreRow, storageCapacityWh: 0 }, loaded)).toBeNull();
  });
});

describe("heatOf", () => {
  it("compares reused heat with energy of the same hours only", () => {
    const hours = [hour(2, 120, 100, { parts: { heatReuse: 10e6 } }), hour(1, 120, 100)];
    const heat = heatOf(hours, loaded, true, 0.3);
    expect(heat?.uplift).toBeCloseTo(0.1, 12);
    expect(heat?.erf).toBeCloseTo(10 / 120, 12);
    expect(heatOf(hours, loaded, false, 0.3)).toBeNull();
  });
});

describe("waterOf", () => {
  const span = { deviceId: "w", first: 1_000, firstAtMs: nowMs - 10 * hourMs, last: 2_000, lastAtMs: nowMs };
  const hours = Array.from({ length: 10 }, (_, index) => hour(index + 1, 120, 100));
  it("divides litres by the IT energy of the counters' own span", () => {
    expect(waterOf([span], hours)).toMatchObject({ litres: 1_000, lPerKwh: 1 });
  });
  it("gives no figure for a counter that went backwards", () => {
    expect(waterOf([{ ...span, last: 10 }], hours)).toMatchObject({ litres: null, lPerKwh: null });
  });
});
