import { canonicalJson, sha256Hex } from "./canonical.ts";
import { coverageLimit } from "./coverage-limit.ts";
import { type Gap, gapsOf } from "./gaps.ts";
import { type JobSums, type RunPart, runsIn, sumRuns } from "./jobs.ts";
import { cutPeriod, daysOf, type Period } from "./period.ts";
import { milligrams, round6, type Sums, scope1Mg, sumHours } from "./sums.ts";
import { line, type TargetLine, targetsOf } from "./targets.ts";
import { mixParts, type Names, type ReportCentre, type ReportHour, type ReportInput, ReportRefused } from "./types.ts";
import { type Warning, warning } from "./warnings.ts";

/** Changes when the same input would give other bytes. */
export const reportFormat = "hs-report/2";

export type DayPart = { day: string; from: string; to: string } & Pick<
  Sums,
  | "hours"
  | "facilityMilliWh"
  | "itMilliWh"
  | "pue"
  | "cleanShare"
  | "scope2LocationMg"
  | "scope2ContractMg"
  | "coverage"
>;

/** Columns of `hourRows`. */
export const hourColumns = [
  "hour",
  "facilityMilliWh",
  "itMilliWh",
  "cleanMilliWh",
  "scope1Mg",
  "scope2LocationMg",
  "scope2ContractMg",
  "costMicroUsd",
  "coverage",
] as const;
export type HourLine = [hour: string, ...figures: (number | null)[]];

export type CentrePart = {
  id: string;
  name: Names;
  timeZone: string;
  gridZone: string;
  pueCategory: number;
  simulated: boolean;
  sums: Sums;
  jobs: JobSums;
  targets: TargetLine[];
  gaps: Gap[];
  factors: { source: string; hours: number }[];
  days: DayPart[];
  /** The ledger hours under every sum above, one row an hour that the ledger has. */
  hourRows: HourLine[];
};

/** A report: what is hashed, stored and exported. Instants are ISO 8601 UTC; periods are half-open. */
export type ReportContent = {
  format: string;
  period: {
    from: string;
    to: string;
    timeZone: string;
    hours: number;
    fullYear: boolean;
    requested: { from: string; to: string } | null;
  };
  /** Part of a year: every PUE is interim (ISO/IEC 30134-2). */
  pueInterim: boolean;
  /** The category that all centres share; null: they differ. */
  pueCategory: number | null;
  simulated: boolean;
  centres: CentrePart[];
  total: Sums;
  targets: TargetLine[];
  days: DayPart[];
  jobs: JobSums & { parts: RunPart[] };
  factors: { source: string; hours: number }[];
  warnings: Warning[];
  hourColumns: readonly string[];
  methods: Record<string, string>;
  /** What the report was made from: the hash of its canonical input. */
  inputs: { hours: number; runs: number; sha256: string };
};

const methods = {
  facility: "E_DC = grid − export + hydro + wind + solar + generator + battery discharge − battery charge",
  pue: "E_DC / E_IT of the hours in which both are known; a ratio of sums (ISO/IEC 30134-2)",
  scope1: "fuel of generators × its direct factor; refrigerants are not measured",
  scope2Location: "sum over hours of energy × the grid zone's factor of that hour (GHG Protocol Scope 2)",
  scope2Contract: "metered and contracted clean supply at its own factor, the rest at the residual factor",
  cleanShare: "clean energy / E_DC",
  cue: "Scope 1 and Scope 2 location-based / E_IT (ISO/IEC 30134-8)",
  erf: "E_reused / E_DC (ISO/IEC 30134-6); a centre without a meter of reused heat reuses none",
  storage: "installed capacity / mean facility power",
  coverage: "measured share of the period's hours; nothing is filled in",
  jobs: "metered by the job's own GPUs; a run across the period's edge is shared by time",
};

/**
 * Assembles a report from ledger hours and job runs. Pure: the same input gives the same content, and so the same bytes.
 * @throws ReportRefused naming the rule that the input breaks.
 */
