import { describe, expect, it } from "vitest";
import { meter, nowMs } from "./centre.fixture.ts";
import { mixNow, powerNow, sumMix } from "./power-now.ts";

const zone = { mixHydro: 0.25, mixFossil: 0.75 };

describe("powerNow", () => {
  it("adds what reaches the main bus: import, plants, discharge; less export and charge", () => {
    const power = powerNow(
      [
        meter("grid", "grid", -10_000),
        meter("hydro", "hydro", 80_000),
        meter("solar", "solar", 50_000),
        meter("battery", "battery", -20_000),
        meter("a", "rack_feed", 40_000),
        meter("b", "rack_feed", 40_000),
      ],
      2,
      nowMs,
    );
    expect(power.facilityW).toBe(100_000);
    expect(power.itW).toBe(80_000);
    expect(power.pue).toBe(1.25);
  });

  it("leaves plants under contract out of the bus and keeps them as a claim", () => {
    const power = powerNow(
      [
        meter("grid", "grid", 100_000),
        meter("far-hydro", "hydro", 90_000, { supply: "grid-contract" }),
        meter("ups", "ups", 80_000),
      ],
      1,
      nowMs,
    );
    expect(power.facilityW).toBe(100_000);
    expect(power.contractW).toEqual({ hydro: 90_000, wind: 0, solar: 0 });
    const mix = mixNow(power, zone);
    expect(mix.hydro).toBeCloseTo(90_000 + 0.25 * 10_000, 0);
    expect(mix.grid).toBeCloseTo(7_500, 0);
  });

  it("knows no PUE while one feed is silent, and says since when; the sum is never of the rest", () => {
    const silentSinceMs = nowMs - 10 * 60_000;
    const power = powerNow(
      [
        meter("grid", "grid", 100_000),
        meter("a", "rack_feed", 40_000),
        meter("b", "rack_feed", 40_000, { receivedAtMs: silentSinceMs }),
        meter("cooling", "cooling", 5_000, { receivedAtMs: null, value: null }),
      ],
      2,
      nowMs,
    );
    expect(power.itW).toBeNull();
    expect(power.pue).toBeNull();
    expect(power.silent).toEqual([{ deviceId: "b", sinceMs: silentSinceMs }]);
    expect(power.silentBeside).toEqual([{ deviceId: "cooling", role: "cooling", sinceMs: null }]);
  });

  it("counts a sentinel as silence and a reading of three intervals as fresh", () => {
    const at = (receivedAtMs: number, quality: "good" | "sentinel" = "good") =>
      powerNow([meter("grid", "grid", 1, { intervalS: 60, receivedAtMs, quality })], 2, nowMs).facilityW;
    expect(at(nowMs - 180_000)).toBe(1);
    expect(at(nowMs - 180_001)).toBeNull();
    expect(at(nowMs, "sentinel")).toBeNull();
  });

  it("names what there is no meter of", () => {
    expect(powerNow([meter("t", "weather", 3)], 2, nowMs).lacks).toEqual(["facility", "it"]);
    expect(powerNow([meter("grid", "grid", 3)], 2, nowMs).lacks).toEqual(["it"]);
  });
});

describe("mixNow", () => {
  it("sums to the facility's power, and what the zone does not state is unknown", () => {
    const power = powerNow([meter("grid", "grid", 60_000), meter("wind", "wind", 40_000)], 2, nowMs);
    const mix = mixNow(power, { mixHydro: 0.25 });
    expect(sumMix(mix)).toBeCloseTo(100_000, 6);
    expect(mix.unknown).toBeCloseTo(45_000, 6);
  });

  it("is nothing while a supply meter is silent", () => {
    const power = powerNow(
      [meter("grid", "grid", 60_000, { receivedAtMs: null, value: null }), meter("wind", "wind", 40_000)],
      2,
      nowMs,
    );
    expect(sumMix(mixNow(power, zone))).toBe(0);
  });
});
