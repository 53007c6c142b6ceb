import { total } from "./decide.ts";
import { hourParts } from "./horizon.ts";
import type { Alternative } from "./types.ts";

export type ShadowJob = { gpus: number; durationS: number; alternatives: Alternative[] };
export type ShadowPrices = {
  /** λ by centre and hour, micro-USD a GPU-hour. */
  lambda: Map<string, number[]>;
  /** The dual value: no schedule of these jobs can score less (scheduling.md, "Lower bound for free"). */
  lowerBoundMicroUsd: number;
};

const steps = 16;

/**
 * Prices of capacity by a few subgradient steps: each job takes its own cheapest allowed start at the prices so far,
 * prices rise where hours are wanted by more than they hold and fall back elsewhere. Deterministic.
 * @param freeGpus free GPUs by centre and hour of the horizon.
 */
export function shadowPrices(
  jobs: readonly ShadowJob[],
  freeGpus: ReadonlyMap<string, readonly number[]>,
  horizonStartMs: number,
): ShadowPrices {
  const lambda = new Map([...freeGpus].map(([id, free]) => [id, free.map(() => 0)]));
  const open = jobs
    .map((job) => ({ ...job, alternatives: job.alternatives.filter((a) => a.rule === null && lambda.has(a.centreId)) }))
    .filter((job) => job.alternatives.length > 0);
  const scale = stepScale(open);
  let [bestBound, bestLambda] = [Number.NEGATIVE_INFINITY, lambda];
  for (let step = 0; step <= steps; step++) {
    const used = new Map([...freeGpus].map(([id, free]) => [id, free.map(() => 0)]));
    let bound = 0;
    for (const job of open) {
      let [least, choice] = [Number.POSITIVE_INFINITY, job.alternatives[0]!];
      for (const alternative of job.alternatives) {
        const value = alternative.scoreMicroUsd + priceOf(job, alternative, lambda, horizonStartMs);
        if (value < least) [least, choice] = [value, alternative];
      }
      bound += least;
      addUse(job, choice, used.get(choice.centreId)!, horizonStartMs);
    }
    for (const [id, free] of freeGpus) bound -= free.reduce((sum, gpus, h) => sum + gpus * lambda.get(id)![h]!, 0);
    if (bound > bestBound) [bestBound, bestLambda] = [bound, new Map([...lambda].map(([id, row]) => [id, [...row]]))];
    if (step === steps || scale === 0) break;
    for (const [id, free] of freeGpus) {
      const row = lambda.get(id)!;
      free.forEach((gpus, h) => {
        const excess = (used.get(id)![h]! - gpus) / Math.max(1, gpus);
        row[h] = Math.max(0, row[h]! + (scale / (step + 1)) * Math.max(-1, Math.min(1, excess)));
      });
    }
  }
  return { lambda: bestLambda, lowerBoundMicroUsd: open.length ? bestBound : 0 };
}

function priceOf(job: ShadowJob, a: Alternative, lambda: Map<string, number[]>, horizonStartMs: number): number {
  const row = lambda.get(a.centreId)!;
  return hourParts(a.startAtMs, a.startAtMs + job.durationS * 1_000, horizonStartMs).reduce(
    (sum, { index, seconds }) => sum + ((job.gpus * seconds) / 3_600) * (row[index] ?? 0),
    0,
  );
}

function addUse(job: ShadowJob, a: Alternative, row: number[], horizonStartMs: number): void {
  for (const { index, seconds } of hourParts(a.startAtMs, a.startAtMs + job.durationS * 1_000, horizonStartMs)) {
    if (index < row.length) row[index] = row[index]! + (job.gpus * seconds) / 3_600;
  }
}

/** A step as large as the typical spread of a job's alternatives, micro-USD a GPU-hour. */
function stepScale(jobs: readonly ShadowJob[]): number {
  const spreads = jobs
    .map((job) => {
      const values = job.alternatives.map(total);
      return (Math.max(...values) - Math.min(...values)) / ((job.gpus * job.durationS) / 3_600);
    })
    .sort((a, b) => a - b);
  return spreads[Math.floor(spreads.length / 2)] ?? 0;
}
