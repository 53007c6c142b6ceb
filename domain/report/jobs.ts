import type { Period } from "./period.ts";
import { milligrams } from "./sums.ts";
import type { ReportRun } from "./types.ts";

/** The part of one run that lies in the period. null: not metered yet. */
export type RunPart = {
  runId: string;
  jobId: string;
  jobName: string;
  centreId: string;
  startedAt: string;
  endedAt: string | null;
  gpuSeconds: number | null;
  itMilliWh: number | null;
  facilityMilliWh: number | null;
  carbonLocationMg: number | null;
  carbonContractMg: number | null;
  costMicroUsd: number | null;
  energyMethod: string | null;
  /** Part of the run's time in the period; below 1 the figures were shared by time. */
  share: number;
};

/** What jobs drew, and what of the IT energy is nobody's job: the two add up to the IT energy. */
export type JobSums = {
  runs: number;
  notMetered: number;
  itMilliWh: number;
  /** IT energy − jobs: idle machines, storage, networks. null where the IT energy is not known. */
  notAttributedMilliWh: number | null;
};

/**
 * Cuts runs to the period. A run across its edge is shared by time with cumulative rounding: the parts of two adjoining
 * periods sum to the run exactly.
 */
export function runsIn(period: Pick<Period, "fromMs" | "toMs">, runs: ReportRun[]): RunPart[] {
  return runs
    .filter((run) => run.startedMs < period.toMs && (run.endedMs ?? Number.POSITIVE_INFINITY) > period.fromMs)
    .sort((a, b) => a.startedMs - b.startedMs || (a.runId < b.runId ? -1 : 1))
    .map((run) => {
      const lengthMs = run.endedMs === null ? 0 : run.endedMs - run.startedMs;
      const beforeMs = Math.max(0, period.fromMs - run.startedMs);
      const untilMs = run.endedMs === null ? 0 : Math.min(run.endedMs, period.toMs) - run.startedMs;
      const part = (value: number | null) =>
        value === null || lengthMs <= 0 ? null : shareOf(value, untilMs, lengthMs) - shareOf(value, beforeMs, lengthMs);
      const mass = (grams: number | null) => part(grams === null ? null : milligrams(grams));
      return {
        runId: run.runId,
        jobId: run.jobId,
        jobName: run.jobName,
        centreId: run.centreId,
        startedAt: new Date(run.startedMs).toISOString(),
        endedAt: run.endedMs === null ? null : new Date(run.endedMs).toISOString(),
        gpuSeconds: part(run.gpuSeconds === null ? null : Math.round(run.gpuSeconds)),
        itMilliWh: part(run.itMilliWh),
        facilityMilliWh: part(run.facilityMilliWh),
        carbonLocationMg: mass(run.carbonLocationG),
        carbonContractMg: mass(run.carbonContractG),
        costMicroUsd: part(run.costMicroUsd),
        energyMethod: run.energyMethod,
        share: lengthMs > 0 ? Math.round(((untilMs - beforeMs) / lengthMs) * 1e6) / 1e6 : 1,
      };
    });
}

/** Integer `value` × part / whole, rounded half up, exact at any size. */
function shareOf(value: number, part: number, whole: number): number {
  const [a, b] = [BigInt(value) * BigInt(part) * 2n + BigInt(whole), BigInt(whole) * 2n];
  const floor = a / b - (a % b < 0n ? 1n : 0n);
  return Number(floor);
}

/** @param itMilliWh IT energy of the same centres and period. */
export function sumRuns(parts: RunPart[], itMilliWh: number | null): JobSums {
  const metered = parts.filter((part) => part.itMilliWh !== null);
  const jobs = metered.reduce((sum, part) => sum + part.itMilliWh!, 0);
  return {
    runs: parts.length,
    notMetered: parts.length - metered.length,
    itMilliWh: jobs,
    notAttributedMilliWh: itMilliWh === null ? null : itMilliWh - jobs,
  };
}
