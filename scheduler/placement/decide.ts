import { poolWithRoom, usageProfile } from "./capacity.ts";
import { footprint } from "./footprint.ts";
import { hourMs } from "./horizon.ts";
import type {
  Alternative,
  CentreInputs,
  CentreVerdict,
  DecisionInputs,
  DecisionOutcome,
  ExclusionRule,
} from "./types.ts";

/**
 * Chooses centre and start of one job: the allowed alternative with the smallest α·carbon + β·cost + γ·wait + shadow.
 * Scope, residency, class, capacity, budget, deadline, power cap and drain exclude; they are never weighed (scheduling.md).
 * Pure: the same inputs give the same outcome, bit for bit. Ties: earlier start, then centre id.
 */
export function decide(inputs: DecisionInputs): DecisionOutcome {
  const centres = [...inputs.centres].sort((a, b) => compareText(a.id, b.id));
  const starts = candidateStarts(inputs);
  const drafts = centres.flatMap((centre) => centreAlternatives(inputs, centre, starts));
  const alternatives = score(drafts, inputs);
  const allowed = alternatives.filter((alternative) => alternative.rule === null);
  const best = allowed.reduce<Alternative | null>((a, b) => (a === null || isBetter(b, a) ? b : a), null);
  const current = inputs.current
    ? allowed.find((a) => a.centreId === inputs.current!.centreId && a.startAtMs === inputs.current!.startAtMs)
    : undefined;
  const keep =
    current !== undefined &&
    best !== null &&
    best !== current &&
    total(current) - total(best) <= Math.abs(total(current)) * inputs.policy.hysteresisShare;
  const chosen = keep ? current : best;
  return {
    version: 1,
    kind: chosen ? "place" : starts.length === 0 ? "wait" : "infeasible",
    chosen,
    keptByHysteresis: keep,
    centres: centres.map((centre) => verdict(centre, alternatives)),
    alternatives,
  };
}

/** As soon as possible, then every whole hour of the horizon, and the start of the plan in force. */
function candidateStarts(inputs: DecisionInputs): number[] {
  const earliest = Math.max(inputs.nowMs, inputs.job.releaseAtMs);
  const end = inputs.horizonStartMs + inputs.horizonHours * hourMs;
  if (earliest >= end) return [];
  const latest = inputs.job.deadlineAtMs - inputs.job.durationS * 1_000;
  const starts = new Set([earliest]);
  for (let at = Math.ceil(earliest / hourMs) * hourMs; at < end && at <= latest; at += hourMs) starts.add(at);
  const current = inputs.current?.startAtMs;
  if (current !== undefined && current >= earliest && current < end) starts.add(current);
  return [...starts].sort((a, b) => a - b);
}

function centreAlternatives(inputs: DecisionInputs, centre: CentreInputs, starts: number[]): Alternative[] {
  const { job, policy } = inputs;
  const pools = centre.pools
    .filter((pool) => job.gpuClass === null || pool.gpuClass === job.gpuClass)
    .sort((a, b) => compareText(a.gpuClass, b.gpuClass))
    .map((pool) => ({ pool, profile: usageProfile(pool.usage, job.id) }));
  const all = usageProfile(
    centre.pools.flatMap((pool) => pool.usage),
    job.id,
  );
  const always = centreRule(inputs, centre);
  return starts.map((startAtMs) => {
    const endMs = startAtMs + job.durationS * 1_000;
    const made = footprint(job, centre, all, startAtMs, inputs.horizonStartMs);
    const gpuClass = poolWithRoom(pools, job.gpus, startAtMs, endMs);
    const waitS = Math.max(0, (startAtMs - job.releaseAtMs) / 1_000);
    const { peakFacilityW, ...shown } = made;
    const rule: ExclusionRule | null =
      always ??
      (endMs > job.deadlineAtMs
        ? "deadline"
        : policy.maxWaitS !== null && waitS > policy.maxWaitS
          ? "maxWait"
          : gpuClass === undefined
            ? "capacity"
            : peakFacilityW > centre.powerCapW
              ? "powerCap"
              : // A cost that is not known cannot be shown to keep to the budget.
                job.budgetMicroUsd !== null && (made.costMicroUsd === null || made.costMicroUsd > job.budgetMicroUsd)
                ? "budget"
                : null);
    return { centreId: centre.id, startAtMs, rule, gpuClass: gpuClass ?? null, ...shown, waitS, scoreMicroUsd: 0 };
  });
}

