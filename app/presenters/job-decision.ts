import { usageProfile } from "#scheduler/placement/capacity.ts";
import { total } from "#scheduler/placement/decide.ts";
import { explain } from "#scheduler/placement/explain.ts";
import { countedHours } from "#scheduler/placement/footprint.ts";
import type {
  Alternative,
  CentreInputs,
  DecisionInputs,
  DecisionOutcome,
  ExclusionRule,
  OutlookBasis,
} from "#scheduler/placement/types.ts";

/** What each aim adds to a score, micro-USD as the policy weighs it. Together with capacity they are the total. */
export type ScoreParts = { carbon: number; cost: number; wait: number; capacity: number; total: number };

/** A centre of the decision: its best start, or the rule that excludes it. */
export type AlternativeRow = {
  centreId: string;
  chosen: boolean;
  rule: ExclusionRule | null;
  /** What stood against it, in the units that the names say. */
  facts: Record<string, string | number>;
  startAtMs: number | null;
  waitS: number | null;
  /** Facility energy over IT energy of the run, as forecast. */
  pue: number | null;
  itWh: number | null;
  facilityWh: number | null;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  score: ScoreParts | null;
  /** Total above the chosen one's, micro-USD. */
  moreMicroUsd: number | null;
  basis: { carbon: OutlookBasis; price: OutlookBasis };
  pueMethod: string;
};

export type StartScore = {
  startAtMs: number;
  totalMicroUsd: number;
  carbonG: number | null;
  costMicroUsd: number | null;
  rule: ExclusionRule | null;
};

export type DecisionView = {
  kind: DecisionOutcome["kind"];
  decidedAtMs: number;
  policy: DecisionInputs["policy"];
  job: { gpus: number; durationS: number };
  keptByHysteresis: boolean;
  chosen: { centreId: string; startAtMs: number } | null;
  rows: AlternativeRow[];
  /** Centres of the decision that the reader may not see. */
  hidden: number;
  /** Scores of every start, by centre; the chosen centre first. */
  curves: { centreId: string; chosen: boolean; starts: StartScore[] }[];
  /** Outlook of each centre in the same order, an hour each from `horizonStartMs`. */
  horizonStartMs: number;
  outlook: CentreOutlook[];
  /** Sentences: why here, why then. Those about other centres are in the rows. */
  why: { key: string; values: Record<string, string | number> }[];
};

/** What each hour counted for a kWh (MWh) of the job's IT energy, own supply, PUE and carbon tax in it; and the bare grid. */
export type CentreOutlook = {
  centreId: string;
  /** In the policy's carbon view, gCO₂e/kWh. */
  carbon: (number | null)[];
  usdPerMwh: (number | null)[];
  /** Intensity of the zone's grid, gCO₂e/kWh, and its price with the centre's fees, USD/MWh: what own supply stands against. */
  gridCarbon: (number | null)[];
  gridUsdPerMwh: (number | null)[];
};

/** Whether stored JSON has the shape of version 1; an older or foreign record is not guessed at. */
export function isDecision(inputs: unknown, outcome: unknown): boolean {
  const from = inputs as Partial<DecisionInputs> | null;
  const to = outcome as Partial<DecisionOutcome> | null;
  return (
    from?.version === 1 &&
    to?.version === 1 &&
    Array.isArray(from.centres) &&
    Array.isArray(to.centres) &&
    Array.isArray(to.alternatives) &&
    from.job !== undefined &&
    from.policy !== undefined
  );
}

/** The chosen centre is shown to whoever may see the job, the others to whoever sees them. */
const sightOf =
  ({ chosen }: Pick<DecisionOutcome, "chosen">, sees: (centreId: string) => boolean) =>
  (centreId: string) =>
    centreId === chosen?.centreId || sees(centreId);

/** A stored outcome without the scores of centres that the reader may not see. What has not its shape is kept from them. */
export function visibleOutcome(
  inputs: unknown,
  stored: unknown,
  sees: (centreId: string) => boolean,
): Record<string, unknown> {
  if (!isDecision(inputs, stored)) return {};
  const outcome = stored as DecisionOutcome;
  const seen = sightOf(outcome, sees);
  return {
    ...outcome,
    centres: outcome.centres.filter(({ centreId }) => seen(centreId)),
    alternatives: outcome.alternatives.filter(({ centreId }) => seen(centreId)),
  };
}

/** A chart tells no more lines than this apart. */
const curvesShown = 5;

/**
 * A stored decision as a page shows it.
 * @param sees whether the reader may see a centre; the chosen one is shown to whoever may see the job.
 */
