import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { facilityMilliWh } from "./facility.ts";
import { apportion, energyMix } from "./mix.ts";
import type { EnergyMix } from "./types.ts";

const none = { hydro: 0, wind: 0, solar: 0 };
const zone = { mixHydro: 0.5, mixWind: 0.1, mixSolar: 0.1, mixNuclear: 0.05, mixOtherRenewable: 0.05, mixFossil: 0.2 };
const total = (mix: EnergyMix) => Object.values(mix).reduce((sum, part) => sum + part, 0);

describe("energyMix", () => {
  it("splits the grid by the zone's mix and takes own sources by their meters", () => {
    expect(energyMix({ grid: 1_000, hydro: 300, generator: 20 }, none, zone)).toEqual({
      hydro: 800,
      wind: 100,
      solar: 100,
      nuclear: 50,
      otherRenewable: 50,
      fossil: 200,
      generator: 20,
      storage: 0,
      unknown: 0,
    });
  });

  it("counts energy under contract as its source, and at most what the grid gave", () => {
    expect(energyMix({ grid: 1_000 }, { ...none, wind: 800 }, zone)).toMatchObject({
      wind: 820,
      hydro: 100,
      fossil: 40,
    });
    expect(energyMix({ grid: 1_000 }, { ...none, wind: 3_000, solar: 1_000 }, zone)).toMatchObject({
      wind: 750,
      solar: 250,
      hydro: 0,
      fossil: 0,
    });
  });

  it("lets export and charging leave pro rata, and keeps storage a source of its own", () => {
    // 600 wind + 400 solar − 100 export − 100 charge: 800 by 60 : 40.
    const surplus = energyMix({ grid: 0, gridExport: 100, wind: 600, solar: 400, batteryCharge: 100 }, none, zone);
    expect(surplus).toMatchObject({ wind: 480, solar: 320, storage: 0, fossil: 0 });
    expect(energyMix({ grid: 100, batteryDischarge: 50, batteryCharge: 10 }, none, zone)).toMatchObject({
      storage: 40,
    });
  });

  it("is unknown where the zone does not say, where its shares are no mix, and where a contract's meter is silent", () => {
    expect(energyMix({ grid: 1_000 }, none, {})).toMatchObject({ unknown: 1_000 });
    expect(energyMix({ grid: 1_000 }, none, { mixHydro: 0.5, mixFossil: 0.3 })).toMatchObject({
      hydro: 500,
      unknown: 200,
    });
    expect(energyMix({ grid: 1_000 }, none, { mixHydro: 0.9, mixFossil: 0.9 })).toMatchObject({
      hydro: 0,
      unknown: 1_000,
    });
    expect(energyMix({ grid: 1_000 }, null, zone)).toMatchObject({ hydro: 0, unknown: 1_000 });
    // Off by rounding only.
    expect(energyMix({ grid: 1_000 }, none, { mixHydro: 0.6, mixFossil: 0.398 })).toMatchObject({ unknown: 0 });
  });

  it("does not exist when more flowed out than in", () => {
    expect(energyMix({ grid: 10, gridExport: 20 }, none, zone)).toBeNull();
  });

  it("sums to the facility energy exactly, whatever flows", () => {
    const energy = fc.integer({ min: 0, max: 5e12 });
    const share = fc.double({ min: 0, max: 0.25, noNaN: true });
    fc.assert(
      fc.property(
        fc.record(
          {
            grid: energy,
            gridExport: energy,
            hydro: energy,
            wind: energy,
            solar: energy,
            generator: energy,
            batteryCharge: energy,
            batteryDischarge: energy,
          },
          { requiredKeys: [] },
        ),
        fc.record({ hydro: energy, wind: energy, solar: energy }),
        fc.record({ mixHydro: share, mixWind: share, mixSolar: share, mixFossil: share }, { requiredKeys: [] }),
        (parts, claims, mixOfZone) => {
          const mix = energyMix(parts, claims, mixOfZone);
          const facility = facilityMilliWh(parts);
          if (facility < 0) {
            expect(mix).toBeNull();
            return;
          }
          expect(total(mix!)).toBe(facility);
          for (const part of Object.values(mix!)) {
            expect(Number.isSafeInteger(part)).toBe(true);
            expect(part).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

it("apportions by the largest remainder", () => {
  expect(apportion(10, [1, 1, 1])).toEqual([4, 3, 3]);
  expect(apportion(7, [0, 2, 1])).toEqual([0, 5, 2]);
  expect(apportion(7, [0, 0])).toEqual([0, 0]);
});
