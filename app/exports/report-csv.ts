import type { DayPart, HourLine, ReportContent } from "#domain/report/assemble.ts";
import type { JobSums, RunPart } from "#domain/report/jobs.ts";
import type { Sums } from "#domain/report/sums.ts";
import { mixParts } from "#domain/report/types.ts";
import { type CsvCell, millionths, toCsv } from "./csv.ts";

/** One header for all rows; `section` says what a row is. Units stand in the names. */
const columns = [
  "section",
  "centre",
  "name",
  "from",
  "to",
  "hours",
  "coverage",
  "estimated_share",
  "simulated",
  "facility_kwh",
  "it_kwh",
  "pue",
  "clean_share",
  "scope1_kg",
  "scope2_location_kg",
  "scope2_contract_kg",
  "cue_kg_per_kwh",
  "erf",
  "cost_usd",
  ...mixParts.map((part) => `mix_${part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_kwh` as const),
  "target",
  "measured",
  "met",
  "carbon_location_kg",
  "carbon_contract_kg",
  "gpu_seconds",
  "note",
] as const;
type Column = (typeof columns)[number];
type Row = { section: string } & Partial<Record<Column, CsvCell>>;

/** kWh, kg and USD: integer milliwatt-hours, milligrams and micro-USD over a million. Exact. */
const micro = (value: number | null): CsvCell => (value === null ? null : { number: millionths(value) });
/** Shares and ratios have at most six decimals. */
const ratio = (value: number | null | undefined): CsvCell =>
  value === null || value === undefined ? null : { number: millionths(Math.round(value * 1e6)) };
const count = (value: number | null): CsvCell => (value === null ? null : { number: String(value) });

/** A report as CSV: the figures of its JSON, one row a total, centre, day, hour, job, target, gap and warning. */
export function reportCsv(content: ReportContent, sha256: string, options: { bom?: boolean } = {}): string {
  const rows = [...head(content, sha256), ...figures(content), ...details(content)];
  const cells = rows.map((row) => columns.map((column) => row[column] ?? null));
  return toCsv([[...columns], ...cells], options);
}

function head(
  { format, period, pueCategory, pueInterim, simulated, methods, inputs }: ReportContent,
  sha256: string,
): Row[] {
  const { from, to } = period;
  const category = pueCategory === null ? "categories differ" : `category ${pueCategory}`;
  const year = pueInterim ? "interim: the period is part of a year" : "annual";
  return [
    {
      section: "report",
      from,
      to,
      hours: count(period.hours),
      simulated: yes(simulated),
      note: `${format}, sha256 ${sha256}`,
    },
    { section: "report", from, to, note: `time zone ${period.timeZone}; PUE ${category}, ${year}` },
    { section: "report", note: `inputs: ${inputs.hours} centre-hours, ${inputs.runs} runs, sha256 ${inputs.sha256}` },
    // Sorted: a database gives the keys of a stored report back in its own order.
    ...Object.entries(methods)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => ({ section: "method", name, note: text })),
  ];
}

function figures({ period, centres, total, days, simulated }: ReportContent): Row[] {
  const span = { from: period.from, to: period.to };
  return [
    { section: "total", ...span, simulated: yes(simulated), ...sumCells(total) },
    ...centres.map((one) => ({
      section: "centre",
      centre: one.id,
      name: one.name.en ?? one.id,
      ...span,
      simulated: yes(one.simulated),
      ...sumCells(one.sums),
      note: `PUE category ${one.pueCategory}; grid zone ${one.gridZone}`,
    })),
    ...days.map((day) => ({ section: "day", name: day.day, ...dayCells(day) })),
    ...centres.flatMap((one) =>
      one.days.map((day) => ({ section: "centre-day", centre: one.id, name: day.day, ...dayCells(day) })),
    ),
    ...centres.flatMap((one) => one.hourRows.map((row) => ({ section: "hour", centre: one.id, ...hourCells(row) }))),
  ];
}