export function assembleReport(input: ReportInput): ReportContent {
  const period = cutPeriod(input.fromMs, input.toMs, input.timeZone);
  if (input.centres.length === 0) throw new ReportRefused("noCentre", "A report needs at least one centre.");
  const reusesHeat = new Map(input.centres.map((centre) => [centre.id, centre.reusesHeat]));
  const ids = new Set(reusesHeat.keys());
  const hours = input.hours
    .filter((row) => ids.has(row.centreId) && row.hourMs >= period.fromMs && row.hourMs < period.toMs)
    // A centre that reuses no heat weighs in the fleet's ERF with 0; where a meter is silent the hour stays unknown.
    .map((row) => (reusesHeat.get(row.centreId) ? row : { ...row, heatReuseMilliWh: row.heatReuseMilliWh ?? 0 }));
  if (hours.length === 0)
    throw new ReportRefused("noData", "The ledger has no hour of these centres in this period; choose another.");
  const runs = runsIn(
    period,
    input.runs.filter((run) => ids.has(run.centreId)),
  );
  const centres = input.centres.map((centre) => centrePart(centre, period, hours, runs));
  const total = sumHours(hours, period.hours * centres.length);
  const jobs = sumRuns(runs, total.itMilliWh);
  const categories = new Set(input.centres.map(({ pueCategory }) => pueCategory));
  return {
    format: reportFormat,
    period: {
      from: iso(period.fromMs),
      to: iso(period.toMs),
      timeZone: period.timeZone,
      hours: period.hours,
      fullYear: period.fullYear,
      requested: period.requested && { from: iso(period.requested.fromMs), to: iso(period.requested.toMs) },
    },
    pueInterim: !period.fullYear,
    pueCategory: categories.size === 1 ? input.centres[0]!.pueCategory : null,
    simulated: centres.some(({ simulated }) => simulated),
    centres,
    total,
    targets: fleetTargets(input.centres, total),
    days: dayParts(period, hours, centres.length),
    jobs: { ...jobs, parts: runs },
    factors: factorsOf(hours),
    warnings: [...periodWarnings(period, total, jobs), ...centres.flatMap(centreWarnings)],
    hourColumns,
    methods,
    inputs: { hours: hours.length, runs: runs.length, sha256: hashInput(input, hours) },
  };
}

const iso = (atMs: number) => new Date(atMs).toISOString();

function centrePart(centre: ReportCentre, period: Period, all: ReportHour[], runs: RunPart[]): CentrePart {
  const rows = all.filter((row) => row.centreId === centre.id).sort((a, b) => a.hourMs - b.hourMs);
  const sums = sumHours(rows, period.hours);
  return {
    id: centre.id,
    name: centre.name,
    timeZone: centre.timeZone,
    gridZone: centre.gridZone,
    pueCategory: centre.pueCategory,
    simulated: centre.simulated || sums.simulatedHours > 0,
    sums,
    jobs: sumRuns(
      runs.filter((run) => run.centreId === centre.id),
      sums.itMilliWh,
    ),
    targets: targetsOf(centre, sums),
    gaps: gapsOf(period, rows),
    factors: factorsOf(rows),
    days: dayParts(period, rows, 1),
    hourRows: rows.map(hourLine),
  };
}

function dayParts(period: Period, rows: ReportHour[], centres: number): DayPart[] {
  return daysOf(period).map(({ day, fromMs, toMs }) => {
    const inside = rows.filter((row) => row.hourMs >= fromMs && row.hourMs < toMs);
    const sums = sumHours(inside, ((toMs - fromMs) / 3_600_000) * centres);
    const { hours, facilityMilliWh, itMilliWh, pue, cleanShare, scope2LocationMg, scope2ContractMg, coverage } = sums;
    const figures = {
      hours,
      facilityMilliWh,
      itMilliWh,
      pue,
      cleanShare,
      scope2LocationMg,
      scope2ContractMg,
      coverage,
    };
    return { day, from: iso(fromMs), to: iso(toMs), ...figures };
  });
}

