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

export type GpuRow = {
  server: string;
  index: number;
  /** null: it has not reported within the time that counts as now. */
  powerW: number | null;
  utilizationPercent: number | null;
  temperatureC: number | null;
  newestAtMs: number | null;
  drainedReason: string | null;
  /** The job that runs on it. */
  jobId: string | null;
};

/** GPUs of a rack in their places, each with its newest sample and the job that runs on it. */
export async function rackGpus(db: Database, rackId: string, freshAfter: Date): Promise<GpuRow[]> {
  return db.sql<GpuRow[]>`
    select g.server, g.index, g.drained_reason as "drainedReason", l.power_w::float8 as "powerW",
      l.utilization_percent::float8 as "utilizationPercent", l.temperature_c::float8 as "temperatureC",
      (extract(epoch from l.received_at) * 1000)::float8 as "newestAtMs", run.job_id as "jobId"
    from gpu g
    left join gpu_latest l on l.gpu_id = g.id and l.received_at > ${freshAfter.toISOString()}
    left join lateral (select job_id from job_run where ended_at is null and started_at is not null and g.id = any(gpu_ids) limit 1) run on true
    where g.rack_id = ${rackId} and g.retired_at is null order by g.index`;
}

export type DevicePointRow = {
  deviceId: string;
  role: DeviceRole;
  feed: "A" | "B" | null;
  supply: string | null;
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
export async function centreDevices(db: Database, centreId: string, rackId: string | null): Promise<DevicePointRow[]> {
  const rows = await db.sql<(Omit<DevicePointRow, "quality"> & { quality: number | null })[]>`
    select d.id as "deviceId", d.role, d.feed, d.supply, d.rack_id as "rackId", h.name as "hallName", d.protocol, d.interval_s as "intervalS", d.simulated,
      s.last_error as "lastError", (extract(epoch from s.last_error_at) * 1000)::float8 as "lastErrorAtMs", (extract(epoch from s.last_seen_at) * 1000)::float8 as "lastSeenAtMs", s.clock_offset_ms as "clockOffsetMs",
      p.id as "pointId", p.name as point, p.quantity, p.unit, p.kind, l.value, l.quality, (extract(epoch from l.time) * 1000)::float8 as "timeMs", (extract(epoch from l.received_at) * 1000)::float8 as "receivedAtMs"
    from device d left join hall h on h.id = d.hall_id left join source_health s on s.device_id = d.id
    left join point p on p.device_id = d.id and p.retired_at is null
    left join point_latest l on l.point_id = p.id
    where d.centre_id = ${centreId} and d.retired_at is null
      and ((${rackId}::text is null and d.rack_id is null) or d.rack_id = ${rackId})
    order by d.id, p.id`;
  return rows.map((row) => ({ ...row, quality: row.quality === null ? null : (qualities[row.quality] ?? null) }));
}

export type SourceRow = {
  deviceId: string;
  rackId: string | null;
  intervalS: number;
  lastSeenAtMs: number | null;
  lastError: string | null;
  lastErrorAtMs: number | null;
};

/** Every device of a centre with when it was last heard of: small enough to be read for a thousand racks. */
export async function centreSources(db: Database, centreId: string): Promise<SourceRow[]> {
  return db.sql<SourceRow[]>`
    select d.id as "deviceId", d.rack_id as "rackId", d.interval_s as "intervalS", s.last_error as "lastError",
      (extract(epoch from s.last_seen_at) * 1000)::float8 as "lastSeenAtMs", (extract(epoch from s.last_error_at) * 1000)::float8 as "lastErrorAtMs"
    from device d left join source_health s on s.device_id = d.id
    where d.centre_id = ${centreId} and d.retired_at is null order by d.id`;
}

/** How many devices a centre has. */
export async function countDevices(db: Database, centreId: string): Promise<number> {
  const [row] = await db.sql<
    { n: number }[]
  >`select count(*)::int as n from device where centre_id = ${centreId} and retired_at is null`;
  return row?.n ?? 0;
}

export type SampleRow = { quantity: string; bucketMs: number; value: number };

/**
 * Gauges of the centre's own devices as they stood at the beginning of each bucket of [from, to), the mean over devices.
 * One look-up a bucket and point, never a scan: a page asks for this every second. Bad readings are passed over; a
 * bucket without readings is absent.
 */
export async function gaugeSamples(
  db: Database,
  centreId: string,
  quantities: string[],
  range: { from: Date; to: Date; bucketS: number },
): Promise<SampleRow[]> {
  const from = range.from.toISOString();
  const to = range.to.toISOString();
  return db.sql<SampleRow[]>`
    with points as materialized (
      select p.id, p.quantity from point p join device d on d.id = p.device_id
      where d.centre_id = ${centreId} and d.rack_id is null and d.retired_at is null and p.retired_at is null and p.quantity = any(${quantities})
    )
    select q.quantity, (extract(epoch from b.at) * 1000)::float8 as "bucketMs", avg(r.value)::float8 as value
    from generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 second', make_interval(secs => ${range.bucketS})) as b(at)
    cross join points q
    cross join lateral (
      select value from reading where point_id = q.id and time >= b.at and time < least(b.at + make_interval(secs => ${range.bucketS}), ${to}::timestamptz)
        and value is not null and quality not in (2, 3, 6) order by time limit 1
    ) r
    group by q.quantity, b.at order by b.at`;
}

/** Power of a rack's feeds, their means in buckets summed; a bucket in which one of its feeds is silent is absent. */
export async function rackPowerSeries(
  db: Database,
  rackId: string,
  range: { from: Date; to: Date; bucketS: number },
): Promise<{ bucketMs: number; powerW: number }[]> {
  return db.sql<{ bucketMs: number; powerW: number }[]>`
    with points as materialized (
      select p.id from point p join device d on d.id = p.device_id
      where d.rack_id = ${rackId} and d.role = 'rack_feed' and d.retired_at is null and p.retired_at is null and p.quantity = 'activePower'
    ), means as (
      select q.id, date_bin(make_interval(secs => ${range.bucketS}), r.time, 'epoch') as bucket, avg(r.value) as mean
      from points q join reading r on r.point_id = q.id
      where r.time >= ${range.from.toISOString()} and r.time < ${range.to.toISOString()} and r.value is not null and r.quality not in (2, 3, 6)
      group by q.id, bucket
    )
    select (extract(epoch from bucket) * 1000)::float8 as "bucketMs", sum(mean)::float8 as "powerW" from means
    group by bucket having count(*) = (select count(*) from points) order by bucket`;
}

export type CounterSpan = {
  deviceId: string;
  first: number;
  firstAtMs: number;
  last: number;
  lastAtMs: number;
};

/** What each counter of a quantity showed first since `from` and what it shows now; counters without two readings are absent. */
export async function counterSpans(
  db: Database,
  centreId: string,
  quantity: string,
  from: Date,
): Promise<CounterSpan[]> {
  return db.sql<CounterSpan[]>`
    select d.id as "deviceId", f.value as first, (extract(epoch from f.time) * 1000)::float8 as "firstAtMs",
      l.value as last, (extract(epoch from l.time) * 1000)::float8 as "lastAtMs"
    from device d join point p on p.device_id = d.id and p.retired_at is null and p.quantity = ${quantity}
    join point_latest l on l.point_id = p.id and l.value is not null
    cross join lateral (select value, time from reading where point_id = p.id and time >= ${from.toISOString()} and value is not null
      and quality not in (2, 3, 6) order by time limit 1) f
    where d.centre_id = ${centreId} and d.retired_at is null and l.time > f.time order by d.id`;
}
