import type { FleetCentreRow, HourRow, MeterRow } from "#db/queries/fleet.ts";
import { makeFormat } from "../use-format.ts";
import type { View } from "../view.ts";
import type { Say } from "./fleet.server.ts";
import { hourMs } from "./hours.ts";

/** Wednesday 25 November 2026, 12:30 UTC: half an hour into an hour. */
export const nowMs = Date.UTC(2026, 10, 25, 12, 30);

/** Texts as their keys with their values: what a test looks for, in no language. */
export const say: Say = {
  t: ((key: string, values?: Record<string, unknown>) =>
    values ? `${key} ${JSON.stringify(values)}` : key) as unknown as Say["t"],
  format: makeFormat("en", "UTC", nowMs),
};

export const view: View = {
  fromMs: nowMs - 24 * hourMs,
  toMs: nowMs,
  range: "now-24h",
  zoneChoice: "UTC",
  refresh: "live",
};

/** A power meter that was heard a second ago. */
export function meter(
  deviceId: string,
  role: MeterRow["role"],
  watts: number | null,
  more: Partial<MeterRow> = {},
): MeterRow {
  return {
    deviceId,
    centreId: "north",
    hallId: null,
    rackId: null,
    role,
    feed: null,
    supply: null,
    intervalS: 2,
    quantity: "activePower",
    unit: "W",
    value: watts,
    quality: "good",
    receivedAtMs: nowMs - 1_000,
    ...more,
  };
}

/** An hour `ago` whole hours before the running one; energies in kWh. */
export function hour(
  ago: number,
  facilityKwh: number | null,
  itKwh: number | null,
  more: Partial<HourRow> = {},
): HourRow {
  const milli = (kwh: number | null) => (kwh === null ? null : Math.round(kwh * 1e6));
  return {
    centreId: "north",
    hour: new Date(Math.floor(nowMs / hourMs) * hourMs - ago * hourMs),
    parts: {},
    facilityMilliWh: milli(facilityKwh),
    itMilliWh: milli(itKwh),
    pue: facilityKwh !== null && itKwh ? facilityKwh / itKwh : null,
    pueCategory: 2,
    notComputable: null,
    coverage: 1,
    estimatedShare: 0,
    mix: null,
    cleanShare: null,
    carbonLocationG: null,
    carbonContractG: null,
    costMicroUsd: null,
    factorSource: null,
    simulated: false,
    derivedAt: new Date(nowMs),
    ...more,
  };
}

export const centreRow: FleetCentreRow = {
  id: "north",
  name: { en: "North", "zh-Hant": "北", "zh-Hans": "北" },
  locality: { en: "Up", "zh-Hant": "上", "zh-Hans": "上" },
  latitude: 0,
  longitude: 0,
  timeZone: "UTC",
  gridZone: "Z",
  pueCategory: 2,
  storageCapacityWh: 400_000,
  adderUsdPerMwh: 0,
  ownSupplyUsdPerMwh: 0,
  targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
  simulated: false,
  toActOn: 0,
  toWatch: 0,
  gpus: 0,
  gpusReporting: 0,
  gpusBusy: 0,
  gpuNewestAtMs: null,
};
