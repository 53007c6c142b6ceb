import { and, asc, eq, gte, inArray, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import type { LocalizedText } from "../schema/columns.ts";
import { centreHour } from "../schema/energy.ts";
import type { DeviceRole } from "../schema/fleet.ts";
import { taskProgress } from "../schema/people.ts";
import { type Quality, qualities } from "../schema/telemetry.ts";

/** Centres a reader may see; null: all. */
export type CentreScope = string[] | null;

export type ShellCentreRow = {
  id: string;
  name: LocalizedText;
  timeZone: string;
  simulated: boolean;
  toActOn: number;
  toWatch: number;
  /** Newest reading of the centre; null: none yet. */
  newestAtMs: number | null;
};

/** Every page's frame in one query: centres in order, their open alarms, how fresh they are. */
export async function shellCentres(db: Database, scope: CentreScope): Promise<ShellCentreRow[]> {
  return db.sql<ShellCentreRow[]>`
    select c.id, c.name, c.time_zone as "timeZone", c.simulated,
      coalesce(a.act, 0)::int as "toActOn", coalesce(a.watch, 0)::int as "toWatch", (extract(epoch from r.newest) * 1000)::float8 as "newestAtMs"
    from centre c
    left join (
      select centre_id, count(*) filter (where severity = 'act') as act, count(*) filter (where severity = 'watch') as watch
      from alarm where closed_at is null group by centre_id
    ) a on a.centre_id = c.id
    left join lateral (select max(h.last_seen_at) as newest from source_health h join device d on d.id = h.device_id where d.centre_id = c.id) r on true
    where c.retired_at is null and (${scope}::text[] is null or c.id = any(${scope}::text[]))
    order by c.position, c.id`;
}

export type FleetCentreRow = {
  id: string;
  name: LocalizedText;
  locality: LocalizedText;
  latitude: number;
  longitude: number;
  timeZone: string;
  gridZone: string;
  pueCategory: number;
  storageCapacityWh: number;
  adderUsdPerMwh: number;
  ownSupplyUsdPerMwh: number;
  targets: { pue: number; cleanShare: number; storageHours: number; heatUplift: number };
  simulated: boolean;
  toActOn: number;
  toWatch: number;
  gpus: number;
  gpusReporting: number;
  /** Reporting GPUs whose utilisation is at least 5 %. */
  gpusBusy: number;
  gpuNewestAtMs: number | null;
};

/** The centres in sight with their GPUs and open alarms. `id` narrows to one. */
export async function fleetCentres(
  db: Database,
  scope: CentreScope,
  freshAfter: Date,
  id: string | null = null,
): Promise<FleetCentreRow[]> {
  return db.sql<FleetCentreRow[]>`
    select c.id, c.name, c.locality, c.latitude, c.longitude, c.time_zone as "timeZone", c.grid_zone as "gridZone",
      c.pue_category as "pueCategory", c.storage_capacity_wh as "storageCapacityWh",
      (c.tariff->>'adderUsdPerMwh')::float8 as "adderUsdPerMwh",
      coalesce((c.tariff->>'ownSupplyUsdPerMwh')::float8, 0) as "ownSupplyUsdPerMwh", c.targets, c.simulated,
      coalesce(a.act, 0)::int as "toActOn", coalesce(a.watch, 0)::int as "toWatch",
      coalesce(g.total, 0)::int as gpus, coalesce(g.reporting, 0)::int as "gpusReporting", coalesce(g.busy, 0)::int as "gpusBusy", (extract(epoch from g.newest) * 1000)::float8 as "gpuNewestAtMs"
    from centre c
    left join (
      select centre_id, count(*) filter (where severity = 'act') as act, count(*) filter (where severity = 'watch') as watch
      from alarm where closed_at is null group by centre_id
    ) a on a.centre_id = c.id
    left join (
      select r.centre_id, count(*) as total, count(*) filter (where l.received_at > ${freshAfter.toISOString()}) as reporting,
        count(*) filter (where l.received_at > ${freshAfter.toISOString()} and l.utilization_percent >= 5) as busy, max(l.received_at) as newest
      from gpu join rack r on r.id = gpu.rack_id left join gpu_latest l on l.gpu_id = gpu.id
      where gpu.retired_at is null and r.retired_at is null group by r.centre_id
    ) g on g.centre_id = c.id
    where c.retired_at is null and (${scope}::text[] is null or c.id = any(${scope}::text[])) and (${id}::text is null or c.id = ${id})
    order by c.position, c.id`;
}

export type MeterRow = {
  deviceId: string;
  centreId: string;
  hallId: string | null;
  rackId: string | null;
  role: DeviceRole;
  feed: "A" | "B" | null;
  /** `grid-contract`: a plant elsewhere, bought over the grid; its power is no part of our bus. */
  supply: string | null;
  intervalS: number;
  quantity: string;
  unit: string;
  value: number | null;
  quality: Quality | null;
  receivedAtMs: number | null;
};

/** Newest value of the quantities that a page adds up (power, state of charge, weather, inlets), one row a point. */
export async function newestMeters(
  db: Database,
  scope: CentreScope,
  quantities: string[],
  id: string | null = null,
): Promise<MeterRow[]> {
  const rows = await db.sql<(Omit<MeterRow, "quality"> & { quality: number | null })[]>`
    select d.id as "deviceId", d.centre_id as "centreId", d.hall_id as "hallId", d.rack_id as "rackId", d.role, d.feed, d.supply, d.interval_s as "intervalS",
      p.quantity, p.unit, l.value, l.quality, (extract(epoch from l.received_at) * 1000)::float8 as "receivedAtMs"
    from device d
    join point p on p.device_id = d.id and p.retired_at is null and p.quantity = any(${quantities})
    left join point_latest l on l.point_id = p.id
    where d.retired_at is null and (${scope}::text[] is null or d.centre_id = any(${scope}::text[])) and (${id}::text is null or d.centre_id = ${id})
    order by d.id, p.id`;
  return rows.map((row) => ({ ...row, quality: row.quality === null ? null : (qualities[row.quality] ?? null) }));
}

export type HourRow = typeof centreHour.$inferSelect;

/** Derived hours of the centres in sight over [from, to), oldest first. */
export async function hoursBetween(
  db: Database,
  scope: CentreScope,
  from: Date,
  to: Date,
  id: string | null = null,
): Promise<HourRow[]> {
  return db.orm
    .select()
    .from(centreHour)
    .where(
      and(
        gte(centreHour.hour, from),
        lt(centreHour.hour, to),
        scope === null ? undefined : inArray(centreHour.centreId, scope),
        id === null ? undefined : eq(centreHour.centreId, id),
      ),
    )
    .orderBy(asc(centreHour.hour));
}

export type AboveTarget = { centreId: string; hours: number; atLeast: boolean };

/**
 * Centres whose PUE is above its target, and for how many whole hours in a row up to the newest before `before`: counted
 * back to the last hour that met the target or is not known, whatever range a page shows. `atLeast`: it was above in all
 * `most` hours. A centre that is on target, or without a PUE in the last two hours, is absent.
 */
export async function hoursAboveTarget(
  db: Database,
  scope: CentreScope,
  before: Date,
  most: number,
  id: string | null = null,
): Promise<AboveTarget[]> {
  const to = before.toISOString();
  const from = new Date(before.getTime() - most * 3_600_000).toISOString();
  const newest = new Date(before.getTime() - 2 * 3_600_000).toISOString();
  return db.sql<AboveTarget[]>`
    select c.id as "centreId", (extract(epoch from n.hour - coalesce(b.hour, ${from}::timestamptz - interval '1 hour')) / 3600)::int as hours,
      b.hour is null as "atLeast"
    from centre c
    join lateral (
      select hour, pue from centre_hour where centre_id = c.id and hour >= ${newest} and hour < ${to} and pue is not null order by hour desc limit 1
    ) n on n.pue > (c.targets->>'pue')::float8
    left join lateral (
      select max(s.hour) as hour from generate_series(${from}::timestamptz, n.hour, interval '1 hour') as s(hour)
      left join centre_hour h on h.centre_id = c.id and h.hour = s.hour
      where h.pue is null or h.pue <= (c.targets->>'pue')::float8
    ) b on true
    where c.retired_at is null and (${scope}::text[] is null or c.id = any(${scope}::text[])) and (${id}::text is null or c.id = ${id})`;
}

export type ZoneValue = {
  /** A grid zone; for own supply a centre. */
  zone: string;
  series: string;
  timeMs: number;
  value: number;
  simulated: boolean;
  issuedAtMs: number | null;
};

/**
 * The newest actual value of each zone in sight at `now` (issuedAtMs null), its newest forecast for the coming hours, and
 * that of each centre's own supply.
 */
export async function zoneOutlook(
  db: Database,
  scope: CentreScope,
  now: Date,
  hours: number,
  id: string | null = null,
): Promise<ZoneValue[]> {
  const at = now.toISOString();
  const to = new Date(now.getTime() + hours * 3_600_000).toISOString();
  const ago = (h: number) => new Date(now.getTime() - h * 3_600_000).toISOString();
  return db.sql<ZoneValue[]>`
    with seen as (
      select id, grid_zone as zone from centre
      where retired_at is null and (${scope}::text[] is null or id = any(${scope}::text[])) and (${id}::text is null or id = ${id})
    ), zones as (select distinct zone from seen)
    (select distinct on (zone, series) zone, series, (extract(epoch from time) * 1000)::float8 as "timeMs", value, simulated, null::float8 as "issuedAtMs"
      from zone_series where zone in (select zone from zones) and time <= ${at} and time > ${ago(6)} order by zone, series, time desc)
    union all
    (select distinct on (key, series, time) key as zone, series, (extract(epoch from time) * 1000)::float8 as "timeMs", value, simulated,
        (extract(epoch from issued_at) * 1000)::float8 as "issuedAtMs"
      from forecast where ((key in (select zone from zones) and series in ('carbonLocationGPerKwh', 'priceUsdPerMwh'))
          or (key in (select id from seen) and series = 'ownSupplyW')) and time > ${at} and time <= ${to}
        and issued_at > ${ago(48)} order by key, series, time, issued_at desc)`;
}

export type AlarmRow = {
  id: number;
  rule: string;
  severity: "watch" | "act";
  centreId: string;
  centreName: LocalizedText;
  deviceId: string | null;
  message: { key: string; values: Record<string, string | number> };
  openedAtMs: number;
  acknowledgedBy: string | null;
};

/** Open alarms, the most urgent and then the oldest first; an acknowledged one comes after its equals. */
export async function openAlarms(
  db: Database,
  scope: CentreScope,
  limit: number,
  id: string | null = null,
): Promise<AlarmRow[]> {
  return db.sql<AlarmRow[]>`
    select a.id::int as id, a.rule, a.severity, a.centre_id as "centreId", c.name as "centreName", a.device_id as "deviceId", a.message,
      (extract(epoch from a.opened_at) * 1000)::float8 as "openedAtMs", coalesce(p.name, a.acknowledged_by) as "acknowledgedBy"
    from alarm a join centre c on c.id = a.centre_id left join person p on p.id = a.acknowledged_by
    where a.closed_at is null and (${scope}::text[] is null or a.centre_id = any(${scope}::text[])) and (${id}::text is null or a.centre_id = ${id})
    order by a.severity, a.acknowledged_at is not null, a.opened_at limit ${limit}`;
}

/** @returns the alarm's centre, or undefined when it is not open, not in sight, or already acknowledged. */
export async function acknowledgeAlarm(
  db: Database,
  scope: CentreScope,
  alarmId: number,
  personId: string,
  now: Date,
): Promise<string | undefined> {
  const [row] = await db.sql<{ centreId: string }[]>`
    update alarm set acknowledged_by = ${personId}, acknowledged_at = ${now.toISOString()}
    where id = ${alarmId} and closed_at is null and acknowledged_at is null and (${scope}::text[] is null or centre_id = any(${scope}::text[]))
    returning centre_id as "centreId"`;
  return row?.centreId;
}

/** Whether there is or was such an alarm in the scope. */
export async function knowsAlarm(db: Database, scope: CentreScope, alarmId: number): Promise<boolean> {
  const rows = await db.sql`
    select 1 from alarm where id = ${alarmId} and (${scope}::text[] is null or centre_id = any(${scope}::text[]))`;
  return rows.length === 1;
}

/** Long work under way. */
export async function runningTasks(db: Database): Promise<(typeof taskProgress.$inferSelect)[]> {
  return db.orm
    .select()
    .from(taskProgress)
    .where(eq(taskProgress.status, "running"))
    .orderBy(asc(taskProgress.startedAt));
}
