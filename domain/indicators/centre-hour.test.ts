import { describe, expect, it } from "vitest";
import { type CentreHourInput, centreHourOf } from "./centre-hour.ts";
import type { MeterHour } from "./meter-hour.ts";
import type { EnergyRole } from "./roles.ts";
import type { MeteredEnergy } from "./types.ts";

const hour = Date.UTC(2026, 10, 23, 10);
const entry = (kwh: number, over: Partial<MeteredEnergy> = {}): MeteredEnergy => ({
  method: "counter",
  energyMilliWh: kwh * 1e6,
  coveredS: 3_600,
  firstReadingMs: hour - 5_000,
  lastReadingMs: hour + 3_605_000,
  notes: [],
  ...over,
});
const meter = (
  deviceId: string,
  role: EnergyRole,
  energy: Record<string, MeteredEnergy[]>,
  over: Partial<MeterHour> = {},
): MeterHour => ({
  deviceId,
  role,
  supply: null,
  simulated: false,
  intervalS: 10,
  required: true,
  points: Object.entries(energy).map(([quantity, entries]) => ({
    quantity,
    entries,
    lastHeardMs: entries.length ? Math.min(hour + 3_600_000, entries[0]!.lastReadingMs) : null,
  })),
  ...over,
});
const until = (minutes: number) => ({ coveredS: minutes * 60, lastReadingMs: hour + minutes * 60_000 });
const grid = meter("grid", "grid", { energyImport: [entry(900)], energyExport: [entry(0)] });
const solar = meter("sun", "solar", { energyProduced: [entry(300)] }, { supply: "on-site" });
const racks = (b = entry(500)) => [
  meter("pdu-a", "rack_feed", { energyImport: [entry(500)] }),
  meter("pdu-b", "rack_feed", { energyImport: [b] }),
];
const zone = {
  name: "CN-QH",
  values: {
    carbonLocationGPerKwh: 200,
    carbonResidualGPerKwh: 400,
    priceUsdPerMwh: 40,
    mixHydro: 0.5,
    mixFossil: 0.5,
  },
  source: "simulator",
  simulated: false,
};
const of = (meters: MeterHour[], over: Partial<CentreHourInput> = {}) =>
  centreHourOf({
    hourMs: hour,
    pueCategory: 2,
    tariff: { adderUsdPerMwh: 10, ownSupplyUsdPerMwh: 0 },
    simulated: false,
    meters,
    zone,
    settled: true,
    ...over,
  });

