import type { MeterRow } from "#db/queries/fleet.ts";
import type { DeviceRole } from "#db/schema/fleet.ts";

/** Sources in stacking order; `grid` is the fossil part of the grid, `other` its nuclear and other renewable part. */
export const sources = ["hydro", "wind", "solar", "other", "storage", "grid", "generator", "unknown"] as const;
export type Source = (typeof sources)[number];
export type Mix = Record<Source, number>;

export type Silent = { deviceId: string; sinceMs: number | null };
/** Power of a centre at this moment, watts. null: cannot be known, and `silent` says why; absent meters are undefined. */
export type PowerNow = {
  facilityW: number | null;
  itW: number | null;
  pue: number | null;
  byRole: Partial<Record<DeviceRole, number>>;
  /** Devices without a fresh reading that facility or IT power needs. */
  silent: Silent[];
  /** No meter of this kind exists at all. */
  lacks: ("facility" | "it")[];
  socPercent: number | null;
  newestMs: number | null;
  points: number;
  freshPoints: number;
};

const supplyRoles: DeviceRole[] = ["grid", "hydro", "wind", "solar", "generator", "battery"];

/** A point is fresh for three of its intervals, at least 30 s. */
export const freshForMs = (intervalS: number) => Math.max(30_000, 3_000 * intervalS);

/** Whether a newest value may be shown as "now". */
export function isFresh(
  row: Pick<MeterRow, "value" | "quality" | "receivedAtMs" | "intervalS">,
  nowMs: number,
): boolean {
  if (row.value === null || row.receivedAtMs === null) return false;
  if (row.quality === "sentinel" || row.quality === "out_of_range" || row.quality === "clock_suspect") return false;
  return nowMs - row.receivedAtMs <= freshForMs(row.intervalS);
}

/** Where IT energy is measured: PUE1 UPS output, PUE2 and PUE3 the racks' feeds (ISO/IEC 30134-2). */
export const itRole = (pueCategory: number): DeviceRole => (pueCategory === 1 ? "ups" : "rack_feed");

/**
 * Adds the newest powers up. Facility = grid import (+) or export (−) + hydro + wind + solar + generator + battery
 * discharge (+) or charge (−). One silent meter makes the sum unknown: it is never left out as if it were 0.
 */
export function powerNow(meters: MeterRow[], pueCategory: number, nowMs: number): PowerNow {
  const power = meters.filter((row) => row.quantity === "activePower");
  const it = itRole(pueCategory);
  const sums: Partial<Record<DeviceRole, number>> = {};
  const silent: Silent[] = [];
  const broken = new Set<DeviceRole>();
  for (const row of power) {
    if (isFresh(row, nowMs)) {
      sums[row.role] = (sums[row.role] ?? 0) + (row.value as number);
    } else {
      broken.add(row.role);
      if (supplyRoles.includes(row.role) || row.role === it)
        silent.push({ deviceId: row.deviceId, sinceMs: row.receivedAtMs });
    }
  }
  const byRole = Object.fromEntries(
    Object.entries(sums).filter(([role]) => !broken.has(role as DeviceRole)),
  ) as PowerNow["byRole"];
  const supply = power.filter((row) => supplyRoles.includes(row.role));
  const facilityW =
    supply.length === 0 || supply.some((row) => broken.has(row.role))
      ? null
      : supplyRoles.reduce((sum, role) => sum + (byRole[role] ?? 0), 0);
  const hasIt = power.some((row) => row.role === it);
  const itW = byRole[it] ?? null;
  const soc = meters.filter((row) => row.quantity === "stateOfCharge" && isFresh(row, nowMs));
  return {
    facilityW,
    itW,
    pue: facilityW !== null && itW !== null && itW > 0 ? facilityW / itW : null,
    byRole,
    silent,
    lacks: [...(supply.length === 0 ? (["facility"] as const) : []), ...(hasIt ? [] : (["it"] as const))],
    socPercent: soc.length ? soc.reduce((sum, row) => sum + (row.value as number), 0) / soc.length : null,
    newestMs: meters.reduce<number | null>(
      (newest, row) => (row.receivedAtMs !== null && row.receivedAtMs > (newest ?? 0) ? row.receivedAtMs : newest),
      null,
    ),
    points: power.length,
    freshPoints: power.filter((row) => isFresh(row, nowMs)).length,
  };
}

/** Shares 0–1 of what the grid of a zone is made of at this hour. */
export type ZoneMix = Partial<
  Record<"mixHydro" | "mixWind" | "mixSolar" | "mixNuclear" | "mixOtherRenewable" | "mixFossil", number>
>;

/** What enters a centre now, watts by source; grid power is split by its zone's mix, and unknown where the zone has none. */
export function mixNow(power: PowerNow, zone: ZoneMix): Mix {
  const role = (name: DeviceRole) => Math.max(0, power.byRole[name] ?? 0);
  const grid = role("grid");
  const share = (name: keyof ZoneMix) => zone[name] ?? 0;
  const known =
    share("mixHydro") +
    share("mixWind") +
    share("mixSolar") +
    share("mixNuclear") +
    share("mixOtherRenewable") +
    share("mixFossil");
  return {
    hydro: role("hydro") + grid * share("mixHydro"),
    wind: role("wind") + grid * share("mixWind"),
    solar: role("solar") + grid * share("mixSolar"),
    other: grid * (share("mixNuclear") + share("mixOtherRenewable")),
    storage: role("battery"),
    grid: grid * share("mixFossil"),
    generator: role("generator"),
    unknown: grid * Math.max(0, 1 - known),
  };
}

export const emptyMix = (): Mix => ({
  hydro: 0,
  wind: 0,
  solar: 0,
  other: 0,
  storage: 0,
  grid: 0,
  generator: 0,
  unknown: 0,
});
export const sumMix = (mix: Mix) => sources.reduce((sum, source) => sum + mix[source], 0);
export function addMix(a: Mix, b: Mix): Mix {
  return Object.fromEntries(sources.map((source) => [source, a[source] + b[source]])) as Mix;
}
