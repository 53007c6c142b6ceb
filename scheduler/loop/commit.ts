import { randomBytes } from "node:crypto";
import { and, arrayOverlaps, eq, inArray, isNull, sql } from "drizzle-orm";
import { channels } from "#db/notify.ts";
import { gpuStates } from "#db/queries/capacity.ts";
import { centre } from "#db/schema/fleet.ts";
import { job, jobRun, placement } from "#db/schema/work.ts";
import { chooseNodes, gpuUnfitReason } from "../placement/nodes.ts";
import type { PlannedJob } from "../placement/plan.ts";
import type { SchedulerContext } from "./context.ts";
import { recordDecision } from "./record-decision.ts";

export type CommitResult = "committed" | "noNode" | "gone";

/**
 * Binds a job to GPUs and writes its run, in one transaction and before anything is started: whatever crashes after it,
 * the next start finds the run and asks the engine about it.
 */
export async function commitPlacement(
  { db, engines, metrics, log }: SchedulerContext,
  planned: PlannedJob,
  item: { job: { gpus: number; powerPerGpuW: number } },
  nowMs: number,
): Promise<CommitResult> {
  const chosen = planned.outcome.chosen!;
  const now = new Date(nowMs);
  const states = await gpuStates(db, chosen.centreId, now);
  const gpuIds = chooseNodes(
    states.map((gpu) => ({
      ...gpu,
      busy: gpu.heldBy !== null,
      unfitReason: gpuUnfitReason(gpu),
      powerW: Math.max(gpu.powerW ?? 0, gpu.heldPowerW ?? 0),
    })),
    [
      ...new Map(
        states.map((gpu) => [gpu.rackId, { id: gpu.rackId, powerLimitW: gpu.rackPowerLimitW, inletC: gpu.inletC }]),
      ).values(),
    ],
    { count: item.job.gpus, gpuClass: chosen.gpuClass!, powerPerGpuW: item.job.powerPerGpuW },
  );
  if (!gpuIds) return "noNode";
  const runId = `run-${randomBytes(8).toString("hex")}`;
  const result = await db.orm.transaction(async (tx): Promise<CommitResult> => {
    // One commit at a time for a centre: between this and the next line nobody else can take its GPUs.
    const [place] = await tx
      .select({ engine: centre.engine })
      .from(centre)
      .where(eq(centre.id, chosen.centreId))
      .for("update");
    const taken = await tx
      .select({ id: placement.id })
      .from(placement)
      .where(and(eq(placement.status, "committed"), arrayOverlaps(placement.gpuIds, gpuIds)))
      .limit(1);
    if (!place || taken.length) return "noNode";
    // An engine that carries no more: the job waits as for a node.
    const { runs: most = null } = (await engines.get(place.engine.kind)?.capacity()) ?? {};
    if (most !== null) {
      const [open] = await tx
        .select({ runs: sql<number>`count(*)::int` })
        .from(jobRun)
        .where(and(isNull(jobRun.endedAt), eq(jobRun.engine, place.engine.kind)));
      if (open!.runs >= most) return "noNode";
    }
    const [open] = await tx
      .update(job)
      .set({ status: "starting", statusReason: null, updatedAt: now })
      .where(and(eq(job.id, planned.jobId), inArray(job.status, ["queued", "placed"])))
      .returning({ id: job.id });
    if (!open) return "gone";
    await tx
      .update(placement)
      .set({ status: "released", releasedAt: now })
      .where(and(eq(placement.jobId, planned.jobId), eq(placement.status, "planned")));
    const decisionId = await recordDecision(tx, planned, now);
    const [held] = await tx
      .insert(placement)
      .values({
        jobId: planned.jobId,
        decisionId,
        centreId: chosen.centreId,
        gpuIds,
        plannedStartAt: now,
        plannedEndAt: new Date(nowMs + planned.inputs.job.durationS * 1_000),
        status: "committed",
        createdAt: now,
      })
      .returning({ id: placement.id });
    await tx.insert(jobRun).values({
      id: runId,
      jobId: planned.jobId,
      placementId: held!.id,
      centreId: chosen.centreId,
      gpuIds,
      engine: place.engine.kind,
    });
    return "committed";
  });
  if (result !== "committed") return result;
  metrics.commits.inc();
  metrics.decisions.inc({ kind: "committed" });
  log.info({ jobId: planned.jobId, runId, centreId: chosen.centreId, gpus: gpuIds.length }, "placement committed");
  await db.notify(channels.job, { jobId: planned.jobId });
  return result;
}
