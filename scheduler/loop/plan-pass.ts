import { and, eq, inArray } from "drizzle-orm";
import { channels } from "#db/notify.ts";
import { job, placement } from "#db/schema/work.ts";
import { horizonHours } from "../forecast/centre-inputs.ts";
import { type PlannedJob, planJobs } from "../placement/plan.ts";
import type { CentreInputs } from "../placement/types.ts";
import { commitPlacement } from "./commit.ts";
import type { SchedulerContext } from "./context.ts";
import { type NoNodeMemory, type PendingJob, readPending } from "./pending.ts";
import { recordDecision } from "./record-decision.ts";

/** Plans every waiting job anew; commits what starts now and records what changed. @returns committed jobs. */
export async function planPass(
  context: SchedulerContext,
  readCentres: (nowMs: number) => Promise<CentreInputs[]>,
  noNode: NoNodeMemory,
): Promise<string[]> {
  const nowMs = context.clock();
  const pending = await readPending(context.db, noNode, nowMs);
  context.metrics.pendingJobs.set(pending.length);
  if (!pending.length) return [];
  const centres = await readCentres(nowMs);
  const end = context.metrics.planSeconds.startTimer();
  const plan = planJobs(nowMs, horizonHours, centres, pending);
  end();
  const committed: string[] = [];
  const byId = new Map(pending.map((item) => [item.job.id, item]));
  for (const planned of plan.jobs) {
    const item = byId.get(planned.jobId)!;
    const { chosen } = planned.outcome;
    if (!chosen) await leaveWaiting(context, item, planned, nowMs);
    else if (chosen.startAtMs <= nowMs) {
      const result = await commitPlacement(context, planned, item, nowMs);
      if (result === "committed") committed.push(planned.jobId);
      else if (result === "noNode") noNode.add(planned.jobId, chosen.centreId, nowMs);
    } else if (
      !item.planned ||
      item.current?.centreId !== chosen.centreId ||
      item.current.startAtMs !== chosen.startAtMs
    ) {
      await recordPlan(context, item, planned, nowMs);
    }
  }
  return committed;
}

async function recordPlan(
  { db, metrics }: SchedulerContext,
  item: PendingJob,
  planned: PlannedJob,
  nowMs: number,
): Promise<void> {
  const chosen = planned.outcome.chosen!;
  const now = new Date(nowMs);
  const done = await db.orm.transaction(async (tx) => {
    const [open] = await tx
      .update(job)
      .set({ status: "placed", statusReason: null, updatedAt: now })
      .where(and(eq(job.id, planned.jobId), inArray(job.status, ["queued", "placed"])))
      .returning({ id: job.id });
    if (!open) return false;
    const decisionId = await recordDecision(tx, planned, now);
    await tx
      .update(placement)
      .set({ status: "released", releasedAt: now })
      .where(and(eq(placement.jobId, planned.jobId), eq(placement.status, "planned")));
    await tx.insert(placement).values({
      jobId: planned.jobId,
      decisionId,
      centreId: chosen.centreId,
      plannedStartAt: new Date(chosen.startAtMs),
      plannedEndAt: new Date(chosen.startAtMs + planned.inputs.job.durationS * 1_000),
      status: "planned",
      createdAt: now,
    });
    return true;
  });
  if (!done) return;
  metrics.decisions.inc({ kind: item.planned ? "moved" : "planned" });
  await db.notify(channels.job, { jobId: planned.jobId });
}

/** No allowed place: the job waits and says why, or fails when its deadline can no longer be met. */
async function leaveWaiting(
  { db, metrics, log }: SchedulerContext,
  item: PendingJob,
  planned: PlannedJob,
  nowMs: number,
): Promise<void> {
  const { job: wanted } = item;
  const now = new Date(nowMs);
  const late = Math.max(nowMs, wanted.releaseAtMs) + wanted.durationS * 1_000 > wanted.deadlineAtMs;
  // Whoever submitted it for some centres reads nothing of the others.
  const rules = planned.outcome.centres
    .filter(({ rule }) => rule !== "scope")
    .map((centre) => `${centre.centreId}: ${centre.rule ?? "beyond the horizon"}`)
    .join(", ");
  // A job that failed where it could run and may run nowhere else has had its second chance.
  const nowhereElse =
    planned.outcome.centres.some((c) => c.rule === "failedHere") &&
    planned.outcome.centres.every(
      ({ rule }) => rule !== null && ["failedHere", "scope", "residency", "gpuClass", "policy"].includes(rule),
    );
  const failed = late || nowhereElse;
  const statusReason = failed
    ? `${late ? "the deadline can no longer be met" : "failed and may run nowhere else"} (${rules})`
    : planned.outcome.kind === "wait"
      ? "released later"
      : `no allowed place now (${rules})`;
  if (!failed && item.statusReason === statusReason && !item.planned) return;
  const done = await db.orm.transaction(async (tx) => {
    const [open] = await tx
      .update(job)
      .set({ status: failed ? "failed" : "queued", statusReason, updatedAt: now })
      .where(and(eq(job.id, wanted.id), inArray(job.status, ["queued", "placed"])))
      .returning({ id: job.id });
    if (!open) return false;
    await tx
      .update(placement)
      .set({ status: "released", releasedAt: now })
      .where(and(eq(placement.jobId, wanted.id), eq(placement.status, "planned")));
    await recordDecision(tx, planned, now);
    return true;
  });
  if (!done) return;
  metrics.decisions.inc({ kind: planned.outcome.kind });
  log.info({ jobId: wanted.id, statusReason }, failed ? "job failed" : "job waits");
  await db.notify(channels.job, { jobId: wanted.id });
}