describe("centreHourOf", () => {
  it("derives every indicator of the hour", () => {
    expect(of([grid, solar, ...racks(), meter("ac", "cooling", { energyImport: [entry(120)] })])).toEqual({
      parts: { grid: 900e6, gridExport: 0, solar: 300e6, racks: 1_000e6, it: 1_000e6, cooling: 120e6 },
      facilityMilliWh: 1_200e6,
      itMilliWh: 1_000e6,
      pue: 1.2,
      pueCategory: 2,
      notComputable: null,
      coverage: 1,
      estimatedShare: 0,
      mix: {
        hydro: 450e6,
        wind: 0,
        solar: 300e6,
        otherRenewable: 0,
        nuclear: 0,
        fossil: 450e6,
        generator: 0,
        storage: 0,
        unknown: 0,
      },
      cleanShare: 0.625,
      carbonLocationG: 180_000,
      carbonContractG: 360_000,
      costMicroUsd: 45_000_000,
      factorSource: "CN-QH: simulator; own supply: direct 2026.1",
      simulated: false,
    });
  });

  it("does not add energy under contract to the facility, and credits it in the books", () => {
    const wind = meter("farm", "wind", { energyProduced: [entry(700)] }, { supply: "grid-contract" });
    const result = of([grid, solar, wind, ...racks()]);
    expect(result).toMatchObject({ facilityMilliWh: 1_200e6, carbonLocationG: 180_000, carbonContractG: 200 * 400 });
    expect(result.mix).toMatchObject({ wind: 700e6, solar: 300e6, hydro: 100e6, fossil: 100e6 });
    const silent = of([grid, solar, { ...wind, points: [{ ...wind.points[0]!, entries: [] }] }, ...racks()]);
    expect(silent).toMatchObject({ pue: 1.2, cleanShare: null, carbonLocationG: 180_000, carbonContractG: null });
  });

  it("has no PUE with a silent meter, and says which and since when", () => {
    const silent = meter("pdu-b", "rack_feed", { energyImport: [] });
    silent.points[0]!.lastHeardMs = hour - 600_000;
    const result = of([grid, racks()[0]!, silent]);
    expect(result).toMatchObject({ pue: null, itMilliWh: null, facilityMilliWh: 900e6, coverage: 2 / 3 });
    expect(result.notComputable).toEqual([{ deviceId: "pdu-b", silentSince: "2026-11-23T09:50:00.000Z" }]);
    expect(result.parts).not.toHaveProperty("it");
    const never = of([meter("grid", "grid", { energyImport: [] }), ...racks()]);
    expect(never).toMatchObject({ facilityMilliWh: null, mix: null, costMicroUsd: null, itMilliWh: 1_000e6 });
    expect(never.notComputable).toEqual([{ deviceId: "grid", silentSince: null }]);
  });

  it("has no PUE when a meter fell silent within the hour: 1 % is tolerated", () => {
    const result = of([grid, ...racks(entry(250, until(30)))]);
    expect(result.notComputable).toEqual([{ deviceId: "pdu-b", silentSince: "2026-11-23T10:30:00.000Z" }]);
    expect(of([grid, ...racks(entry(495, until(59.5)))]).pue).toBeCloseTo(900 / 995, 12);
  });

  it("knows a gap that the counter bridges, and shows that it was not watched", () => {
    const bridged = entry(500, { method: "counter_spread", coveredS: 0 });
    expect(of([grid, ...racks(bridged)])).toMatchObject({ pue: 0.9, coverage: 2 / 3, estimatedShare: 500 / 1_900 });
    // What a reset lost is not known.
    const lost = entry(500, { coveredS: 1_800, notes: ["reset 2026-11-23T10:30:00.000000Z 9→0 Wh"] });
    expect(of([grid, ...racks(lost)]).pue).toBeNull();
    expect(of([grid, ...racks(entry(500, { method: "integrated", coveredS: 1_800 }))]).pue).toBeNull();
  });

  it("lets meters of a running hour report a few intervals apart", () => {
    const running = [
      meter("grid", "grid", { energyImport: [entry(90, until(5))] }),
      meter("pdu", "rack_feed", { energyImport: [entry(50, until(4.6))] }),
    ];
    expect(of(running, { settled: false }).pue).toBe(1.8);
    expect(of(running, { settled: true }).pue).toBeNull();
  });

  it("measures IT at the UPS output in category 1", () => {
    const ups = meter("ups", "ups", { energyImport: [entry(600)] });
    expect(of([grid, ups, ...racks()], { pueCategory: 1 })).toMatchObject({ pue: 1.5, itMilliWh: 600e6 });
    // A silent rack does not matter there.
    expect(of([grid, ups, meter("pdu", "rack_feed", { energyImport: [] })], { pueCategory: 1 }).pue).toBe(1.5);
  });

  it("uses integrated power where the counters say nothing, and waits for no counter that never spoke", () => {
    const power = meter("grid", "grid", { energyImport: [], activePower: [entry(-40, { method: "integrated" })] });
    expect(of([power, solar, ...racks()]).parts).toMatchObject({ grid: 0, gridExport: 40e6 });
    const importOnly = meter("grid", "grid", { energyImport: [entry(900)], energyExport: [] });
    expect(of([importOnly, ...racks()])).toMatchObject({ pue: 0.9 });
    importOnly.points[1]!.lastHeardMs = hour - 1;
    expect(of([importOnly, ...racks()]).pue).toBeNull();
  });

  it("nets a battery and marks what is simulated", () => {
    const battery = meter(
      "bat",
      "battery",
      { energyCharged: [entry(100)], energyDischarged: [entry(20)] },
      { simulated: true },
    );
    const result = of([grid, battery, ...racks()]);
    expect(result).toMatchObject({ facilityMilliWh: 820e6, simulated: true });
    expect(of([grid, ...racks()], { zone: { ...zone, simulated: true } }).simulated).toBe(true);
  });

  it("knows nothing without meters", () => {
    expect(of([])).toMatchObject({ pue: null, facilityMilliWh: null, itMilliWh: null, coverage: 0, notComputable: [] });
  });
});
