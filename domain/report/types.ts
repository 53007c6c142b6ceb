/** Parts of facility energy by source; they sum to the facility energy exactly. */
export const mixParts = [
  "hydro",
  "wind",
  "solar",
  "otherRenewable",
  "nuclear",
  "fossil",
  "generator",
  "storage",
  "unknown",
] as const;
export type MixPart = (typeof mixParts)[number];
export type MixEnergy = Record<MixPart, number>;

/** A meter that a figure lacks, and since when it is silent (ISO instant; null: never heard). */
export type SilentMeter = { deviceId: string; silentSince: string | null };
export type Names = Record<string, string>;

/** One derived hour of one centre, as the ledger has it. null is "not known", never 0. */
export type ReportHour = {
  centreId: string;
  hourMs: number;
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  mix: MixEnergy | null;
  cleanShare: number | null;
  /** All emissions of the hour's energy: Scope 2 and, where a generator ran, its Scope 1. */
  carbonLocationG: number | null;
  carbonContractG: number | null;
  /** Energy of generators; null: there is none. */
  generatorMilliWh: number | null;
  costMicroUsd: number | null;
  heatReuseMilliWh: number | null;
  /** Share of the hour that was measured, 0–1. */
  coverage: number;
  estimatedShare: number;
  factorSource: string | null;
  simulated: boolean;
  notComputable: SilentMeter[] | null;
};

export type ReportCentre = {
  id: string;
  name: Names;
  timeZone: string;
  gridZone: string;
  pueCategory: number;
  storageCapacityWh: number;
  /** It has a meter of reused heat. Without one it reuses none: 0, not unknown. */
  reusesHeat: boolean;
  targets: { pue: number; cleanShare: number; storageHours: number; heatUplift: number };
  simulated: boolean;
};

/** One run of a job that touches the period. Energy is null until the run is metered. */
export type ReportRun = {
  runId: string;
  jobId: string;
  jobName: string;
  centreId: string;
  startedMs: number;
  endedMs: number | null;
  gpuSeconds: number | null;
  itMilliWh: number | null;
  facilityMilliWh: number | null;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  energyMethod: string | null;
};

/** Everything that a report is made of. The same input gives the same bytes. */
export type ReportInput = {
  /** As asked for; widened to whole ledger hours by the assembly. */
  fromMs: number;
  toMs: number;
  timeZone: string;
  centres: ReportCentre[];
  hours: ReportHour[];
  runs: ReportRun[];
};

/** Why a report cannot be made. */
export const reportRefusals = [
  "unknownTimeZone",
  "emptyPeriod",
  "periodTooLong",
  "periodInFuture",
  "noCentre",
  "unknownCentre",
  "noData",
  "mixDoesNotSum",
] as const;
export type ReportRefusal = (typeof reportRefusals)[number];

/** `reason` names the rule, `values` what stood against it; the message says what to do. */
export class ReportRefused extends Error {
  readonly code = "REPORT_REFUSED";
  readonly reason: ReportRefusal;
  readonly values: Record<string, string | number>;
  constructor(reason: ReportRefusal, message: string, values: Record<string, string | number> = {}) {
    super(message);
    this.reason = reason;
    this.values = values;
  }
}
