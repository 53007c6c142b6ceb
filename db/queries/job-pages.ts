import { inArray } from "drizzle-orm";
import type { Database } from "../client.ts";
import type { LocalizedText } from "../schema/columns.ts";
import { centre } from "../schema/fleet.ts";
import { apiToken, person } from "../schema/people.ts";
import type { JobStatus } from "../schema/work.ts";
import type { JobScope } from "./jobs.ts";

/** What job pages read beside `jobs.ts`: sums of a period, the run of each listed job, and the GPUs that a run holds. */

export type OpenJobs = { status: JobStatus; jobs: number; gpus: number };
export type WorkByCentre = {
  centreId: string;
  runs: number;
  /** Runs whose energy is known. The sums below are over these alone. */
  metered: number;
  /** Of them, by estimate and not from samples. */
  estimated: number;
  gpuSeconds: number;
  itMilliWh: number;
  facilityMilliWh: number;
  /** Carbon and cost with the GPU-seconds of the runs that know them; null: none does. */
  carbonLocationG: number | null;
  carbonContractG: number | null;
  carbonGpuSeconds: number;
  costMicroUsd: number | null;
};

/** As listJobs and jobDetail have it: the open placement says where a job `j` is, else its newest run. */
const place = (db: Database) => db.sql`coalesce(
  (select p.centre_id from placement p where p.job_id = j.id and p.status <> 'released' limit 1),
  (select n.centre_id from job_run n where n.job_id = j.id order by n.placement_id desc limit 1))`;

const visible = (db: Database, scope: JobScope) =>
  db.sql`(${scope.centreIds}::text[] is null or j.submitted_by = ${scope.submittedBy ?? null}
    or ${place(db)} = any(${scope.centreIds}::text[]))`;

/** Whose a job is and where, for whoever tells others that it changed. */
export async function placeOfJob(
  db: Database,
  jobId: string,
): Promise<{ submittedBy: string; centreId: string | null } | undefined> {
  const [row] = await db.sql<{ submittedBy: string; centreId: string | null }[]>`
    select j.submitted_by as "submittedBy", ${place(db)} as "centreId" from job j where j.id = ${jobId}`;
  return row;
}

/** Jobs that have not ended, by status. */
export async function openJobs(db: Database, scope: JobScope): Promise<OpenJobs[]> {
  return db.sql<OpenJobs[]>`
    select j.status, count(*)::int as jobs, sum(j.gpus)::int as gpus from job j
    where j.status in ('queued', 'placed', 'starting', 'running') and ${visible(db, scope)} group by j.status`;
}

/** Jobs that ended in [from, to), by how. */
export async function endedJobs(
  db: Database,
  scope: JobScope,
  from: Date,
  to: Date,
): Promise<{ status: JobStatus; jobs: number }[]> {
  return db.sql<{ status: JobStatus; jobs: number }[]>`
    select j.status, count(*)::int as jobs from job j
    where j.status in ('succeeded', 'failed', 'cancelled') and j.updated_at >= ${from.toISOString()} and j.updated_at < ${to.toISOString()}
      and ${visible(db, scope)} group by j.status`;
}

/** Energy, carbon and cost of the runs that ended in [from, to), by centre of the scope. Failed runs took energy too and count. */
export async function workByCentre(db: Database, scope: JobScope, from: Date, to: Date): Promise<WorkByCentre[]> {
  return db.sql<WorkByCentre[]>`
    select r.centre_id as "centreId", count(*)::int as runs, count(r.it_milli_wh)::int as metered,
      count(*) filter (where r.energy_method like 'estimate%')::int as estimated,
      coalesce(sum(r.gpu_seconds) filter (where r.it_milli_wh is not null), 0)::float8 as "gpuSeconds",
      coalesce(sum(r.it_milli_wh), 0)::float8 as "itMilliWh", coalesce(sum(r.facility_milli_wh), 0)::float8 as "facilityMilliWh",
      sum(r.carbon_location_g)::float8 as "carbonLocationG", sum(r.carbon_contract_g)::float8 as "carbonContractG",
      coalesce(sum(r.gpu_seconds) filter (where r.carbon_location_g is not null), 0)::float8 as "carbonGpuSeconds",
      sum(r.cost_micro_usd)::float8 as "costMicroUsd"
    from job_run r join job j on j.id = r.job_id join centre c on c.id = r.centre_id
    where r.ended_at >= ${from.toISOString()} and r.ended_at < ${to.toISOString()}
      and (${scope.centreIds}::text[] is null or j.submitted_by = ${scope.submittedBy ?? null} or r.centre_id = any(${scope.centreIds}::text[]))
    group by r.centre_id, c.position order by c.position, r.centre_id`;
}

export type RunTimes = { jobId: string; startedAtMs: number | null; endedAtMs: number | null };

