import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batteryWish, oneWayEfficiency, storedAfter } from "./battery.ts";
import { centrePower, type Site } from "./centre-power.ts";
import { climateAt } from "./climate.ts";
import { coolingPowerW } from "./cooling.ts";
import { foretell } from "./forecast.ts";
import { gpuModel, gpuPowerW, jobPowerW, rackLoadModel } from "./gpu-power.ts";
import { zoneModel } from "./grid-zone.ts";
import { fractal, smooth, streamOf, uniform } from "./noise.ts";
import { solarShare } from "./plants.ts";
import { solarHour, sunElevationSine } from "./sun.ts";
import { dayMs, hourMs } from "./units.ts";
import { weatherModel, wetBulbC } from "./weather.ts";

const guangzhou = { latitude: 23.16, longitude: 113.46, altitudeM: 25 };
const qinghai = { latitude: 36.28, longitude: 100.62, altitudeM: 2_840 };
const anyTime = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("noise", () => {
  it("is a function of seed, name and time, and differs by each", () => {
    const [a, b, c] = [streamOf(1, "x"), streamOf(2, "x"), streamOf(1, "y")];
    const series = (stream: number) => Array.from({ length: 50 }, (_, at) => smooth(stream, at * 1_000, 3_700));
    expect(series(a)).toEqual(series(streamOf(1, "x")));
    expect(series(a)).not.toEqual(series(b));
    expect(series(a)).not.toEqual(series(c));
  });

  it("stays within [−1, 1], has no jumps, and its uniform is uniform", () => {
    const stream = streamOf(7, "n");
    fc.assert(
      fc.property(anyTime, (timeMs) => {
        const [now, soon] = [fractal(stream, timeMs, hourMs, 4), fractal(stream, timeMs + 100, hourMs, 4)];
        expect(Math.abs(now)).toBeLessThanOrEqual(1);
        expect(Math.abs(now - soon)).toBeLessThan(0.02);
      }),
    );
    const draws = Array.from({ length: 20_000 }, (_, at) => uniform(stream, at));
    expect(draws.reduce((sum, value) => sum + value, 0) / draws.length).toBeCloseTo(0.5, 1);
    expect(draws.filter((value) => value < 0.1).length / draws.length).toBeCloseTo(0.1, 1);
  });
});

describe("sky and air", () => {
  it("the sun stands highest at solar noon, and never rises at night", () => {
    const noonMs = Date.UTC(2026, 5, 21, 12) - (guangzhou.longitude / 15) * hourMs;
    expect(solarHour(guangzhou, noonMs)).toBeCloseTo(12, 6);
    // On the June solstice at 23.16° N the sun is nearly overhead.
    expect(sunElevationSine(guangzhou, noonMs)).toBeGreaterThan(0.999);
    expect(sunElevationSine(guangzhou, noonMs + 12 * hourMs)).toBeLessThan(0);
    const weather = weatherModel(3, guangzhou)(noonMs + 12 * hourMs);
    expect([weather.sun, solarShare(weather)]).toEqual([0, 0]);
  });

  it("wet bulb: Stull's published example, and never above the dry bulb", () => {
    expect(wetBulbC(20, 50)).toBeCloseTo(13.7, 1);
    const [temperature, humidity] = [
      fc.double({ min: -25, max: 45, noNaN: true }),
      fc.double({ min: 12, max: 97, noNaN: true }),
    ];
    fc.assert(
      fc.property(temperature, humidity, (dry, rh) => {
        expect(wetBulbC(dry, rh)).toBeLessThanOrEqual(dry);
      }),
    );
  });

  it("a place at another altitude is colder by the lapse rate", () => {
    const high = climateAt({ ...guangzhou, altitudeM: 1_020 });
    expect(climateAt({ ...guangzhou, altitudeM: 20 }).temperatureC[6]! - high.temperatureC[6]!).toBeCloseTo(6.5, 6);
  });
});