export function viewDecision(
  inputs: DecisionInputs,
  outcome: DecisionOutcome,
  decidedAtMs: number,
  sees: (centreId: string) => boolean,
): DecisionView {
  const { chosen } = outcome;
  const seen = sightOf(outcome, sees);
  const scoreOf = scorer(inputs, outcome);
  const rows = outcome.centres
    .filter(({ centreId }) => seen(centreId))
    .map((verdict): AlternativeRow => {
      const isChosen = verdict.centreId === chosen?.centreId;
      const shown = isChosen ? chosen : verdict.best;
      const centre = inputs.centres.find(({ id }) => id === verdict.centreId);
      return {
        centreId: verdict.centreId,
        chosen: isChosen,
        rule: shown ? null : verdict.rule,
        facts: shown || !verdict.rule || !centre ? {} : factsOf(verdict.rule, centre, inputs, outcome),
        startAtMs: shown?.startAtMs ?? null,
        waitS: shown?.waitS ?? null,
        pue: shown && shown.itWh > 0 ? shown.facilityWh / shown.itWh : null,
        itWh: shown?.itWh ?? null,
        facilityWh: shown?.facilityWh ?? null,
        carbonLocationG: shown?.carbonLocationG ?? null,
        carbonContractG: shown?.carbonContractG ?? null,
        costMicroUsd: shown?.costMicroUsd ?? null,
        score: shown ? scoreOf(shown) : null,
        moreMicroUsd: shown && chosen ? total(shown) - total(chosen) : null,
        basis: { carbon: verdict.basis.carbon, price: verdict.basis.price },
        pueMethod: verdict.pueMethod,
      };
    })
    .sort(
      (a, b) =>
        Number(b.chosen) - Number(a.chosen) ||
        (a.score?.total ?? Number.POSITIVE_INFINITY) - (b.score?.total ?? Number.POSITIVE_INFINITY) ||
        (a.centreId < b.centreId ? -1 : 1),
    );
  const drawn = rows.filter(({ score }) => score !== null).slice(0, curvesShown);
  return {
    kind: outcome.kind,
    decidedAtMs,
    policy: inputs.policy,
    job: { gpus: inputs.job.gpus, durationS: inputs.job.durationS },
    keptByHysteresis: outcome.keptByHysteresis,
    chosen: chosen ? { centreId: chosen.centreId, startAtMs: chosen.startAtMs } : null,
    rows,
    hidden: outcome.centres.length - rows.length,
    curves: drawn.map(({ centreId, chosen: isChosen }) => ({
      centreId,
      chosen: isChosen,
      starts: outcome.alternatives
        .filter((a) => a.centreId === centreId)
        .map((a) => ({
          startAtMs: a.startAtMs,
          totalMicroUsd: total(a),
          carbonG: carbonOf(inputs, a),
          costMicroUsd: a.costMicroUsd,
          rule: a.rule,
        })),
    })),
    horizonStartMs: inputs.horizonStartMs,
    outlook: rows.slice(0, curvesShown).flatMap(({ centreId }) => {
      const centre = inputs.centres.find(({ id }) => id === centreId);
      return centre ? [outlookOf(centre, inputs)] : [];
    }),
    why: explain(inputs, outcome).filter(({ key }) => !key.startsWith("placement.whyNot.")),
  };
}

function outlookOf(centre: CentreInputs, { job, policy, horizonStartMs }: DecisionInputs): CentreOutlook {
  const usage = usageProfile(
    centre.pools.flatMap((pool) => pool.usage),
    job.id,
  );
  const counted = countedHours(job, centre, usage, horizonStartMs);
  return {
    centreId: centre.id,
    carbon: counted.map((hour) => (policy.carbonView === "location" ? hour.locationG : hour.contractG)),
    usdPerMwh: counted.map(({ usd }) => usd),
    gridCarbon: centre.hours.map((hour) => hour.carbonLocationGPerKwh),
    gridUsdPerMwh: centre.hours.map((hour) =>
      hour.priceUsdPerMwh === null ? null : hour.priceUsdPerMwh + centre.adderUsdPerMwh,
    ),
  };
}

const carbonOf = ({ policy }: DecisionInputs, a: Alternative) =>
  policy.carbonView === "location" ? a.carbonLocationG : a.carbonContractG;

/** Takes a score apart as `decide` put it together: an unknown carbon or cost weighs as the worst known one. */
function scorer(inputs: DecisionInputs, outcome: DecisionOutcome): (a: Alternative) => ScoreParts {
  const { policy, job } = inputs;
  const worst = (values: (number | null)[]) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const worstCarbon = worst(outcome.alternatives.map((a) => carbonOf(inputs, a)));
  const worstCost = worst(outcome.alternatives.map((a) => a.costMicroUsd));
  return (a) => ({
    carbon: policy.alphaUsdPerTonne * (carbonOf(inputs, a) ?? worstCarbon),
    cost: policy.beta * (a.costMicroUsd ?? worstCost),
    wait: policy.gammaUsdPerGpuHour * 1e6 * job.gpus * (a.waitS / 3_600),
    capacity: a.shadowMicroUsd,
    total: total(a),
  });
}

/** What stood against a centre, so that its rule can be said in a sentence. */
function factsOf(
  rule: ExclusionRule,
  centre: CentreInputs,
  { job, policy, nowMs }: DecisionInputs,
  outcome: DecisionOutcome,
): Record<string, string | number> {
  const own = outcome.alternatives.filter(({ centreId }) => centreId === centre.id);
  switch (rule) {
    case "residency":
      return { jurisdiction: centre.jurisdiction, residency: job.residency.join(", ") };
    case "gpuClass":
      return { gpuClass: job.gpuClass ?? "", known: centre.pools.map((pool) => pool.gpuClass).join(", ") };
    case "capacity":
      return { gpus: job.gpus, most: Math.max(0, ...centre.pools.map((pool) => pool.gpus)) };
    case "deadline":
      return { availableS: (job.deadlineAtMs - Math.max(nowMs, job.releaseAtMs)) / 1_000, durationS: job.durationS };
    case "maxWait":
      return { maxWaitS: policy.maxWaitS ?? 0 };
    case "powerCap":
      return { powerCapW: centre.powerCapW, jobW: job.gpus * job.powerPerGpuW };
    case "budget":
      return {
        budgetMicroUsd: job.budgetMicroUsd ?? 0,
        // The cheapest start that nothing but the budget excludes; -1: its cost is not known.
        leastMicroUsd: own
          .filter((a) => a.rule === "budget")
          .reduce(
            (least, a) => (a.costMicroUsd !== null && (least < 0 || a.costMicroUsd < least) ? a.costMicroUsd : least),
            -1,
          ),
      };
    case "drained":
      return { reason: centre.drainedReason ?? "" };
    default:
      return {};
  }
}