/** The rule that excludes a centre at any time, or null. */
function centreRule({ job, policy }: DecisionInputs, centre: CentreInputs): ExclusionRule | null {
  if (job.allowedCentreIds && !job.allowedCentreIds.includes(centre.id)) return "scope";
  if (job.residency.length && !job.residency.includes(centre.jurisdiction)) return "residency";
  if (policy.allowedCentreIds && !policy.allowedCentreIds.includes(centre.id)) return "policy";
  if (centre.drainedReason !== null) return "drained";
  const fitting = centre.pools.filter((pool) => job.gpuClass === null || pool.gpuClass === job.gpuClass);
  if (!fitting.length) return "gpuClass";
  if (!fitting.some((pool) => pool.gpus >= job.gpus)) return "capacity";
  return centre.avoid;
}

/** An unknown carbon or cost counts as the worst known one, so that silence is never an advantage. */
function score(drafts: Alternative[], { policy, job }: DecisionInputs): Alternative[] {
  const carbonOf = (a: Alternative) => (policy.carbonView === "location" ? a.carbonLocationG : a.carbonContractG);
  const worstCarbon = drafts.reduce((worst, a) => Math.max(worst, carbonOf(a) ?? 0), 0);
  const worstCost = drafts.reduce((worst, a) => Math.max(worst, a.costMicroUsd ?? 0), 0);
  return drafts.map((a) => ({
    ...a,
    scoreMicroUsd: Math.round(
      policy.alphaUsdPerTonne * (carbonOf(a) ?? worstCarbon) +
        policy.beta * (a.costMicroUsd ?? worstCost) +
        policy.gammaUsdPerGpuHour * 1e6 * job.gpus * (a.waitS / 3_600),
    ),
  }));
}

/** What alternatives are compared by, micro-USD. */
export const total = (a: Alternative): number => a.scoreMicroUsd + a.shadowMicroUsd;

function isBetter(a: Alternative, b: Alternative): boolean {
  return (
    total(a) - total(b) < 0 ||
    (total(a) === total(b) && (a.startAtMs - b.startAtMs || compareText(a.centreId, b.centreId)) < 0)
  );
}

function verdict(centre: CentreInputs, alternatives: Alternative[]): CentreVerdict {
  const own = alternatives.filter((a) => a.centreId === centre.id);
  const best = own
    .filter((a) => a.rule === null)
    .reduce<Alternative | null>((a, b) => (a === null || isBetter(b, a) ? b : a), null);
  // Excluded at every start: the rule of the start that came furthest through the rules.
  const rule = best ? null : (own.map((a) => a.rule!).sort((a, b) => depth(b) - depth(a))[0] ?? null);
  // Written out, so that the order of keys is ours and not that of the store.
  const { carbon, price, wetBulb, cleanSupply } = centre.basis;
  return {
    centreId: centre.id,
    rule,
    best,
    basis: { carbon, price, wetBulb, cleanSupply },
    pueMethod: centre.pue.method,
  };
}

const order: ExclusionRule[] = [
  "scope",
  "residency",
  "policy",
  "drained",
  "gpuClass",
  "failedHere",
  "noNode",
  "deadline",
  "maxWait",
  "capacity",
  "powerCap",
  "budget",
];
const depth = (rule: ExclusionRule) => order.indexOf(rule);

/** Code-unit order: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
