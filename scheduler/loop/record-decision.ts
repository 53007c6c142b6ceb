import type { Database } from "#db/client.ts";
import { decision } from "#db/schema/work.ts";
import type { PlannedJob } from "../placement/plan.ts";

/** Stores a decision with its inputs; returns its id. The table is append-only: what was decided stays as it was. */
export async function recordDecision(
  tx: Pick<Database["orm"], "insert">,
  planned: PlannedJob,
  now: Date,
): Promise<number> {
  const [row] = await tx
    .insert(decision)
    .values({ jobId: planned.jobId, decidedAt: now, inputs: planned.inputs, outcome: planned.outcome })
    .returning({ id: decision.id });
  return row!.id;
}
