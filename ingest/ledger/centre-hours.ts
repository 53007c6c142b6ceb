import type { LedgerMethod } from "#domain/energy/types.ts";
import { type CentreHour, centreHourOf } from "#domain/indicators/centre-hour.ts";
import type { MeterHour, PointHour } from "#domain/indicators/meter-hour.ts";
import type { MeteredEnergy, ZoneHour } from "#domain/indicators/types.ts";
import { hourMs } from "#domain/units.ts";
import type { LedgerCentre, LedgerDevice, LedgerFleet, Sql } from "./fleet.ts";

export type CentreHourKey = { centreId: string; hourMs: number };

/** By then every meter's first reading after the hour is here; until then the hour counts as running. */
export const settleMs = 5 * 60_000;
/** Centre-hours derived together. */
const batchSize = 60;

/** Derives the indicators of centre-hours from the ledger and the grid zone's values, and stores them. */
export async function deriveCentreHours(sql: Sql, keys: CentreHourKey[], fleet: LedgerFleet, now: Date): Promise<void> {
  const known = keys.filter(({ centreId }) => fleet.centres.has(centreId));
  for (let start = 0; start < known.length; start += batchSize)
    await deriveBatch(sql, known.slice(start, start + batchSize), fleet, now);
}

async function deriveBatch(sql: Sql, keys: CentreHourKey[], fleet: LedgerFleet, now: Date): Promise<void> {
  const centreIds = [...new Set(keys.map(({ centreId }) => centreId))];
  const devices = fleet.devices.filter(({ centreId }) => centreIds.includes(centreId));
  const hours = [...new Set(keys.map((key) => key.hourMs))].map((ms) => new Date(ms).toISOString());
  const [ledger, zones] = [
    await readLedger(sql, devices, hours),
    await readZones(sql, [...new Set(centreIds.map((id) => fleet.centres.get(id)!.gridZone))], hours),
  ];
  const wanted = keys.map((key) => ({
    key,
    centre: fleet.centres.get(key.centreId)!,
    meters: devices.filter((device) => device.centreId === key.centreId && inService(device, key.hourMs)),
  }));
  const heard = await readLastHeard(
    sql,
    wanted.flatMap(({ key, meters }) =>
      meters
        .flatMap((device) => silentPoints(device, (pointId) => ledger.has(`${pointId} ${key.hourMs}`)))
        .map((pointId) => ({ pointId, hourMs: key.hourMs })),
    ),
  );
  const rows = wanted.map(({ key, centre, meters }) => ({
    key,
    hour: centreHourOf({
      hourMs: key.hourMs,
      pueCategory: centre.pueCategory,
      tariff: centre,
      simulated: centre.simulated,
      meters: meters.map((device) => meterHour(device, key.hourMs, ledger, heard)),
      zone: zoneOf(centre, zones.get(`${centre.gridZone} ${key.hourMs}`)),
      settled: now.getTime() >= key.hourMs + hourMs + settleMs,
    }),
  }));
  await store(sql, rows, now);
}

const pointIdsOf = (device: LedgerDevice) => [
  ...device.counters.map(({ id }) => id),
  ...(device.power ? [device.power.id] : []),
];
/** Points that give nothing in the hour and are waited for: power only where no counter speaks. */
function silentPoints(device: LedgerDevice, speaks: (pointId: number) => boolean): number[] {
  const counters = device.counters.filter(({ id }) => !speaks(id)).map(({ id }) => id);
  const counted = counters.length < device.counters.length;
  return device.power && !counted && !speaks(device.power.id) ? [...counters, device.power.id] : counters;
}
const inService = ({ retiredAtMs }: LedgerDevice, hour: number) => retiredAtMs === null || retiredAtMs > hour;

function meterHour(
  device: LedgerDevice,
  hour: number,
  ledger: Map<string, MeteredEnergy[]>,
  heard: Map<string, number>,
): MeterHour {
  const point = ({ id, quantity }: { id: number; quantity: string }): PointHour => {
    const entries = ledger.get(`${id} ${hour}`) ?? [];
    const last = entries.length
      ? Math.min(hour + hourMs, Math.max(...entries.map(({ lastReadingMs }) => lastReadingMs)))
      : (heard.get(`${id} ${hour}`) ?? null);
    return { quantity, entries, lastHeardMs: last };
  };
  return {
    deviceId: device.id,
    role: device.role,
    supply: device.supply,
    simulated: device.simulated,
    intervalS: device.intervalS,
    required: device.retiredAtMs === null || device.retiredAtMs >= hour + hourMs,
    points: [...device.counters, ...(device.power ? [device.power] : [])].map(point),
  };
}

type LedgerRow = Omit<MeteredEnergy, "energyMilliWh" | "method"> & {
  pointId: number;
  hourMs: number;
  method: LedgerMethod;
  energyMilliWh: string;
};

