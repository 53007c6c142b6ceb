/*
 * What a placement is decided from and what the decision says. Everything is plain JSON: it is stored with the decision,
 * replayed from there, and shown by pages. Times are milliseconds since 1970 in UTC, intervals half-open.
 */

/** The weights of a policy, in money so that they can be added: score in micro-USD (scheduling.md, "The problem"). */
export type PolicyWeights = {
  id: string;
  version: number;
  /** α: what a tonne of CO₂e weighs, USD. 1 USD/t is 1 micro-USD/g. */
  alphaUsdPerTonne: number;
  /** β: factor on the cost of the energy. */
  beta: number;
  /** γ: what an hour of waiting weighs for each GPU, USD. */
  gammaUsdPerGpuHour: number;
  /** Which carbon the weight α counts; both views are always reported. */
  carbonView: "location" | "contract";
  /** Centres that the policy allows; null: all. */
  allowedCentreIds: string[] | null;
  /** Longest wait after the release, seconds; null: until the deadline. */
  maxWaitS: number | null;
  /** A plan moves only for a gain above this share of its score. */
  hysteresisShare: number;
};

export type PlacementJob = {
  id: string;
  gpus: number;
  /** null: any class. */
  gpuClass: string | null;
  durationS: number;
  powerPerGpuW: number;
  releaseAtMs: number;
  deadlineAtMs: number;
  /** Carried for engines that can suspend; today every start runs through to its end. */
  interruptible: boolean;
  /** Jurisdictions where the job may run; empty: anywhere. */
  residency: string[];
  /** Centres that the job's submitter may use; null, or absent in decisions of before: all. */
  allowedCentreIds?: string[] | null;
  budgetMicroUsd: number | null;
};

/** One hour of a centre's outlook. null: not known. */
export type HourOutlook = {
  carbonLocationGPerKwh: number | null;
  /** Intensity of the grid energy that no contract covers; null: the location's. */
  carbonResidualGPerKwh: number | null;
  priceUsdPerMwh: number | null;
  wetBulbC: number | null;
  /** Supply of plants on site or by a direct line, W: what reaches the centre without the grid. null: none known. */
  ownSupplyW: number | null;
  /** Clean supply in all: own and by contract over the grid, W. */
  cleanSupplyW: number | null;
};

/** Where an outlook's series comes from, from best to worst. */
export type OutlookBasis = "forecast" | "last-good" | "persistence" | "mean" | "none";

/** PUE = base + perWetBulbC · wet bulb (°C) + perInverseLoadKw / IT load (kW), held within what was observed. */
export type PueModel = {
  method: "regression" | "recent-ratio" | "target";
  base: number;
  perWetBulbC: number;
  perInverseLoadKw: number;
  minimum: number;
  maximum: number;
  /** Hours that the model was made from. */
  samples: number;
};

/** GPUs that another job holds or is planned to hold. */
export type Usage = { jobId: string; startAtMs: number; endAtMs: number; gpus: number; powerW: number };

/** The GPUs of one class of a centre that the scheduler may use. */
export type CentrePool = { gpuClass: string; gpus: number; usage: Usage[] };

export type CentreInputs = {
  id: string;
  jurisdiction: string;
  /** Why nothing may be placed here now; null: it may. */
  drainedReason: string | null;
  /** This job already failed here, or found no node here a moment ago. */
  avoid: "failedHere" | "noNode" | null;
  powerCapW: number;
  /** IT power measured of late, W: what stands under the jobs that are still to come. */
  baseItW: number;
  adderUsdPerMwh: number;
  /** Price of energy from own or direct-line plants. */
  ownSupplyUsdPerMwh: number;
  /** Share of the load that own supply is seen to carry when it could carry all of it, 0–1; absent: not seen, so all. */
  ownCoverAtMost?: number;
  carbonTaxUsdPerTonne: number;
  pools: CentrePool[];
  pue: PueModel;
  /** Outlook from `horizonStartMs`, an hour each. */
  hours: HourOutlook[];
  basis: { carbon: OutlookBasis; price: OutlookBasis; wetBulb: OutlookBasis; cleanSupply: OutlookBasis };
  /** λ: price of the centre's capacity by hour, micro-USD a GPU-hour. */
  shadowMicroUsdPerGpuHour: number[];
};

export type DecisionInputs = {
  version: 1;
  nowMs: number;
  /** Start of the hour that holds `nowMs`. */
  horizonStartMs: number;
  horizonHours: number;
  job: PlacementJob;
  policy: PolicyWeights;
  centres: CentreInputs[];
  /** The plan in force, kept unless another is better by the policy's hysteresis. */
  current: { centreId: string; startAtMs: number } | null;
};

/** Hard rules; each excludes, none is weighed. */
export const exclusionRules = [
  "drained",
  "policy",
  "scope",
  "residency",
  "gpuClass",
  "capacity",
  "deadline",
  "maxWait",
  "powerCap",
  "budget",
  "failedHere",
  "noNode",
] as const;
export type ExclusionRule = (typeof exclusionRules)[number];

/** A centre and start with what it would take. */
export type Alternative = {
  centreId: string;
  startAtMs: number;
  /** null: allowed. */
  rule: ExclusionRule | null;
  gpuClass: string | null;
  itWh: number;
  facilityWh: number;
  /** null: no outlook. */
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  waitS: number;
  /** What the capacity is worth to the other jobs, micro-USD. */
  shadowMicroUsd: number;
  /** α·carbon + β·cost + γ·wait, micro-USD. */
  scoreMicroUsd: number;
};

export type CentreVerdict = {
  centreId: string;
  /** null: at least one start is allowed; else the rule that excludes the centre. */
  rule: ExclusionRule | null;
  /** The best allowed start, or null. */
  best: Alternative | null;
  basis: CentreInputs["basis"];
  pueMethod: PueModel["method"];
};

export type DecisionOutcome = {
  version: 1;
  kind: "place" | "wait" | "infeasible";
  chosen: Alternative | null;
  /** True when the plan in force was kept although another scores slightly better. */
  keptByHysteresis: boolean;
  centres: CentreVerdict[];
  alternatives: Alternative[];
};
