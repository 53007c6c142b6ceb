import type { Database } from "#db/client.ts";
import { gpuKey, type PlanCentre } from "./plan.ts";
import type { HeldGpus } from "./simulation.ts";

/** A run of a job as the scheduler has it. `endMs` null: it runs. */
export type Run = { gpuIds: number[]; powerPerGpuW: number; startMs: number; endMs: number | null };

/** Runs that have begun and not ended before `sinceMs`. */
export async function readRuns({ sql }: Database, sinceMs: number): Promise<Run[]> {
  return sql<Run[]>`
    select r.gpu_ids as "gpuIds", j.power_per_gpu_w as "powerPerGpuW",
      extract(epoch from r.started_at)::float8 * 1000 as "startMs", extract(epoch from r.ended_at)::float8 * 1000 as "endMs"
    from job_run r join job j on j.id = r.job_id
    where r.started_at is not null and (r.ended_at is null or r.ended_at > ${new Date(sinceMs).toISOString()})`;
}

/** What the GPUs of the runs that hold them at `timeMs` draw. */
export function heldBy(runs: Run[], timeMs: number, plan: PlanCentre[]): HeldGpus {
  const keys = new Map(
    plan.flatMap(({ racks }) => racks.flatMap((rack) => rack.gpus.map((gpu) => [gpu.id, gpuKey(rack.id, gpu.index)]))),
  );
  const held: HeldGpus = {};
  for (const run of runs) {
    if (run.startMs > timeMs || (run.endMs !== null && run.endMs <= timeMs)) continue;
    for (const id of run.gpuIds) {
      const key = keys.get(id);
      if (key) held[key] = run.powerPerGpuW;
    }
  }
  return held;
}

export function sameHeld(a: HeldGpus, b: HeldGpus): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
