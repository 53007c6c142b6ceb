import { and, asc, eq, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";
import { channels } from "#db/notify.ts";
import { job, jobRun, placement } from "#db/schema/work.ts";
import { EngineError, type RunStatus } from "../dispatch/engine.ts";
import type { SchedulerContext } from "./context.ts";

/** Exit code on record of a run that vanished, as a shell reports SIGKILL. null: we ended it ourselves. */
const lostExitCode = 137;
/** Runs of a job that may fail: the first, and one more on another centre. */
const attempts = 2;

/** A run that its engine cannot start for this long goes elsewhere, ms. */
const startPatienceMs = 120_000;
/** Exit code on record of a run that we ended because it went on too long, as timeout(1) gives it. */
const timeLimitExitCode = 124;
/** What a run may take beyond the duration that was asked for: a tenth of it, and at least this, ms. */
const leastOverrunMs = 60_000;

type OpenRun = { run: typeof jobRun.$inferSelect; job: typeof job.$inferSelect };

async function readOpenRuns({ db }: SchedulerContext): Promise<OpenRun[]> {
  return db.orm
    .select({ run: jobRun, job })
    .from(jobRun)
    .innerJoin(job, eq(job.id, jobRun.jobId))
    .where(isNull(jobRun.endedAt))
    .orderBy(asc(jobRun.placementId));
}

/**
 * Brings every open run forward: starts what was committed and not yet started, adopts what runs, ends what was cancelled,
 * and records what has ended. Safe to repeat after any crash. @returns whether GPUs became free.
 */
export async function watchRuns(context: SchedulerContext): Promise<boolean> {
  const open = await readOpenRuns(context);
  context.metrics.openRuns.set(open.length);
  let freed = false;
  for (const item of open) {
    try {
      freed = (await watchRun(context, item)) || freed;
    } catch (error) {
      context.metrics.errors.inc({ stage: "watch" });
      context.log.error({ err: error, runId: item.run.id }, "a run could not be watched");
    }
  }
  return freed;
}

async function watchRun(context: SchedulerContext, item: OpenRun): Promise<boolean> {
  const { run } = item;
  const engine = context.engines.get(run.engine);
  if (!engine) return false;
  let status = await engine.status(run.id);
  if (item.job.status === "cancelled" && (status.state === "unknown" || status.state === "running")) {
    // Also where nothing was seen of it: a process that a killed scheduler began may be about to claim the run.
    await engine.cancel(run.id, "cancelled");
    status = await engine.status(run.id);
  }
  if (status.state === "unknown") return startRun(context, item);
  if (status.state === "running") {
    if (run.engineRef === null) await markRunning(context, item, status.engineRef, status.startedAt);
    if (context.clock() <= timeLimitMs(item.job, status.startedAt)) return false;
    await engine.cancel(run.id, "time limit");
    status = await engine.status(run.id);
    if (status.state === "running" || status.state === "unknown") return false;
    await recordEnd(context, item, status, true);
    return true;
  }
  await recordEnd(context, item, status);
  return true;
}

/** When a run is ended because it holds its GPUs longer than it was given, ms. */
function timeLimitMs(owner: { durationS: number }, startedAt: Date): number {
  return startedAt.getTime() + owner.durationS * 1_000 + Math.max(leastOverrunMs, owner.durationS * 100);
}

async function startRun(context: SchedulerContext, item: OpenRun): Promise<boolean> {
  const { run, job: owner } = item;
  const engine = context.engines.get(run.engine)!;
  try {
    const { engineRef } = await engine.submit({
      runId: run.id,
      jobId: owner.id,
      gpuIds: run.gpuIds,
      durationS: owner.durationS,
      workload: owner.workload,
    });
    const status = await engine.status(run.id);
    if (status.state === "running" || status.state === "unknown") {
      const startedAt = status.state === "running" ? status.startedAt : new Date(context.clock());
      await markRunning(context, item, engineRef, startedAt);
      return false;
    }
    await recordEnd(context, item, status);
    return true;
  } catch (error) {
    // What is no EngineError (a full disk, a folder without permission) may pass as well; not for ever.
    const retryable = !(error instanceof EngineError) || error.retryable;
    if (retryable && context.clock() < owner.updatedAt.getTime() + startPatienceMs) throw error;
    // A process of it that comes late must find the run closed: its GPUs are about to be given away.
    await engine.cancel(run.id, "could not be started");
    await recordEnd(context, item, {
      state: "lost",
      engineRef: "none",
      startedAt: null,
      endedAt: new Date(context.clock()),
      reason: (error as Error).message,
    });
    return true;
  }
}

async function markRunning(
  { db }: SchedulerContext,
  { run, job: owner }: OpenRun,
  engineRef: string,
  startedAt: Date,
): Promise<void> {
  await db.orm.transaction(async (tx) => {
    await tx.update(jobRun).set({ engineRef, startedAt }).where(eq(jobRun.id, run.id));
    await tx
      .update(job)
      .set({ status: "running", updatedAt: startedAt })
      .where(and(eq(job.id, owner.id), eq(job.status, "starting")));
  });
  await db.notify(channels.job, { jobId: owner.id });
}

/**
 * Writes how a run ended and frees its GPUs; the job goes on to metering, to another centre, back to the queue, or has
 * failed. `overran`: we ended it at its time limit, which counts as a failure of the run.
 */
async function recordEnd(
  { db, metrics, log, clock }: SchedulerContext,
  { run, job: owner }: OpenRun,
  status: Exclude<RunStatus, { state: "unknown" | "running" }>,
  overran = false,
): Promise<void> {
  const now = new Date(clock());
  const ended =
    status.state === "ended"
      ? { exitCode: status.exitCode, outputSha256: status.outputSha256, outputTail: status.outputTail }
      : {
          exitCode: overran ? timeLimitExitCode : status.state === "lost" ? lostExitCode : null,
          outputTail: status.reason,
        };
  const result =
    status.state === "ended" ? (status.exitCode === 0 ? "succeeded" : "failed") : overran ? "timedOut" : status.state;
  const recorded = await db.orm.transaction(async (tx) => {
    const startedAt = status.startedAt ?? run.startedAt;
    const gpuSeconds = startedAt
      ? run.gpuIds.length * Math.max(0, (status.endedAt.getTime() - startedAt.getTime()) / 1_000)
      : 0;
    const [row] = await tx
      .update(jobRun)
      .set({ ...ended, engineRef: status.engineRef, startedAt, endedAt: status.endedAt, gpuSeconds })
      .where(and(eq(jobRun.id, run.id), isNull(jobRun.endedAt)))
      .returning({ id: jobRun.id });
    if (!row) return false;
    await tx
      .update(placement)
      .set({ status: "released", releasedAt: status.endedAt })
      .where(and(eq(placement.id, run.placementId), ne(placement.status, "released")));
    const live = and(eq(job.id, owner.id), inArray(job.status, ["starting", "running"]));
    if (result === "succeeded") await tx.update(job).set({ statusReason: "metering", updatedAt: now }).where(live);
    else if (result === "stopped")
      await tx
        .update(job)
        .set({
          status: "queued",
          statusReason: `interrupted (${ended.outputTail}); it starts again from its beginning`,
          updatedAt: now,
        })
        .where(live);
    else {
      const [{ failures } = { failures: 0 }] = await tx
        .select({ failures: sql<number>`count(*)::int` })
        .from(jobRun)
        .where(
          and(
            eq(jobRun.jobId, owner.id),
            isNotNull(jobRun.endedAt),
            isNotNull(jobRun.exitCode),
            ne(jobRun.exitCode, 0),
          ),
        );
      const what =
        status.state === "ended"
          ? `exit code ${status.exitCode} at ${run.centreId}`
          : overran
            ? `ended at its time limit at ${run.centreId}`
            : `lost at ${run.centreId}: ${status.reason}`;
      await tx
        .update(job)
        .set(
          failures < attempts
            ? { status: "queued", statusReason: `${what}; tried again elsewhere`, updatedAt: now }
            : { status: "failed", statusReason: what, updatedAt: now },
        )
        .where(live);
    }
    return true;
  });
  if (!recorded) return;
  metrics.runsEnded.inc({ result });
  log.info({ jobId: owner.id, runId: run.id, result }, "run ended");
  await db.notify(channels.job, { jobId: owner.id });
}

/**
 * Ends every run of this process's engines, for a stop of the whole: nothing is left running. Their jobs are queued again
 * and start from the beginning at the next start; a job is settled only when a run of it succeeds, so never twice.
 */
export async function stopRuns(context: SchedulerContext, reason: string): Promise<void> {
  const open = await readOpenRuns(context);
  await Promise.all(
    open.map(async (item) => {
      const engine = context.engines.get(item.run.engine);
      if (engine?.kind !== "local") return;
      // A run that was committed and never started stays as it is: the next start starts it.
      if ((await engine.status(item.run.id)).state === "unknown") return;
      await engine.cancel(item.run.id, reason);
      const status = await engine.status(item.run.id);
      if (status.state !== "unknown" && status.state !== "running") await recordEnd(context, item, status);
    }),
  );
}
