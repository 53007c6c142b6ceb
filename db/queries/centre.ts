import type { Database } from "../client.ts";
import type { DeviceRole } from "../schema/fleet.ts";
import { type Quality, qualities } from "../schema/telemetry.ts";

export type RackRow = {
  id: string;
  hallId: string;
  hallName: string;
  row: string;
  slot: number;
  powerLimitW: number;
  gpuClass: string;
  gpus: number;
  gpusReporting: number;
  gpusBusy: number;
  /** Mean utilisation of the GPUs that report; null: none does. */
  utilizationPercent: number | null;
  /** Sum over the GPUs that report. */
  gpuPowerW: number | null;
  hottestC: number | null;
};

/** Racks of a centre in the order of its halls, rows and slots, with what their GPUs say. */
export async function centreRacks(db: Database, centreId: string, freshAfter: Date): Promise<RackRow[]> {
  return db.sql<RackRow[]>`
    select r.id, r.hall_id as "hallId", h.name as "hallName", r.row, r.slot, r.power_limit_w as "powerLimitW", r.gpu_class as "gpuClass",
      count(g.id)::int as gpus, count(l.gpu_id)::int as "gpusReporting", count(*) filter (where l.utilization_percent >= 5)::int as "gpusBusy",
      avg(l.utilization_percent)::float8 as "utilizationPercent", sum(l.power_w)::float8 as "gpuPowerW", max(l.temperature_c)::float8 as "hottestC"
    from rack r join hall h on h.id = r.hall_id
    left join gpu g on g.rack_id = r.id and g.retired_at is null
    left join gpu_latest l on l.gpu_id = g.id and l.received_at > ${freshAfter.toISOString()}
    where r.centre_id = ${centreId} and r.retired_at is null
    group by r.id, h.name order by h.name, r.row, r.slot`;
}

export type ServerRow = {
  server: string;
  gpus: number;
  gpusReporting: number;
  powerW: number | null;
  utilizationPercent: number | null;
  hottestC: number | null;
  newestAtMs: number | null;
};

/** GPUs of a rack by server. */
export async function rackServers(db: Database, rackId: string, freshAfter: Date): Promise<ServerRow[]> {
  return db.sql<ServerRow[]>`
    select g.server, count(*)::int as gpus, count(l.gpu_id)::int as "gpusReporting", sum(l.power_w)::float8 as "powerW",
      avg(l.utilization_percent)::float8 as "utilizationPercent", max(l.temperature_c)::float8 as "hottestC", (extract(epoch from max(l.received_at)) * 1000)::float8 as "newestAtMs"
    from gpu g left join gpu_latest l on l.gpu_id = g.id and l.received_at > ${freshAfter.toISOString()}
    where g.rack_id = ${rackId} and g.retired_at is null group by g.server order by g.server`;
}

export type DevicePointRow = {
  deviceId: string;
  role: DeviceRole;
  rackId: string | null;
  hallName: string | null;
  protocol: string;
  intervalS: number;
  simulated: boolean;
  lastError: string | null;
  lastErrorAtMs: number | null;
  lastSeenAtMs: number | null;
  clockOffsetMs: number | null;
  pointId: number | null;
  point: string | null;
  quantity: string | null;
  unit: string | null;
  kind: string | null;
  value: number | null;
  quality: Quality | null;
  timeMs: number | null;
  receivedAtMs: number | null;
};

/** Devices of a centre with the newest reading of every point. `rackId` narrows to one rack; null leaves the racks' own devices out. */
export async function centreDevices(
  db: Database,
  centreId: string,
  which: { rackId: string | null } | "all",
): Promise<DevicePointRow[]> {
  const all = which === "all";
  const rackId = all ? null : which.rackId;
  const rows = await db.sql<(Omit<DevicePointRow, "quality"> & { quality: number | null })[]>`
    select d.id as "deviceId", d.role, d.rack_id as "rackId", h.name as "hallName", d.protocol, d.interval_s as "intervalS", d.simulated,
      s.last_error as "lastError", (extract(epoch from s.last_error_at) * 1000)::float8 as "lastErrorAtMs", (extract(epoch from s.last_seen_at) * 1000)::float8 as "lastSeenAtMs", s.clock_offset_ms as "clockOffsetMs",
      p.id as "pointId", p.name as point, p.quantity, p.unit, p.kind, l.value, l.quality, (extract(epoch from l.time) * 1000)::float8 as "timeMs", (extract(epoch from l.received_at) * 1000)::float8 as "receivedAtMs"
    from device d left join hall h on h.id = d.hall_id left join source_health s on s.device_id = d.id
    left join point p on p.device_id = d.id and p.retired_at is null
    left join point_latest l on l.point_id = p.id
    where d.centre_id = ${centreId} and d.retired_at is null
      and (${all} or (${rackId}::text is null and d.rack_id is null) or d.rack_id = ${rackId})
    order by d.rack_id nulls first, d.id, p.id`;
  return rows.map((row) => ({ ...row, quality: row.quality === null ? null : (qualities[row.quality] ?? null) }));
}

/** How many devices a centre has. */
export async function countDevices(db: Database, centreId: string): Promise<number> {
  const [row] = await db.sql<
    { n: number }[]
  >`select count(*)::int as n from device where centre_id = ${centreId} and retired_at is null`;
  return row?.n ?? 0;
}

export type SeriesRow = { quantity: string; rackId: string | null; bucketMs: number; mean: number };

/**
 * Means of gauges in buckets over [from, to): weather and storage of the centre, or the power of one rack's feeds. Bad
 * readings (sentinel, out of range) are left out; a bucket without readings is absent.
 */
export async function gaugeSeries(
  db: Database,
  centreId: string,
  quantities: string[],
  rackId: string | null,
  range: { from: Date; to: Date; bucketS: number },
): Promise<SeriesRow[]> {
  return db.sql<SeriesRow[]>`
    with points as materialized (
      select p.id, p.quantity, d.rack_id from point p join device d on d.id = p.device_id
      where d.centre_id = ${centreId} and d.retired_at is null and p.retired_at is null and p.quantity = any(${quantities})
        and (case when ${rackId}::text is null then d.rack_id is null else d.rack_id = ${rackId} and d.role = 'rack_feed' end)
    ), means as (
      select q.id, q.quantity, q.rack_id, date_bin(make_interval(secs => ${range.bucketS}), r.time, 'epoch') as bucket, avg(r.value) as mean
      from points q join reading r on r.point_id = q.id
      where r.time >= ${range.from.toISOString()} and r.time < ${range.to.toISOString()} and r.value is not null and r.quality not in (2, 3, 6)
      group by q.id, q.quantity, q.rack_id, bucket
    )
    select quantity, rack_id as "rackId", (extract(epoch from bucket) * 1000)::float8 as "bucketMs", (case when quantity = 'activePower' then sum(mean) else avg(mean) end)::float8 as mean
    from means group by quantity, rack_id, bucket order by bucket`;
}
