import { and, asc, eq, isNotNull, isNull } from "drizzle-orm";
import { channels } from "#db/notify.ts";
import { centre } from "#db/schema/fleet.ts";
import { job, jobRun } from "#db/schema/work.ts";
import { hourMs } from "../placement/horizon.ts";
import type { SchedulerContext } from "./context.ts";
import { facilityShare, readHourFactors } from "./run-footprint.ts";
import { type PowerSample, trapezoidMilliWh } from "./trapezoid.ts";

/** Samples this far outside the run still say how it began and ended. */
const holdMs = 60_000;
/** With less of the run covered by samples the energy is the request's estimate and is named so. */
const leastCoverage = 0.5;

/** No GPU draws this much, W: a sample that says so is a fault of its sensor. */
const absurdW = 20_000;

type EndedRun = { run: typeof jobRun.$inferSelect; job: typeof job.$inferSelect; centre: typeof centre.$inferSelect };

/**
 * Meters ended runs from the samples of their GPUs as soon as every GPU has been heard after the end, or when waiting
 * has been long enough; a job whose run ended well has then succeeded. @returns how many were metered.
 */
export async function meterRuns(context: SchedulerContext): Promise<number> {
  const { db, log, metrics } = context;
  const waiting = await db.orm
    .select({ run: jobRun, job, centre })
    .from(jobRun)
    .innerJoin(job, eq(job.id, jobRun.jobId))
    .innerJoin(centre, eq(centre.id, jobRun.centreId))
    .where(and(isNotNull(jobRun.endedAt), isNull(jobRun.energyMethod)))
    .orderBy(asc(jobRun.endedAt));
  let metered = 0;
  for (const item of waiting) {
    try {
      if (await meterRun(context, item)) metered++;
    } catch (error) {
      metrics.errors.inc({ stage: "meter" });
      log.error({ err: error, runId: item.run.id }, "a run could not be metered");
    }
  }
  return metered;
}

async function meterRun(
  { db, clock, meterPatienceMs, startedAtMs }: SchedulerContext,
  { run, job: owner, centre: place }: EndedRun,
): Promise<boolean> {
  const endMs = run.endedAt!.getTime();
  const startMs = run.startedAt?.getTime() ?? endMs;
  const samples =
    startMs < endMs ? await readSamples(db, run.gpuIds, startMs, endMs) : new Map<number, PowerSample[]>();
  const heardAfter = run.gpuIds.every((id) => (samples.get(id)?.at(-1)?.timeMs ?? 0) >= endMs);
  if (startMs < endMs && !heardAfter && clock() - Math.max(endMs, startedAtMs) < meterPatienceMs) return false;

  const parts: { hourMs: number; itMilliWh: number }[] = [];
  let coveredS = 0;
  for (let from = startMs; from < endMs; ) {
    const hour = Math.floor(from / hourMs) * hourMs;
    const until = Math.min(endMs, hour + hourMs);
    let itMilliWh = 0;
    for (const id of run.gpuIds) {
      const part = trapezoidMilliWh(samples.get(id) ?? [], from, until, holdMs);
      itMilliWh += part.milliWh;
      coveredS += part.coveredS;
    }
    parts.push({ hourMs: hour, itMilliWh });
    from = until;
  }
  const gpuSeconds = (run.gpuIds.length * (endMs - startMs)) / 1_000;
  const coverage = gpuSeconds ? coveredS / gpuSeconds : 1;
  const estimated = coverage < leastCoverage;
  if (estimated) {
    for (const part of parts) {
      const seconds = (Math.min(endMs, part.hourMs + hourMs) - Math.max(startMs, part.hourMs)) / 1_000;
      part.itMilliWh = (owner.powerPerGpuW * run.gpuIds.length * seconds) / 3.6;
    }
  }
  const factors = await readHourFactors(
    db,
    place,
    parts.map((part) => part.hourMs),
  );
  const whole = facilityShare(parts, factors);
  const method = estimated
    ? "estimate: requested power × time"
    : `trapezoid: gpu_sample.power_w${coverage < 0.999 ? `, ${Math.round(coverage * 100)} % covered` : ""}`;
  const now = new Date(clock());
  const done = await db.orm.transaction(async (tx) => {
    const [row] = await tx
      .update(jobRun)
      .set({
        itMilliWh: Math.round(parts.reduce((sum, part) => sum + part.itMilliWh, 0)),
        energyMethod: `${method}; PUE: ${whole.pueSource}`,
        facilityMilliWh: whole.facilityMilliWh,
        carbonLocationG: whole.carbonLocationG,
        carbonContractG: whole.carbonContractG,
        costMicroUsd: whole.costMicroUsd,
      })
      .where(and(eq(jobRun.id, run.id), isNull(jobRun.energyMethod)))
      .returning({ id: jobRun.id });
    if (row && run.exitCode === 0)
      await tx
        .update(job)
        .set({ status: "succeeded", statusReason: null, updatedAt: now })
        .where(and(eq(job.id, owner.id), eq(job.status, "running")));
    return row !== undefined;
  });
  if (done) await db.notify(channels.job, { jobId: owner.id });
  return done;
}

async function readSamples(
  db: SchedulerContext["db"],
  gpuIds: number[],
  startMs: number,
  endMs: number,
): Promise<Map<number, PowerSample[]>> {
  const rows = await db.sql<{ gpuId: number; timeMs: number; powerW: number }[]>`
    select gpu_id as "gpuId", extract(epoch from time)::float8 * 1000 as "timeMs", power_w as "powerW" from gpu_sample
    where gpu_id = any(${gpuIds}) and power_w >= 0 and power_w < ${absurdW} and quality in (0, 4, 5) and time >= ${new Date(startMs - holdMs).toISOString()} and time <= ${new Date(endMs + holdMs).toISOString()}
    order by gpu_id, time`;
  const samples = new Map<number, PowerSample[]>();
  for (const row of rows) {
    const list = samples.get(row.gpuId) ?? [];
    samples.set(row.gpuId, list);
    list.push({ timeMs: row.timeMs, powerW: row.powerW });
  }
  return samples;
}