describe("plant of a centre", () => {
  const weather = (wet: number) => ({
    dryBulbC: wet + 4,
    wetBulbC: wet,
    humidityPercent: 60,
    cloud: 0.5,
    sun: 0,
    wind: 0,
  });

  it("cooling costs more in damp heat and never less than nothing", () => {
    for (const kind of ["air", "hybrid", "liquid"] as const) {
      const at = (wet: number) => coolingPowerW(kind, 100_000, 200_000, weather(wet), 0);
      for (let wet = -20; wet < 30; wet++) {
        expect(at(wet)).toBeGreaterThan(0);
        expect(at(wet + 1)).toBeGreaterThanOrEqual(at(wet));
      }
      expect(at(26)).toBeGreaterThan(1.5 * at(-10));
    }
  });

  it("a battery never charges and discharges at once, keeps its reserve, and loses what conversion loses", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 24, noNaN: true }),
        share,
        fc.double({ min: 0, max: 5e5, noNaN: true }),
        (hour, stored, surplusW) => {
          const { chargeW, dischargeW } = batteryWish(hour, stored, 100_000, surplusW);
          expect(chargeW * dischargeW).toBe(0);
          expect(Math.max(chargeW, dischargeW)).toBeLessThanOrEqual(100_000);
          if (stored <= 0.72) expect(dischargeW).toBe(0);
          if (stored >= 0.96) expect(chargeW).toBe(0);
        },
      ),
    );
    const [full, rest] = [storedAfter(0, 1e6, 1_000, 0, 100), storedAfter(0, 1e6, 0, 0, 100)];
    expect(rest).toBe(0);
    expect(full).toBeCloseTo(1_000 * 100 * oneWayEfficiency - 1e6 * 0.0002 * 100, 6);
  });

  const site: Site = {
    altitudeM: 0,
    powerCapW: 200_000,
    halls: [
      { cooling: "air", racks: [0, 2], ratedItW: 40_000 },
      { cooling: "liquid", racks: [1], ratedItW: 20_000 },
    ],
    racks: 3,
    plants: { solar: [30_000, 5_000], wind: [80_000], hydro: [60_000] },
    battery: { ratedW: 50_000, capacityWh: 200_000 },
    heatReuseRatedW: 10_000,
  };

  it("balances to the last milliwatt, whatever the weather, the load and the plants do", () => {
    const watts = fc.double({ min: 0, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(watts, { minLength: 3, maxLength: 3 }),
        fc.record({ solar: share, wind: share, hydro: fc.array(share, { minLength: 1, maxLength: 1 }) }),
        fc.double({ min: -25, max: 32, noNaN: true }),
        share,
        fc.double({ min: 0, max: 23.99, noNaN: true }),
        (racks, available, wet, stored, hour) => {
          const power = centrePower(site, weather(wet), available, racks, (rack) => 0.4 + 0.1 * rack, stored, hour);
          const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
          const { solar, wind, hydro } = power.plants;
          const supplied = power.grid + sum(solar) + sum(wind) + sum(hydro) + power.discharge - power.charge;
          const upsInput = sum(power.upsOutput) + sum(power.upsLoss);
          expect(supplied).toBe(upsInput + sum(power.cooling) + power.lighting + power.losses);
          expect(supplied).toBe(power.facility);
          for (const value of [power.grid, ...solar, ...wind, ...hydro, power.charge, power.discharge]) {
            expect(Number.isInteger(value)).toBe(true);
            expect(value).toBeGreaterThanOrEqual(0);
          }
          const feeds = sum(power.racks.map(({ a, b }) => a + b));
          expect(Math.abs(feeds / 1_000 - sum(racks))).toBeLessThan(0.01);
          expect(sum(power.upsOutput)).toBeGreaterThanOrEqual(feeds);
          expect(sum(wind)).toBeLessThanOrEqual(Math.round(80_000_000 * available.wind));
        },
      ),
    );
  });
});

