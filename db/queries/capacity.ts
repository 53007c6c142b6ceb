import type { Database } from "../client.ts";

/** The GPUs of one class at one centre. */
export type ClassCapacity = {
  centreId: string;
  jurisdiction: string;
  gpuClass: string;
  /** Installed and open to the scheduler: neither reserved by long contracts (WP-S9) nor drained. */
  gpus: number;
  /** Held by committed placements. */
  inUse: number;
  reserved: number;
  drained: number;
  ratedPowerW: number;
  /** What a buyer pays per GPU-hour, decimal text in HS. */
  computeHsPerGpuHour: string;
};

/** Capacity by centre and class; `centreIds` null: all centres. Retired centres, racks and GPUs do not count. */
export async function capacityByClass(db: Database, centreIds: string[] | null = null): Promise<ClassCapacity[]> {
  return db.sql<ClassCapacity[]>`
    with held as (select distinct unnest(gpu_ids) as gpu_id from placement where status = 'committed')
    select c.id as "centreId", c.jurisdiction, g.gpu_class as "gpuClass",
      count(*) filter (where g.index >= r.reserved_gpus and g.drained_reason is null)::int as gpus,
      count(held.gpu_id)::int as "inUse",
      count(*) filter (where g.index < r.reserved_gpus)::int as reserved,
      count(*) filter (where g.index >= r.reserved_gpus and g.drained_reason is not null)::int as drained,
      max(g.rated_power_w) as "ratedPowerW",
      c.tariff->>'computeHsPerGpuHour' as "computeHsPerGpuHour"
    from gpu g join rack r on r.id = g.rack_id join centre c on c.id = r.centre_id left join held on held.gpu_id = g.id
    where g.retired_at is null and r.retired_at is null and c.retired_at is null
      ${centreIds ? db.sql`and c.id = any(${centreIds})` : db.sql``}
    group by c.id, g.gpu_class order by c.position, c.id, g.gpu_class`;
}

/** One GPU with what node choice needs of its place, its newest sample and what it is held for. */
export type GpuState = {
  id: number;
  rackId: string;
  index: number;
  gpuClass: string;
  reserved: boolean;
  drainedReason: string | null;
  temperatureC: number | null;
  powerW: number | null;
  eccDoubleVolatile: number | null;
  rowsRemappedPending: number | null;
  lastXid: number | null;
  /** The job whose committed placement holds it. */
  heldBy: string | null;
  /** What that job is expected to draw, W. */
  heldPowerW: number | null;
  rackPowerLimitW: number;
  /** Newest inlet temperature of the rack. */
  inletC: number | null;
};

/** Samples older than this say nothing of a GPU's heat now. */
const freshS = 120;

/** The GPUs of a centre in the order of rack and index. */
export async function gpuStates(db: Database, centreId: string, now: Date): Promise<GpuState[]> {
  const since = new Date(now.getTime() - freshS * 1_000).toISOString();
  return db.sql<GpuState[]>`
    with held as (
      select unnest(p.gpu_ids) as gpu_id, min(p.job_id) as job_id, max(j.power_per_gpu_w) as power_w
      from placement p join job j on j.id = p.job_id where p.status = 'committed' and p.centre_id = ${centreId} group by 1),
    inlet as (
      select d.rack_id, max(l.value) as inlet_c from device d join point p on p.device_id = d.id join point_latest l on l.point_id = p.id
      where d.centre_id = ${centreId} and d.rack_id is not null and p.quantity = 'inletTemperature' and l.time >= ${since} group by 1)
    select g.id, g.rack_id as "rackId", g.index, g.gpu_class as "gpuClass", g.index < r.reserved_gpus as reserved,
      g.drained_reason as "drainedReason", l.temperature_c as "temperatureC", l.power_w as "powerW",
      l.ecc_double_volatile as "eccDoubleVolatile", l.rows_remapped_pending as "rowsRemappedPending", l.last_xid as "lastXid",
      held.job_id as "heldBy", held.power_w as "heldPowerW", r.power_limit_w as "rackPowerLimitW", inlet.inlet_c as "inletC"
    from gpu g join rack r on r.id = g.rack_id
      left join gpu_latest l on l.gpu_id = g.id and l.time >= ${since}
      left join held on held.gpu_id = g.id left join inlet on inlet.rack_id = r.id
    where r.centre_id = ${centreId} and g.retired_at is null and r.retired_at is null order by g.rack_id, g.index`;
}

const coverSeenDays = 3;

/**
 * Share of its load that each centre's own supply carried of late in the hours in which it was foretold to be enough for
 * all of it, 0–1: regulation keeps something on the grid. A ratio of sums; a centre without such an hour is absent.
 */
export async function ownCoverSeen(db: Database, centreIds: string[] | null, now: Date): Promise<Map<string, number>> {
  const from = new Date(now.getTime() - coverSeenDays * 86_400_000).toISOString();
  const until = new Date(now.getTime() - 3_600_000).toISOString();
  const rows = await db.sql<{ centreId: string; share: number }[]>`
    select "centreId", greatest(0, least(1, sum(own) / sum(load)))::float8 as share from (
      select h.centre_id as "centreId", coalesce((h.parts->>'hydro')::float8, 0) + coalesce((h.parts->>'wind')::float8, 0)
          + coalesce((h.parts->>'solar')::float8, 0) - coalesce((h.parts->>'gridExport')::float8, 0) as own,
        h.facility_milli_wh + coalesce((h.parts->>'batteryCharge')::float8, 0) as load, f.value as supply_w
      from centre_hour h join lateral (
        select value from forecast where key = h.centre_id and series = 'ownSupplyW' and time = h.hour and issued_at <= h.hour
          and issued_at > h.hour - interval '6 hours' order by issued_at desc limit 1
      ) f on true
      where (${centreIds}::text[] is null or h.centre_id = any(${centreIds}::text[])) and h.hour >= ${from} and h.hour <= ${until} and h.facility_milli_wh > 0
    ) seen where supply_w * 1000 >= load group by 1`;
  return new Map(rows.map(({ centreId, share }) => [centreId, share]));
}
