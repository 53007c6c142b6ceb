import { total } from "./decide.ts";
import {
  type Alternative,
  type DecisionInputs,
  type DecisionOutcome,
  type ExclusionRule,
  exclusionRules,
} from "./types.ts";

/** A sentence for a page: the key of its text and the values in it, in the units that their names say. */
export type Explanation = { key: string; values: Record<string, string | number> };

/** Every key that `explain` can give, so that a catalogue of texts can be checked for them. */
export const explanationKeys: readonly string[] = [
  "placement.here.best",
  "placement.here.only",
  "placement.now.best",
  "placement.now.immediate",
  "placement.later.best",
  "placement.kept",
  "placement.waiting",
  "placement.infeasible",
  "placement.whyNot.score",
  ...exclusionRules.map((rule): string => ruleKey(rule)),
];

function ruleKey(rule: ExclusionRule): string {
  return `placement.whyNot.${rule}`;
}

/**
 * "Why here, why now" and, for each other centre, "why not there", in the order in which a page shows them.
 * Values: centreId, otherCentreId, startAt (ISO 8601), carbonG (of the policy's view), costMicroUsd, waitS and differences.
 */
export function explain(inputs: DecisionInputs, outcome: DecisionOutcome): Explanation[] {
  const carbonOf = (a: Alternative) =>
    (inputs.policy.carbonView === "location" ? a.carbonLocationG : a.carbonContractG) ?? 0;
  const { chosen } = outcome;
  const lines: Explanation[] = [];
  if (!chosen) {
    lines.push({
      key: outcome.kind === "wait" ? "placement.waiting" : "placement.infeasible",
      values: { releaseAt: iso(inputs.job.releaseAtMs), deadlineAt: iso(inputs.job.deadlineAtMs) },
    });
  } else {
    const facts = {
      centreId: chosen.centreId,
      startAt: iso(chosen.startAtMs),
      carbonG: carbonOf(chosen),
      costMicroUsd: chosen.costMicroUsd ?? 0,
      waitS: chosen.waitS,
    };
    const rivals = outcome.centres.filter((centre) => centre.best && centre.centreId !== chosen.centreId);
    lines.push({
      key: rivals.length ? "placement.here.best" : "placement.here.only",
      values: { ...facts, rivals: rivals.length },
    });
    lines.push(whyThen(outcome, chosen, carbonOf, Math.max(inputs.nowMs, inputs.job.releaseAtMs)));
    if (outcome.keptByHysteresis)
      lines.push({ key: "placement.kept", values: { ...facts, hysteresisShare: inputs.policy.hysteresisShare } });
  }
  for (const centre of outcome.centres) {
    if (centre.centreId === chosen?.centreId) continue;
    if (centre.rule) lines.push({ key: ruleKey(centre.rule), values: { otherCentreId: centre.centreId } });
    else if (centre.best && chosen) {
      lines.push({
        key: "placement.whyNot.score",
        values: {
          otherCentreId: centre.centreId,
          startAt: iso(centre.best.startAtMs),
          moreCarbonG: carbonOf(centre.best) - carbonOf(chosen),
          moreCostMicroUsd: (centre.best.costMicroUsd ?? 0) - (chosen.costMicroUsd ?? 0),
          moreWaitS: centre.best.waitS - chosen.waitS,
          moreScoreMicroUsd: total(centre.best) - total(chosen),
        },
      });
    }
  }
  return lines;
}

function whyThen(
  outcome: DecisionOutcome,
  chosen: Alternative,
  carbonOf: (a: Alternative) => number,
  earliestMs: number,
): Explanation {
  const here = outcome.alternatives.filter(
    (a) => a.centreId === chosen.centreId && a.rule === null && a.startAtMs !== chosen.startAtMs,
  );
  const values = { startAt: iso(chosen.startAtMs), waitS: chosen.waitS, starts: here.length + 1 };
  if (!here.length) return { key: "placement.now.immediate", values };
  if (chosen.startAtMs <= earliestMs) return { key: "placement.now.best", values };
  const first = here.reduce((a, b) => (b.startAtMs < a.startAtMs ? b : a));
  return {
    key: "placement.later.best",
    values: {
      ...values,
      savedCarbonG: carbonOf(first) - carbonOf(chosen),
      savedCostMicroUsd: (first.costMicroUsd ?? 0) - (chosen.costMicroUsd ?? 0),
    },
  };
}

const iso = (timeMs: number) => new Date(timeMs).toISOString();
