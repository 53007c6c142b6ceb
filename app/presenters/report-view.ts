import type { CentrePart, DayPart, ReportContent } from "#domain/report/assemble.ts";
import { coverageLimit } from "#domain/report/coverage-limit.ts";
import { hourMs } from "#domain/report/period.ts";
import type { Warning } from "#domain/report/warnings.ts";
import { addDays, dayOf, startOfDay } from "#domain/report/zone.ts";

/** How a period is called: a calendar month, a calendar year, or its first and last day. */
export type PeriodName = { kind: "month" | "year" | "days"; fromMs: number; toMs: number; timeZone: string };

export function periodName(fromMs: number, toMs: number, timeZone: string): PeriodName {
  const first = dayOf(fromMs, timeZone);
  const begins = startOfDay(first, timeZone) === fromMs && first.day === 1;
  const until = (months: number) =>
    startOfDay({ ...addDays({ ...first, month: first.month + months, day: 1 }, 0) }, timeZone);
  const kind =
    begins && until(1) === toMs ? "month" : begins && first.month === 1 && until(12) === toMs ? "year" : "days";
  return { kind, fromMs, toMs, timeZone };
}

/** Clean share by hour: one character an hour, `0` (below 50 %) to `6` (95 % and more), `x` where it is not known. */
export type CleanDay = { day: string; fromMs: number; hours: string };

export type CentreView = Omit<CentrePart, "days" | "hourRows">;
/** What a page needs of a report: without the hours, which have a page of their own. */
export type ReportView = Omit<ReportContent, "centres" | "jobs" | "hourColumns" | "methods"> & {
  name: PeriodName;
  centres: CentreView[];
  /** Runs that drew most, first; `moreRuns`: how many are not shown. */
  jobs: ReportContent["jobs"];
  moreRuns: number;
  clean: CleanDay[];
  /** Mean clean share of the hours of the day that are weakest, as the chart's sentence says. */
  weakest: { fromHour: number; toHour: number; share: number; rest: number } | null;
};

const shownRuns = 50;
/** More columns than this are too narrow to be seen. */
const shownCleanDays = 62;

export function reportView(content: ReportContent): ReportView {
  const { hourColumns: _, methods: __, centres, jobs, ...rest } = content;
  const { period } = content;
  const byHour = cleanByHour(centres);
  const parts = jobs.parts.toSorted((a, b) => (b.itMilliWh ?? 0) - (a.itMilliWh ?? 0));
  return {
    ...rest,
    name: periodName(Date.parse(period.from), Date.parse(period.to), period.timeZone),
    centres: centres.map(({ days: _, hourRows: __, ...centre }) => centre),
    jobs: { ...jobs, parts: parts.slice(0, shownRuns) },
    moreRuns: Math.max(0, parts.length - shownRuns),
    clean: content.days.length <= shownCleanDays ? content.days.map((day) => cleanDay(day, byHour)) : [],
    weakest: weakestHours(content.days, byHour),
  };
}

type Shares = Map<number, { clean: number; facility: number }>;

function cleanByHour(centres: CentrePart[]): Shares {
  const sums: Shares = new Map();
  for (const { hourRows } of centres)
    for (const [hour, facility, , clean] of hourRows) {
      if (facility == null || clean == null) continue;
      const at = Date.parse(hour);
      const sum = sums.get(at) ?? { clean: 0, facility: 0 };
      sums.set(at, { clean: sum.clean + clean, facility: sum.facility + facility });
    }
  return sums;
}

const steps = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

function cleanDay(day: DayPart, shares: Shares): CleanDay {
  const fromMs = Date.parse(day.from);
  const count = (Date.parse(day.to) - fromMs) / hourMs;
  const hours = Array.from({ length: count }, (_, index) => {
    const sum = shares.get(fromMs + index * hourMs);
    return sum && sum.facility > 0 ? String(steps.filter((step) => sum.clean / sum.facility >= step).length) : "x";
  });
  return { day: day.day, fromMs, hours: hours.join("") };
}

/** The four consecutive hours of the day with the lowest clean share over the whole period, against the rest. */
function weakestHours(days: DayPart[], shares: Shares): ReportView["weakest"] {
  const hours = Array.from({ length: 24 }, () => ({ clean: 0, facility: 0 }));
  for (const day of days) {
    const fromMs = Date.parse(day.from);
    const count = (Date.parse(day.to) - fromMs) / hourMs;
    // Days that were cut or that have 23 or 25 hours would move the hours of the clock.
    if (count !== 24) continue;
    for (let index = 0; index < 24; index++) {
      const sum = shares.get(fromMs + index * hourMs);
      hours[index]!.clean += sum?.clean ?? 0;
      hours[index]!.facility += sum?.facility ?? 0;
    }
  }
  const share = (parts: typeof hours) => {
    const facility = parts.reduce((sum, part) => sum + part.facility, 0);
    return facility > 0 ? parts.reduce((sum, part) => sum + part.clean, 0) / facility : null;
  };
  let best: ReportView["weakest"] = null;
  for (let start = 0; start + 4 <= 24; start++) {
    const mine = share(hours.slice(start, start + 4));
    const rest = share([...hours.slice(0, start), ...hours.slice(start + 4)]);
    if (mine !== null && rest !== null && (!best || mine < best.share))
      best = { fromHour: start, toHour: start + 4, share: mine, rest };
  }
  return best;
}

/** Warnings by code in the order of the report, what only marks the data last: the same one of several centres is one group. */
export function warningGroups(warnings: readonly Warning[]): [Warning, ...Warning[]][] {
  const groups = new Map<Warning["code"], [Warning, ...Warning[]]>();
  for (const warning of warnings) {
    const group = groups.get(warning.code);
    if (group) group.push(warning);
    else groups.set(warning.code, [warning]);
  }
  const marks = (group: Warning[]) => Number(group[0]?.code === "SIMULATED");
  return [...groups.values()].sort((a, b) => marks(a) - marks(b));
}

/** Centres whose measured share of the hours is below the limit, the weakest first. */
export const weakCentres = (report: ReportView): CentreView[] =>
  report.centres.filter(({ sums }) => sums.coverage < coverageLimit).sort((a, b) => a.sums.coverage - b.sums.coverage);