function details({ centres, targets, jobs, factors, warnings, period }: ReportContent): Row[] {
  const span = { from: period.from, to: period.to };
  const scoped = [{ id: null, targets }, ...centres];
  return [
    ...jobs.parts.map(jobRow),
    ...[{ id: null, jobs: jobs as JobSums }, ...centres].map((one) => ({
      section: "not-attributed",
      centre: one.id,
      ...span,
      it_kwh: micro(one.jobs.notAttributedMilliWh),
      note: `IT energy that no job drew; ${one.jobs.runs} runs of jobs drew ${millionths(one.jobs.itMilliWh)} kWh`,
    })),
    ...scoped.flatMap((one) =>
      one.targets.map((line) => ({
        section: "target",
        centre: one.id,
        name: line.name,
        ...span,
        target: ratio(line.target),
        measured: ratio(line.measured),
        met: line.target === null ? "no target" : line.met === null ? "not measured" : yes(line.met),
        note: line.rule === "max" ? "at most" : "at least",
      })),
    ),
    ...centres.flatMap((one) =>
      one.gaps.map((gap) => ({
        section: "not-computable",
        centre: one.id,
        from: gap.from,
        to: gap.to,
        hours: count(gap.hours),
        note: gap.noRecord
          ? "no record in the ledger"
          : gap.devices
              .map(({ deviceId, silentSince }) => `${deviceId} silent since ${silentSince ?? "always"}`)
              .join("; "),
      })),
    ),
    ...factors.map(({ source, hours }) => ({ section: "factor-source", name: source, hours: count(hours) })),
    ...warnings.map((warning) => ({
      section: "warning",
      centre: warning.centreId,
      name: warning.code,
      note: warning.message,
    })),
  ];
}

const yes = (value: boolean) => (value ? "yes" : "no");

function sumCells(sums: Sums): Partial<Row> {
  return {
    hours: count(sums.hours),
    coverage: ratio(sums.coverage),
    estimated_share: ratio(sums.estimatedShare),
    facility_kwh: micro(sums.facilityMilliWh),
    it_kwh: micro(sums.itMilliWh),
    pue: ratio(sums.pue?.value),
    clean_share: ratio(sums.cleanShare?.value),
    scope1_kg: micro(sums.scope1Mg),
    scope2_location_kg: micro(sums.scope2LocationMg),
    scope2_contract_kg: micro(sums.scope2ContractMg),
    cue_kg_per_kwh: ratio(sums.cue?.value),
    erf: ratio(sums.erf?.value),
    cost_usd: micro(sums.costMicroUsd),
    ...Object.fromEntries(
      mixParts.map((part) => [
        `mix_${part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_kwh`,
        sums.mix && micro(sums.mix[part]),
      ]),
    ),
  };
}

function dayCells(day: DayPart): Partial<Row> {
  return {
    from: day.from,
    to: day.to,
    hours: count(day.hours),
    coverage: ratio(day.coverage),
    facility_kwh: micro(day.facilityMilliWh),
    it_kwh: micro(day.itMilliWh),
    pue: ratio(day.pue?.value),
    clean_share: ratio(day.cleanShare?.value),
    scope2_location_kg: micro(day.scope2LocationMg),
    scope2_contract_kg: micro(day.scope2ContractMg),
  };
}

function hourCells([hour, facility, it, clean, direct, location, contract, cost, coverage]: HourLine): Partial<Row> {
  const number = (value: number | null | undefined) => value ?? null;
  return {
    from: hour,
    to: new Date(Date.parse(hour) + 3_600_000).toISOString(),
    hours: count(1),
    coverage: ratio(coverage),
    facility_kwh: micro(number(facility)),
    it_kwh: micro(number(it)),
    pue: facility != null && it ? ratio(facility / it) : null,
    clean_share: clean != null && facility ? ratio(clean / facility) : null,
    scope1_kg: micro(number(direct)),
    scope2_location_kg: micro(number(location)),
    scope2_contract_kg: micro(number(contract)),
    cost_usd: micro(number(cost)),
  };
}

function jobRow(part: RunPart): Row {
  return {
    section: "job",
    centre: part.centreId,
    name: part.jobName,
    from: part.startedAt,
    to: part.endedAt,
    facility_kwh: micro(part.facilityMilliWh),
    it_kwh: micro(part.itMilliWh),
    carbon_location_kg: micro(part.carbonLocationMg),
    carbon_contract_kg: micro(part.carbonContractMg),
    cost_usd: micro(part.costMicroUsd),
    gpu_seconds: count(part.gpuSeconds),
    note: [
      part.jobId,
      part.itMilliWh === null ? "not metered yet" : `metered: ${part.energyMethod ?? "method not recorded"}`,
      ...(part.share < 1 ? [`${(part.share * 100).toFixed(2)} % of the run lies in the period, shared by time`] : []),
    ].join("; "),
  };
}