async function readLedger(sql: Sql, devices: LedgerDevice[], hours: string[]): Promise<Map<string, MeteredEnergy[]>> {
  const rows = await sql<LedgerRow[]>`
    select point_id as "pointId", (extract(epoch from hour) * 1000)::float8 as "hourMs", method, energy_milli_wh as "energyMilliWh", covered_s as "coveredS",
      (extract(epoch from first_reading_at) * 1000)::float8 as "firstReadingMs", (extract(epoch from last_reading_at) * 1000)::float8 as "lastReadingMs", notes
    from energy_ledger where hour = any(${hours}::text[]::timestamptz[]) and point_id = any(${devices.flatMap(pointIdsOf)}::int[])`;
  const byPoint = new Map<string, MeteredEnergy[]>();
  for (const { pointId, hourMs: hour, energyMilliWh, ...row } of rows) {
    const key = `${pointId} ${hour}`;
    byPoint.set(key, [...(byPoint.get(key) ?? []), { ...row, energyMilliWh: Number(energyMilliWh) }]);
  }
  return byPoint;
}

/** The newest reading that gave energy before an hour, of points that give none in it. */
async function readLastHeard(sql: Sql, asked: { pointId: number; hourMs: number }[]): Promise<Map<string, number>> {
  if (asked.length === 0) return new Map();
  const rows = await sql<{ pointId: number; hourMs: number; lastMs: number }[]>`
    select g.p as "pointId", g.h as "hourMs", (extract(epoch from l.last_reading_at) * 1000)::float8 as "lastMs"
    from jsonb_to_recordset(${JSON.stringify(asked.map(({ pointId, hourMs: hour }) => ({ p: pointId, h: hour, t: new Date(hour) })))}::text::jsonb)
      as g(p int, h float8, t timestamptz)
    cross join lateral (select last_reading_at from energy_ledger where point_id = g.p and hour < g.t order by hour desc, last_reading_at desc limit 1) l`;
  return new Map(rows.map(({ pointId, hourMs: hour, lastMs }) => [`${pointId} ${hour}`, lastMs]));
}

type ZoneValues = { values: ZoneHour; sources: string[]; simulated: boolean };

/** Means of what a zone says within each hour. */
async function readZones(sql: Sql, zones: string[], hours: string[]): Promise<Map<string, ZoneValues>> {
  const rows = await sql<
    { zone: string; hourMs: number; series: keyof ZoneHour; value: number; sources: string[]; simulated: boolean }[]
  >`
    select z.zone, (extract(epoch from h.hour) * 1000)::float8 as "hourMs", z.series, avg(z.value)::float8 as value,
      array_agg(distinct z.source order by z.source) as sources, bool_or(z.simulated) as simulated
    from unnest(${hours}::text[]::timestamptz[]) as h(hour)
    join zone_series z on z.zone = any(${zones}) and z.time >= h.hour and z.time < h.hour + interval '1 hour'
    group by z.zone, h.hour, z.series`;
  const byHour = new Map<string, ZoneValues>();
  for (const { zone, hourMs: hour, series, value, sources, simulated } of rows) {
    const key = `${zone} ${hour}`;
    const one = byHour.get(key) ?? { values: {}, sources: [], simulated: false };
    one.values[series] = value;
    one.sources = [...new Set([...one.sources, ...sources])].sort();
    one.simulated ||= simulated;
    byHour.set(key, one);
  }
  return byHour;
}

const zoneOf = (centre: LedgerCentre, known: ZoneValues | undefined) => ({
  name: centre.gridZone,
  values: known?.values ?? {},
  source: known ? known.sources.join(", ") : null,
  simulated: known?.simulated ?? false,
});

async function store(sql: Sql, rows: { key: CentreHourKey; hour: CentreHour }[], now: Date): Promise<void> {
  const values = rows.map(({ key, hour }) => ({
    centre_id: key.centreId,
    hour: new Date(key.hourMs),
    parts: hour.parts,
    facility_milli_wh: hour.facilityMilliWh,
    it_milli_wh: hour.itMilliWh,
    pue: hour.pue,
    pue_category: hour.pueCategory,
    not_computable: hour.notComputable ?? undefined,
    coverage: hour.coverage,
    estimated_share: hour.estimatedShare,
    mix: hour.mix ?? undefined,
    clean_share: hour.cleanShare,
    carbon_location_g: hour.carbonLocationG,
    carbon_contract_g: hour.carbonContractG,
    cost_micro_usd: hour.costMicroUsd,
    factor_source: hour.factorSource,
    simulated: hour.simulated,
    derived_at: now,
  }));
  await sql`
    insert into centre_hour select r.* from jsonb_populate_recordset(null::centre_hour, ${JSON.stringify(values)}::text::jsonb) r
    on conflict (centre_id, hour) do update set parts = excluded.parts, facility_milli_wh = excluded.facility_milli_wh,
      it_milli_wh = excluded.it_milli_wh, pue = excluded.pue, pue_category = excluded.pue_category, not_computable = excluded.not_computable,
      coverage = excluded.coverage, estimated_share = excluded.estimated_share, mix = excluded.mix, clean_share = excluded.clean_share,
      carbon_location_g = excluded.carbon_location_g, carbon_contract_g = excluded.carbon_contract_g, cost_micro_usd = excluded.cost_micro_usd,
      factor_source = excluded.factor_source, simulated = excluded.simulated, derived_at = excluded.derived_at`;
}
