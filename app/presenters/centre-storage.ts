import type { CounterSpan } from "#db/queries/centre.ts";
import type { FleetCentreRow, HourRow } from "#db/queries/fleet.ts";
import { autonomyH } from "#domain/indicators/autonomy.ts";
import type { PowerNow } from "./power-now.ts";

export type Storage = {
  capacityWh: number;
  socPercent: number | null;
  usableWh: number | null;
  /** For how long what is stored carries the facility at its present power, hours. */
  autonomyH: number | null;
  targetH: number;
  /** State of charge that carries the target at present power, percent; null: not known, or more than full. */
  targetPercent: number | null;
};

/** null: the centre has no storage. */
export function storageNow(row: FleetCentreRow, power: PowerNow): Storage | null {
  const { storageCapacityWh: capacityWh, targets } = row;
  if (capacityWh <= 0) return null;
  const { socPercent, facilityW } = power;
  const usableWh = socPercent === null ? null : (capacityWh * socPercent) / 100;
  const loaded = facilityW !== null && facilityW > 0;
  const targetPercent = loaded ? ((targets.storageHours * facilityW) / capacityWh) * 100 : null;
  return {
    capacityWh,
    socPercent,
    usableWh,
    autonomyH: autonomyH(usableWh, facilityW),
    targetH: targets.storageHours,
    targetPercent: targetPercent !== null && targetPercent <= 100 ? targetPercent : null,
  };
}

export type Heat = {
  nowW: number | null;
  /** Over the hours of the view in which it was metered, milliwatt-hours. */
  milliWh: number | null;
  /** Energy reuse factor (ISO/IEC 30134-6): reused / facility energy of the same hours. */
  erf: number | null;
  /** Uplift of useful energy (WP-F5): reused / IT energy of the same hours. */
  uplift: number | null;
  target: number;
};

/** null: no meter of reused heat. */
export function heatOf(hours: HourRow[], power: PowerNow, hasMeter: boolean, target: number): Heat | null {
  if (!hasMeter) return null;
  const known = hours.filter((hour) => hour.parts.heatReuse !== undefined);
  const heat = known.reduce((sum, hour) => sum + (hour.parts.heatReuse as number), 0);
  const over = (column: "facilityMilliWh" | "itMilliWh") => {
    const rows = known.filter((hour) => hour[column]);
    const base = rows.reduce((sum, hour) => sum + (hour[column] as number), 0);
    return base > 0 ? rows.reduce((sum, hour) => sum + (hour.parts.heatReuse as number), 0) / base : null;
  };
  return {
    nowW: power.byRole.heat_reuse ?? null,
    milliWh: known.length ? heat : null,
    erf: over("facilityMilliWh"),
    uplift: over("itMilliWh"),
    target,
  };
}

export type Water = {
  /** Metered since `fromMs`, litres; null: a counter went backwards or has no two readings. */
  litres: number | null;
  fromMs: number;
  newestMs: number;
  /** Litres per kWh of IT energy (ISO/IEC 30134-9) over the same time. */
  lPerKwh: number | null;
};

/** null: no water meter has been read. IT energy is that of the whole hours inside the counters' span. */
export function waterOf(spans: CounterSpan[], hours: HourRow[]): Water | null {
  if (spans.length === 0) return null;
  const fromMs = Math.max(...spans.map(({ firstAtMs }) => firstAtMs));
  const newestMs = Math.min(...spans.map(({ lastAtMs }) => lastAtMs));
  const used = spans.map(({ first, last }) => last - first);
  const litres = used.some((value) => value < 0) ? null : used.reduce((sum, value) => sum + value, 0);
  const inside = hours.filter((hour) => hour.hour.getTime() >= fromMs - 3_600_000 && hour.itMilliWh !== null);
  const spanH = (newestMs - fromMs) / 3_600_000;
  const meanMilliWh = inside.length
    ? inside.reduce((sum, hour) => sum + (hour.itMilliWh as number), 0) / inside.length
    : null;
  return {
    litres,
    fromMs,
    newestMs,
    lPerKwh: litres !== null && meanMilliWh && spanH >= 1 ? litres / ((meanMilliWh * spanH) / 1e6) : null,
  };
}
