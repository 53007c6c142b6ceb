import type { MeterRow } from "#db/queries/fleet.ts";
import type { DeviceRole } from "#db/schema/fleet.ts";
import { cleanShareOf } from "#domain/indicators/clean-share.ts";
import { energyMix } from "#domain/indicators/mix.ts";
import { isContract, isEnergyRole, itRoleOf, supplyRoles } from "#domain/indicators/roles.ts";
import type { EnergyMix, ZoneHour } from "#domain/indicators/types.ts";

/** Sources in stacking order, the clean ones first; `other` is other renewable, `grid` the fossil part of the grid. */
export const sources = [
  "hydro",
  "wind",
  "solar",
  "other",
  "nuclear",
  "storage",
  "grid",
  "generator",
  "unknown",
] as const;
export type Source = (typeof sources)[number];
export type Mix = Record<Source, number>;

export type Silent = { deviceId: string; sinceMs: number | null };
/** Power of a centre at this moment, watts. null: cannot be known, and `silent` says why; absent meters are undefined. */
export type PowerNow = {
  facilityW: number | null;
  itW: number | null;
  pue: number | null;
  byRole: Partial<Record<DeviceRole, number>>;
  /** Clean power bought over the grid by contract, metered at its plants; null: one of their meters is silent. */
  contractW: { hydro: number; wind: number; solar: number } | null;
  /** Devices without a fresh reading that facility or IT power needs. */
  silent: Silent[];
  /** Devices without a fresh power that neither needs: cooling, lighting, reused heat, plants under contract. */
  silentBeside: (Silent & { role: DeviceRole })[];
  /** No meter of this kind exists at all. */
  lacks: ("facility" | "it")[];
  socPercent: number | null;
  newestMs: number | null;
  points: number;
  freshPoints: number;
};

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

const isSupply = (role: DeviceRole) => (supplyRoles as readonly string[]).includes(role);
const ofContract = (row: MeterRow) => isEnergyRole(row.role) && isContract(row.role, row.supply);

/**
 * Adds the newest powers up. Facility = grid import (+) or export (−) + hydro + wind + solar + generator + battery
 * discharge (+) or charge (−); plants under contract are no part of it. One silent meter makes the sum unknown: it is
 * never left out as if it were 0.
 */
export function powerNow(meters: MeterRow[], pueCategory: number, nowMs: number): PowerNow {
  const power = meters.filter((row) => row.quantity === "activePower");
  const own = power.filter((row) => !ofContract(row));
  const it: DeviceRole = itRoleOf(pueCategory);
  const sums: Partial<Record<DeviceRole, number>> = {};
  const broken = new Set<DeviceRole>();
  for (const row of own) {
    if (isFresh(row, nowMs)) sums[row.role] = (sums[row.role] ?? 0) + (row.value as number);
    else broken.add(row.role);
  }
  const byRole = Object.fromEntries(
    Object.entries(sums).filter(([role]) => !broken.has(role as DeviceRole)),
  ) as PowerNow["byRole"];
  const quiet = power.filter((row) => !isFresh(row, nowMs));
  const isNeeded = (row: MeterRow) => !ofContract(row) && (isSupply(row.role) || row.role === it);
  const supply = own.filter((row) => isSupply(row.role));
  const facilityW =
    supply.length === 0 || supply.some((row) => broken.has(row.role))
      ? null
      : supplyRoles.reduce((sum, role) => sum + (byRole[role] ?? 0), 0);
  const itW = byRole[it] ?? null;
  const soc = meters.filter((row) => row.quantity === "stateOfCharge" && isFresh(row, nowMs));
  return {
    facilityW,
    itW,
    pue: facilityW !== null && itW !== null && itW > 0 ? facilityW / itW : null,
    byRole,
    contractW: contractNow(power.filter(ofContract), nowMs),
    silent: quiet.filter(isNeeded).map(({ deviceId, receivedAtMs }) => ({ deviceId, sinceMs: receivedAtMs })),
    silentBeside: quiet
      .filter((row) => !isNeeded(row))
      .map(({ deviceId, role, receivedAtMs }) => ({ deviceId, role, sinceMs: receivedAtMs })),
    lacks: [
      ...(supply.length === 0 ? (["facility"] as const) : []),
      ...(power.some((row) => row.role === it) ? [] : (["it"] as const)),
    ],
    socPercent: soc.length ? soc.reduce((sum, row) => sum + (row.value as number), 0) / soc.length : null,
    newestMs: meters.reduce<number | null>(
      (newest, row) => (row.receivedAtMs !== null && row.receivedAtMs > (newest ?? 0) ? row.receivedAtMs : newest),
      null,
    ),
    points: power.length,
    freshPoints: power.length - quiet.length,
  };
}

function contractNow(rows: MeterRow[], nowMs: number): PowerNow["contractW"] {
  if (rows.some((row) => !isFresh(row, nowMs))) return null;
  const of = (role: DeviceRole) =>
    rows.filter((row) => row.role === role).reduce((sum, row) => sum + Math.max(0, row.value as number), 0);
  return { hydro: of("hydro"), wind: of("wind"), solar: of("solar") };
}

/** What a zone's grid is made of at this hour; an absent share is not known. */
export type ZoneMix = ZoneHour;

/** Facility power now by source, watts, by the ledger's own rule (domain/indicators/mix.ts). All 0 where facility power is not known. */
export function mixNow(power: PowerNow, zone: ZoneMix): Mix {
  if (power.facilityW === null) return emptyMix();
  const milli = (watts: number) => Math.round(Math.max(0, watts) * 1_000);
  const role = (name: DeviceRole) => power.byRole[name] ?? 0;
  const { contractW } = power;
  const mix = energyMix(
    {
      grid: milli(role("grid")),
      gridExport: milli(-role("grid")),
      hydro: milli(role("hydro")),
      wind: milli(role("wind")),
      solar: milli(role("solar")),
      generator: milli(role("generator")),
      batteryDischarge: milli(role("battery")),
      batteryCharge: milli(-role("battery")),
    },
    contractW && { hydro: milli(contractW.hydro), wind: milli(contractW.wind), solar: milli(contractW.solar) },
    zone,
  );
  return mix ? scaleMix(sourcesOf(mix), 1 / 1_000) : emptyMix();
}

/** The ledger's mix in the console's sources. */
export function sourcesOf(mix: EnergyMix): Mix {
  return {
    hydro: mix.hydro,
    wind: mix.wind,
    solar: mix.solar,
    other: mix.otherRenewable,
    nuclear: mix.nuclear,
    storage: mix.storage,
    grid: mix.fossil,
    generator: mix.generator,
    unknown: mix.unknown,
  };
}

/** Clean part of a mix, 0–1, by the ledger's own rule; null where too much of it is of unknown origin. */
export function cleanShareOfMix({ other, grid, ...mix }: Mix): number | null {
  return cleanShareOf({ ...mix, otherRenewable: other, fossil: grid });
}

export const emptyMix = (): Mix => ({
  hydro: 0,
  wind: 0,
  solar: 0,
  other: 0,
  nuclear: 0,
  storage: 0,
  grid: 0,
  generator: 0,
  unknown: 0,
});
export const sumMix = (mix: Mix) => sources.reduce((sum, source) => sum + mix[source], 0);
export const scaleMix = (mix: Mix, factor: number) =>
  Object.fromEntries(sources.map((source) => [source, mix[source] * factor])) as Mix;
export function addMix(a: Mix, b: Mix): Mix {
  return Object.fromEntries(sources.map((source) => [source, a[source] + b[source]])) as Mix;
}