/** The newest run of each of these jobs. */
export async function newestRuns(db: Database, jobIds: string[]): Promise<Map<string, RunTimes>> {
  const rows = await db.sql<RunTimes[]>`
    select distinct on (job_id) job_id as "jobId", extract(epoch from started_at)::float8 * 1000 as "startedAtMs",
      extract(epoch from ended_at)::float8 * 1000 as "endedAtMs"
    from job_run where job_id = any(${jobIds}) order by job_id, placement_id desc`;
  return new Map(rows.map((row) => [row.jobId, row]));
}

export type CentreName = {
  id: string;
  name: LocalizedText;
  timeZone: string;
  jurisdiction: string;
  simulated: boolean;
};

/** Names of all centres, retired ones too: a job of last year still ran somewhere. */
export function centreNames(db: Database): Promise<CentreName[]> {
  return db.orm
    .select({
      id: centre.id,
      name: centre.name,
      timeZone: centre.timeZone,
      jurisdiction: centre.jurisdiction,
      simulated: centre.simulated,
    })
    .from(centre)
    .orderBy(centre.position, centre.id);
}

export type GpuPlace = {
  id: number;
  rackId: string;
  hallName: string;
  server: string;
  index: number;
  gpuClass: string;
  ratedPowerW: number;
};

/** Where these GPUs are, by rack and index. */
export async function gpuPlaces(db: Database, gpuIds: number[]): Promise<GpuPlace[]> {
  if (gpuIds.length === 0) return [];
  return db.sql<GpuPlace[]>`
    select g.id, g.rack_id as "rackId", h.name as "hallName", g.server, g.index, g.gpu_class as "gpuClass", g.rated_power_w as "ratedPowerW"
    from gpu g join rack r on r.id = g.rack_id join hall h on h.id = r.hall_id where g.id = any(${gpuIds}) order by g.rack_id, g.index`;
}

/** Look-back for what was known of heat when nodes were chosen. */
const choiceWindowMs = 180_000;

export type RackHeat = {
  rackId: string;
  /** Mean over the rack's GPUs of the newest sample before the choice; null: none was heard in the 3 min before it. */
  gpuC: number | null;
  inletC: number | null;
};

/** How warm each rack of a centre was when nodes were chosen at `at`: GPUs of the class, and inlet air. */
export async function rackHeatAt(db: Database, centreId: string, at: Date): Promise<RackHeat[]> {
  const [from, to] = [new Date(at.getTime() - choiceWindowMs).toISOString(), at.toISOString()];
  return db.sql<RackHeat[]>`
    with gpus as (
      select g.rack_id, avg(s.temperature_c)::float8 as gpu_c from gpu g join rack r on r.id = g.rack_id
      join lateral (select temperature_c from gpu_sample s where s.gpu_id = g.id and s.time > ${from} and s.time <= ${to}
        and temperature_c is not null order by time desc limit 1) s on true
      where r.centre_id = ${centreId} group by g.rack_id),
    inlet as (
      select d.rack_id, avg(v.value)::float8 as inlet_c from device d join point p on p.device_id = d.id
      join lateral (select value from reading v where v.point_id = p.id and v.time > ${from} and v.time <= ${to}
        and v.quality = 0 order by time desc limit 1) v on true
      where d.centre_id = ${centreId} and d.rack_id is not null and p.quantity = 'inletTemperature' group by d.rack_id)
    select r.id as "rackId", gpus.gpu_c as "gpuC", inlet.inlet_c as "inletC"
    from rack r left join gpus on gpus.rack_id = r.id left join inlet on inlet.rack_id = r.id
    where r.centre_id = ${centreId} and r.retired_at is null order by r.id`;
}

/** What these GPUs draw now, from samples not older than `since`; `heard` of them report. */
export async function drawNow(
  db: Database,
  gpuIds: number[],
  since: Date,
): Promise<{ powerW: number | null; heard: number; newestAtMs: number | null }> {
  const [row] = await db.sql<{ powerW: number | null; heard: number; newestAtMs: number | null }[]>`
    select sum(power_w)::float8 as "powerW", count(power_w)::int as heard, extract(epoch from max(time))::float8 * 1000 as "newestAtMs"
    from gpu_latest where gpu_id = any(${gpuIds}) and power_w is not null and time >= ${since.toISOString()}`;
  return row ?? { powerW: null, heard: 0, newestAtMs: null };
}

/** Names of people and API tokens by id, for "submitted by". */
export async function actorNames(db: Database, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const [people, tokens] = await Promise.all([
    db.orm.select({ id: person.id, name: person.name }).from(person).where(inArray(person.id, ids)),
    db.orm.select({ id: apiToken.id, name: apiToken.name }).from(apiToken).where(inArray(apiToken.id, ids)),
  ]);
  return new Map([...people, ...tokens].map(({ id, name }) => [id, name]));
}