describe("GPUs", () => {
  const gpu = gpuModel(5, "r", 3, 700);

  it("idle at 60 to 80 W, full near their rating, a job within 2 % of what was said", () => {
    fc.assert(
      fc.property(anyTime, (timeMs) => {
        expect(gpuPowerW(gpu, 0, timeMs)).toBeGreaterThan(58);
        expect(gpuPowerW(gpu, 0, timeMs)).toBeLessThan(80);
        expect(gpuPowerW(gpu, 1, timeMs)).toBeGreaterThan(660);
        expect(gpuPowerW(gpu, 1, timeMs)).toBeLessThanOrEqual(700);
        expect(Math.abs(jobPowerW(gpu, 490, timeMs) / 490 - 1)).toBeLessThanOrEqual(0.021);
      }),
    );
  });

  it("past work ends with the past", () => {
    const endMs = Date.UTC(2026, 10, 24, 11, 17);
    const load = rackLoadModel(1, "r", qinghai, endMs);
    const busy = (fromMs: number, toMs: number) => {
      let sum = 0;
      for (let timeMs = fromMs; timeMs < toMs; timeMs += 60_000) sum += load.pastBusy(timeMs, 11);
      return sum;
    };
    expect(busy(endMs - 10 * dayMs, endMs)).toBeGreaterThan(0);
    expect(busy(endMs, endMs + 3 * dayMs)).toBe(0);
    // Nothing is cut off: whoever worked in the last hours had finished.
    expect(busy(endMs - 60_000, endMs)).toBe(0);
  });
});

describe("grid zones", () => {
  it("mixes sum to 1 exactly, the residual is dirtier than the mean, and provinces differ as they do", () => {
    const mean: Record<string, number> = {};
    for (const [zone, place] of [
      ["CN-GD", guangzhou],
      ["CN-QH", qinghai],
      ["XX", guangzhou],
    ] as const) {
      const model = zoneModel(1, zone, place);
      let sum = 0;
      for (let hour = 0; hour < 8_760; hour += 7) {
        const at = model(Date.UTC(2026, 0, 1) + hour * hourMs);
        const mix = at.mixHydro + at.mixWind + at.mixSolar + at.mixNuclear + at.mixOtherRenewable + at.mixFossil;
        expect(mix).toBeCloseTo(1, 12);
        expect(at.mixFossil).toBeGreaterThan(0);
        expect(at.carbonResidualGPerKwh).toBeGreaterThan(at.carbonLocationGPerKwh);
        expect(at.priceUsdPerMwh).toBeGreaterThan(0);
        sum += at.carbonLocationGPerKwh;
      }
      mean[zone] = sum / Math.ceil(8_760 / 7);
    }
    expect(mean["CN-QH"]).toBeLessThan(250);
    expect(mean["CN-GD"]).toBeGreaterThan(330);
    expect(mean["CN-GD"]).toBeLessThan(470);
  });
});

describe("forecasts", () => {
  it("err more the further they look, without a bias, inside their band about eight times in ten", () => {
    const rms: Record<number, number> = {};
    for (const leadH of [1, 12, 72]) {
      let [squares, sum, inside, count] = [0, 0, 0, 0];
      for (let at = 0; at < 6_000; at++) {
        const issuedAtMs = Date.UTC(2026, 0, 1) + at * 3 * hourMs;
        const told = foretell(9, "CN-QH", "carbonLocationGPerKwh", 200, issuedAtMs + leadH * hourMs, issuedAtMs);
        squares += (told.value - 200) ** 2;
        sum += told.value - 200;
        inside += told.lower <= 200 && told.upper >= 200 ? 1 : 0;
        count++;
      }
      rms[leadH] = Math.sqrt(squares / count);
      expect(Math.abs(sum / count)).toBeLessThan(0.15 * rms[leadH]!);
      expect(inside / count).toBeGreaterThan(0.7);
      expect(inside / count).toBeLessThan(0.92);
    }
    expect(rms[12]!).toBeGreaterThan(2.5 * rms[1]!);
    expect(rms[72]!).toBeGreaterThan(1.8 * rms[12]!);
    // A day ahead 6 % of the value: 12 h ahead its root half.
    expect(rms[12]! / 200).toBeCloseTo(0.06 * Math.sqrt(0.5), 1);
  });
});