function hourLine(row: ReportHour): HourLine {
  const clean =
    row.cleanShare === null || row.facilityMilliWh === null ? null : Math.round(row.cleanShare * row.facilityMilliWh);
  return [
    iso(row.hourMs),
    row.facilityMilliWh,
    row.itMilliWh,
    clean,
    row.carbonLocationG === null ? null : scope1Mg(row),
    row.carbonLocationG === null ? null : milligrams(row.carbonLocationG) - scope1Mg(row),
    row.carbonContractG === null ? null : milligrams(row.carbonContractG) - scope1Mg(row),
    row.costMicroUsd,
    round6(row.coverage),
  ];
}

/** Only what every centre was asked: the fleet is held to the loosest of its centres' targets. */
function fleetTargets(centres: ReportCentre[], total: Sums): TargetLine[] {
  return [
    line("pue", Math.max(...centres.map(({ targets }) => targets.pue)), total.pue?.value ?? null, "max"),
    line(
      "cleanShare",
      Math.min(...centres.map(({ targets }) => targets.cleanShare)),
      total.cleanShare?.value ?? null,
      "min",
    ),
  ];
}

function factorsOf(rows: ReportHour[]): { source: string; hours: number }[] {
  const count = new Map<string, number>();
  for (const { factorSource } of rows) if (factorSource) count.set(factorSource, (count.get(factorSource) ?? 0) + 1);
  return [...count].map(([source, hours]) => ({ source, hours })).sort((a, b) => (a.source < b.source ? -1 : 1));
}

function periodWarnings(period: Period, total: Sums, jobs: JobSums): Warning[] {
  const { requested } = period;
  return [
    ...(total.simulatedHours > 0
      ? [warning("SIMULATED", null, { count: total.simulatedHours, hours: total.hours })]
      : []),
    ...(requested ? [warning("PERIOD_WIDENED", null, { from: iso(requested.fromMs), to: iso(requested.toMs) })] : []),
    ...(jobs.notMetered > 0 ? [warning("JOBS_NOT_METERED", null, { count: jobs.notMetered })] : []),
  ];
}

function centreWarnings({ id, name, sums, jobs, gaps }: CentrePart): Warning[] {
  const centre = name.en ?? id;
  const missing = gaps.reduce((count, gap) => count + gap.hours, 0);
  const noFactor = sums.facilityHours - sums.locationHours;
  const noPrice = sums.facilityHours - sums.costHours;
  const found: [Warning["code"], boolean, Record<string, string | number>][] = [
    ["COVERAGE_BELOW_95", sums.coverage < coverageLimit, { coverage: sums.coverage }],
    ["HOURS_NOT_COMPUTABLE", missing > 0, { count: missing, hours: sums.hours }],
    ["ESTIMATED_ABOVE_5", sums.estimatedShare > 0.05, { share: sums.estimatedShare }],
    ["CARBON_INCOMPLETE", noFactor > 0, { count: noFactor }],
    ["COST_INCOMPLETE", noPrice > 0, { count: noPrice }],
    ["JOBS_EXCEED_METERS", (jobs.notAttributedMilliWh ?? 0) < 0, {}],
  ];
  return found.filter(([, holds]) => holds).map(([code, , values]) => warning(code, id, { centre, ...values }));
}

/** Of values only: when the ledger derived an hour again and it came out the same, nothing changed. */
function hashInput(input: ReportInput, hours: ReportHour[]): string {
  const sorted = hours.toSorted((a, b) =>
    a.centreId === b.centreId ? a.hourMs - b.hourMs : a.centreId < b.centreId ? -1 : 1,
  );
  const rows = sorted.map((row) => [
    row.centreId,
    row.hourMs,
    row.facilityMilliWh,
    row.itMilliWh,
    row.mix && mixParts.map((part) => row.mix![part]),
    row.cleanShare,
    row.carbonLocationG,
    row.carbonContractG,
    row.generatorMilliWh,
    row.costMicroUsd,
    row.heatReuseMilliWh,
    row.coverage,
    row.estimatedShare,
    row.factorSource,
    row.simulated,
  ]);
  const runs = input.runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  return sha256Hex(canonicalJson({ centres: input.centres, hours: rows, runs }));
}
