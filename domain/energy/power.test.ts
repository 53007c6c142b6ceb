import fc from "fast-check";
import { expect, it } from "vitest";
import { powerEntries } from "./power.ts";
import type { EnergyReading } from "./types.ts";

const start = Date.UTC(2026, 10, 23, 10) * 1_000;
const at = (s: number, value: number): EnergyReading => ({ timeUs: start + s * 1e6, value, quality: "good" });
const traits = { intervalS: 10 };

it("integrates power by trapezoid and says so", () => {
  // 0 → 3.6 kW over 100 s, then 3.6 kW for 100 s: 50 + 100 Wh.
  const readings = Array.from({ length: 21 }, (_, i) => at(i * 10, Math.min(3_600, i * 360)));
  expect(powerEntries(readings, traits)).toEqual([
    {
      hourMs: start / 1_000,
      method: "integrated",
      energyMilliWh: 150_000,
      coveredS: 200,
      readings: 21,
      firstReadingUs: start,
      lastReadingUs: start + 200e6,
      notes: [],
    },
  ]);
});

it("cuts at the hour, where power is interpolated", () => {
  const [before, after] = powerEntries([at(-10, 0), at(10, 7_200)], { intervalS: 20 });
  expect([before!.energyMilliWh, after!.energyMilliWh]).toEqual([5_000, 15_000]);
  expect([before!.coveredS, after!.coveredS]).toEqual([10, 10]);
});

it("invents nothing across a gap of more than three intervals", () => {
  expect(powerEntries([at(0, 3_600), at(30, 3_600)], traits)).toMatchObject([{ energyMilliWh: 30_000, coveredS: 30 }]);
  expect(powerEntries([at(0, 3_600), at(31, 3_600)], traits)).toEqual([]);
  const [entry] = powerEntries([at(0, 3_600), at(10, 3_600), at(600, 3_600), at(610, 3_600)], traits);
  expect(entry).toMatchObject({ energyMilliWh: 20_000, coveredS: 20, readings: 4 });
});

it("keeps the sign: a battery that charges, a site that exports", () => {
  expect(powerEntries([at(0, -3_600), at(10, -3_600)], traits)).toMatchObject([{ energyMilliWh: -10_000 }]);
});

it("conserves: hours differ from the whole integral by rounding only", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: -5_000, max: 50_000 })), {
        minLength: 2,
        maxLength: 400,
      }),
      (steps) => {
        let s = 0;
        const readings = steps.map(([dt, power]) => {
          s += dt;
          return at(s, power);
        });
        const entries = powerEntries(readings, traits);
        const whole = readings
          .slice(1)
          .reduce(
            (sum, to, i) => sum + ((readings[i]!.value + to.value) / 2) * ((to.timeUs - readings[i]!.timeUs) / 3.6e6),
            0,
          );
        const parts = entries.reduce((sum, entry) => sum + entry.energyMilliWh, 0);
        expect(Math.abs(parts - whole)).toBeLessThanOrEqual(0.5 * entries.length + 1e-3);
      },
    ),
  );
});
