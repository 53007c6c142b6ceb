import type { Database } from "#db/client.ts";
import { qualities } from "#db/schema/telemetry.ts";
import { gpuHotC } from "./rules/gpu-hot.ts";
import type {
  CentreState,
  ClosedHour,
  DeviceState,
  GpuFault,
  LetterCount,
  MeterState,
  RackHeat,
  Snapshot,
} from "./types.ts";

/** A GPU's sample older than this says nothing of its heat now. */
const freshGpuMs = 120_000;
/** An XID is an event: it is worth an alarm for this long. */
const xidMs = 3_600_000;
const lettersMs = 10 * 60_000;
const hoursMs = 6 * 3_600_000;

/** Reads what the rules look at; the parts are a few milliseconds apart, which no rule minds. */
export async function readSnapshot({ sql }: Database, nowMs: number, sinceMs: number): Promise<Snapshot> {
  const ago = (ms: number) => new Date(nowMs - ms).toISOString();
  const thisHour = new Date(Math.floor(nowMs / 3_600_000) * 3_600_000).toISOString();
  const [centres, devices, meters, heat, faults, hours, letters] = await Promise.all([
    sql<CentreState[]>`
      select c.id, c.pue_category as "pueCategory", c.storage_capacity_wh as "storageCapacityWh",
        (c.targets->>'pue')::float8 as "targetPue", (c.targets->>'storageHours')::float8 as "targetStorageHours",
        (extract(epoch from greatest(points.newest, gpus.newest)) * 1000)::float8 as "committedMs"
      from centre c
        left join (select d.centre_id, max(l.received_at) as newest from point_latest l join point p on p.id = l.point_id
          join device d on d.id = p.device_id group by 1) points on points.centre_id = c.id
        left join (select r.centre_id, max(l.received_at) as newest from gpu_latest l join gpu g on g.id = l.gpu_id
          join rack r on r.id = g.rack_id group by 1) gpus on gpus.centre_id = c.id
      where c.retired_at is null order by c.position, c.id`,
    sql<DeviceState[]>`
      select d.id, d.centre_id as "centreId", d.hall_id as "hallId", d.rack_id as "rackId", d.gateway_id as "gatewayId", d.role, d.supply,
        d.interval_s as "intervalS", (extract(epoch from h.last_seen_at) * 1000)::float8 as "seenMs", h.clock_offset_ms as "clockOffsetMs"
      from device d left join source_health h on h.device_id = d.id where d.retired_at is null order by d.id`,
    sql<(Omit<MeterState, "quality"> & { quality: number | null })[]>`
      select p.device_id as "deviceId", p.quantity, l.value, l.quality, (extract(epoch from l.received_at) * 1000)::float8 as "receivedMs"
      from point p join device d on d.id = p.device_id left join point_latest l on l.point_id = p.id
      where p.retired_at is null and d.retired_at is null and p.quantity in ('activePower', 'stateOfCharge', 'inletTemperature')`,
    sql<RackHeat[]>`
      select r.id as "rackId", r.hall_id as "hallId", r.centre_id as "centreId", count(l.gpu_id)::int as fresh,
        (count(*) filter (where l.temperature_c >= ${gpuHotC}))::int as hot, max(l.temperature_c)::float8 as "hottestC",
        (array_agg(g.index order by l.temperature_c desc nulls last))[1] as "hottestIndex"
      from rack r join gpu g on g.rack_id = r.id
        left join gpu_latest l on l.gpu_id = g.id and l.received_at >= ${ago(freshGpuMs)}
      where r.retired_at is null and g.retired_at is null group by r.id`,
    sql<GpuFault[]>`
      select r.id as "rackId", r.centre_id as "centreId", g.index, e.kind, e.code, (extract(epoch from e.time) * 1000)::float8 as "atMs"
      from (select distinct on (gpu_id, kind) gpu_id, kind, code, time from gpu_event order by gpu_id, kind, time desc) e
        join gpu g on g.id = e.gpu_id join rack r on r.id = g.rack_id
      where e.code <> 0 and (e.kind <> 'xid' or e.time >= ${ago(xidMs)}) and g.retired_at is null`,
    sql<ClosedHour[]>`
      select centre_id as "centreId", (extract(epoch from hour) * 1000)::float8 as "hourMs", pue, coverage
      from centre_hour where hour >= ${ago(hoursMs)} and hour < ${thisHour} order by hour`,
    sql<LetterCount[]>`
      select l.source, l.reason, l.letters, coalesce(d.centre_id, c.id) as "centreId"
      from (select source, reason, count(*)::int as letters from dead_letter where received_at >= ${ago(lettersMs)} group by 1, 2) l
        left join lateral (select centre_id from device where address->>'topic' = l.source or gateway_id = split_part(l.source, '/', 1) limit 1) d on true
        left join centre c on c.id = any(string_to_array(l.source, '/'))`,
  ]);
  return {
    nowMs,
    sinceMs,
    centres,
    devices,
    meters: meters.map((row) => ({ ...row, quality: row.quality === null ? null : (qualities[row.quality] ?? null) })),
    heat,
    faults,
    hours,
    letters,
  };
}
