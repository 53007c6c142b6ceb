import { and, asc, eq, inArray, isNotNull, ne } from "drizzle-orm";
import type { Database } from "#db/client.ts";
import { job, jobRun, placement, policy } from "#db/schema/work.ts";
import type { PlanJob } from "../placement/plan.ts";
import type { CentreInputs, PolicyWeights } from "../placement/types.ts";
import { policyWeights } from "../policy/document.ts";
import { presetIds, presets } from "../policy/presets.ts";

export type PendingJob = PlanJob & {
  statusReason: string | null;
  status: "queued" | "placed";
  planned: { id: number; decisionId: number } | null;
};

/** The jobs that wait for their start, oldest first, with the plan in force and the centres that each must avoid. */
export async function readPending(db: Database, noNode: NoNodeMemory, nowMs: number): Promise<PendingJob[]> {
  const rows = await db.orm
    .select({ job, placement })
    .from(job)
    .leftJoin(placement, and(eq(placement.jobId, job.id), eq(placement.status, "planned")))
    .where(inArray(job.status, ["queued", "placed"]))
    .orderBy(asc(job.submittedAt), asc(job.id));
  if (!rows.length) return [];
  const failed = await db.orm
    .select({ jobId: jobRun.jobId, centreId: jobRun.centreId })
    .from(jobRun)
    .where(
      and(
        inArray(
          jobRun.jobId,
          rows.map((row) => row.job.id),
        ),
        isNotNull(jobRun.endedAt),
        isNotNull(jobRun.exitCode),
        ne(jobRun.exitCode, 0),
      ),
    );
  const weights = await readWeights(
    db,
    rows.map((row) => row.job.policyId),
  );
  return rows.map((row): PendingJob => {
    const avoid = new Map<string, NonNullable<CentreInputs["avoid"]>>(
      noNode.of(row.job.id, nowMs).map((id) => [id, "noNode"]),
    );
    for (const { jobId, centreId } of failed) if (jobId === row.job.id) avoid.set(centreId, "failedHere");
    return {
      job: {
        id: row.job.id,
        gpus: row.job.gpus,
        gpuClass: row.job.gpuClass,
        durationS: row.job.durationS,
        powerPerGpuW: row.job.powerPerGpuW,
        releaseAtMs: row.job.releaseAt.getTime(),
        deadlineAtMs: row.job.deadlineAt.getTime(),
        interruptible: row.job.interruptible,
        residency: row.job.residency,
        allowedCentreIds: row.job.allowedCentreIds,
        budgetMicroUsd: row.job.budgetMicroUsd,
      },
      policy: weights(row.job.policyId, row.job.policyVersion),
      priority: row.job.priority,
      submittedAtMs: row.job.submittedAt.getTime(),
      current: row.placement
        ? { centreId: row.placement.centreId, startAtMs: row.placement.plannedStartAt.getTime() }
        : null,
      avoid,
      statusReason: row.job.statusReason,
      status: row.job.status === "placed" ? "placed" : "queued",
      planned: row.placement ? { id: row.placement.id, decisionId: row.placement.decisionId } : null,
    };
  });
}

async function readWeights(db: Database, ids: string[]): Promise<(id: string, version: number) => PolicyWeights> {
  const rows = await db.orm
    .select()
    .from(policy)
    .where(inArray(policy.id, [...new Set(ids)]));
  return (id, version) => {
    const row = rows.find((candidate) => candidate.id === id && candidate.version === version);
    const preset = presetIds.find((candidate) => candidate === id);
    if (row) return policyWeights(id, version, row.document);
    if (preset) return policyWeights(id, version, presets[preset]);
    throw new Error(`policy ${id} version ${version} is not in the database`);
  };
}

/** Centres where no fitting node was found for a job a moment ago. */
export type NoNodeMemory = {
  add(jobId: string, centreId: string, nowMs: number): void;
  of(jobId: string, nowMs: number): string[];
};

const noNodeMs = 60_000;

export function noNodeMemory(): NoNodeMemory {
  const until = new Map<string, Map<string, number>>();
  return {
    add(jobId, centreId, nowMs) {
      const own = until.get(jobId) ?? new Map<string, number>();
      until.set(jobId, own.set(centreId, nowMs + noNodeMs));
    },
    of(jobId, nowMs) {
      const own = until.get(jobId);
      if (!own) return [];
      for (const [centreId, end] of own) if (end <= nowMs) own.delete(centreId);
      if (!own.size) until.delete(jobId);
      return [...own.keys()];
    },
  };
}
