import { peakUsage, usageProfile } from "./capacity.ts";
import { compareText, decide } from "./decide.ts";
import { hourMs } from "./horizon.ts";
import { shadowPrices } from "./shadow.ts";
import type { CentreInputs, DecisionInputs, DecisionOutcome, PlacementJob, PolicyWeights } from "./types.ts";

export type PlanJob = {
  job: PlacementJob;
  policy: PolicyWeights;
  priority: number;
  submittedAtMs: number;
  current: DecisionInputs["current"];
  /** Centres that this job must avoid for the moment. */
  avoid: ReadonlyMap<string, NonNullable<CentreInputs["avoid"]>>;
};
export type PlannedJob = { jobId: string; inputs: DecisionInputs; outcome: DecisionOutcome };
export type Plan = { jobs: PlannedJob[]; lowerBoundMicroUsd: number };

/** Above this many pending jobs prices are learnt from the most urgent ones only. */
const pricedJobs = 400;

/**
 * Plans all pending jobs: prices of capacity first, then a priced list in the order of priority and latest start, each
 * job on what the ones before it left. `centres` hold running and committed usage only; pure and deterministic.
 */
export function planJobs(
  nowMs: number,
  horizonHours: number,
  centres: readonly CentreInputs[],
  pending: readonly PlanJob[],
): Plan {
  const horizonStartMs = Math.floor(nowMs / hourMs) * hourMs;
  const latestStart = ({ job }: PlanJob) => job.deadlineAtMs - job.durationS * 1_000;
  const ordered = [...pending].sort(
    (a, b) =>
      b.priority - a.priority ||
      latestStart(a) - latestStart(b) ||
      a.submittedAtMs - b.submittedAtMs ||
      compareText(a.job.id, b.job.id),
  );
  const inputsOf = (item: PlanJob, now: readonly CentreInputs[]): DecisionInputs => ({
    version: 1,
    nowMs,
    horizonStartMs,
    horizonHours,
    job: item.job,
    policy: item.policy,
    centres: now.map((centre) => ({ ...centre, avoid: item.avoid.get(centre.id) ?? null })),
    current: item.current,
  });
  const prices =
    ordered.length > 1
      ? shadowPrices(
          ordered.slice(0, pricedJobs).map((item) => ({
            gpus: item.job.gpus,
            durationS: item.job.durationS,
            alternatives: decide(inputsOf(item, centres)).alternatives,
          })),
          freeByHour(centres, horizonStartMs, horizonHours),
          horizonStartMs,
        )
      : { lambda: new Map<string, number[]>(), lowerBoundMicroUsd: 0 };
  let state = centres.map((centre) => ({
    ...centre,
    shadowMicroUsdPerGpuHour: (prices.lambda.get(centre.id) ?? []).map(Math.round),
  }));
  const jobs: PlannedJob[] = [];
  for (const item of ordered) {
    const inputs = inputsOf(item, state);
    const outcome = decide(inputs);
    jobs.push({ jobId: item.job.id, inputs, outcome });
    const { chosen } = outcome;
    if (!chosen) continue;
    const usage = {
      jobId: item.job.id,
      startAtMs: chosen.startAtMs,
      endAtMs: chosen.startAtMs + item.job.durationS * 1_000,
      gpus: item.job.gpus,
      powerW: item.job.gpus * item.job.powerPerGpuW,
    };
    state = state.map((centre) =>
      centre.id === chosen.centreId
        ? {
            ...centre,
            pools: centre.pools.map((pool) =>
              pool.gpuClass === chosen.gpuClass ? { ...pool, usage: [...pool.usage, usage] } : pool,
            ),
          }
        : centre,
    );
  }
  return { jobs, lowerBoundMicroUsd: prices.lowerBoundMicroUsd };
}

function freeByHour(centres: readonly CentreInputs[], horizonStartMs: number, hours: number): Map<string, number[]> {
  return new Map(
    centres.map((centre) => {
      const profile = usageProfile(
        centre.pools.flatMap((pool) => pool.usage),
        "",
      );
      const gpus = centre.pools.reduce((sum, pool) => sum + pool.gpus, 0);
      return [
        centre.id,
        Array.from({ length: hours }, (_, h) => {
          const from = horizonStartMs + h * hourMs;
          return Math.max(0, gpus - peakUsage(profile, from, from + hourMs).gpus);
        }),
      ];
    }),
  );
}
