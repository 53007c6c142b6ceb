import { type CentreScope, type ShellCentreRow, shellCentres } from "#db/queries/fleet.ts";
import { listReports, reportInput } from "#db/queries/reports.ts";
import { assembleReport } from "#domain/report/assemble.ts";
import { hourMs, type Preset, presetPeriod } from "#domain/report/period.ts";
import { ReportRefused } from "#domain/report/types.ts";
import { addDays, dayOf, dayText, isKnownZone, parseDay, startOfDay } from "#domain/report/zone.ts";
import type { LoadContext } from "../context.ts";
import { periodName, reportView } from "./report-view.ts";
import { periodChoices, type ReportScope, type ReportsData } from "./reports-data.ts";

const shownReports = 100;

/** The page of reports: the form as it stands, what it would report, and what was reported. */
export async function presentReports(context: LoadContext, scope: CentreScope, url: URL): Promise<ReportsData> {
  const { db } = context;
  const now = new Date(context.clock());
  const [centres, reports] = await Promise.all([
    shellCentres(db, scope),
    listReports(db, scope, { limit: shownReports }),
  ]);
  const chosen = readScope(url, centres, now.getTime());
  const { preview, refused } = await previewOf(context, chosen, scope, now);
  return {
    centres: centres.map(({ id, name }) => ({ id, name })),
    zones: [...new Set([...centres.map(({ timeZone }) => timeZone), "UTC"])],
    scope: chosen,
    preview,
    refused,
    reports: reports.map((row) => ({ ...row, name: periodName(row.fromMs, row.toMs, row.timeZone) })),
  };
}

async function previewOf(context: LoadContext, request: ReportScope, scope: CentreScope, now: Date) {
  try {
    const input = await reportInput(context.db, request, scope, now);
    return { preview: reportView(assembleReport(input)), refused: null };
  } catch (error) {
    if (!(error instanceof ReportRefused)) throw error;
    return { preview: null, refused: { reason: error.reason, values: error.values } };
  }
}

export function readScope(url: URL, centres: Pick<ShellCentreRow, "id" | "timeZone">[], nowMs: number): ReportScope {
  const asked = url.searchParams.getAll("centre").filter((id) => centres.some((centre) => centre.id === id));
  const centreIds = asked.length ? asked : centres.map(({ id }) => id);
  const zone = url.searchParams.get("zone") ?? "";
  const timeZone =
    isKnownZone(zone) && zone ? zone : (centres.find(({ id }) => id === centreIds[0])?.timeZone ?? "UTC");
  const period = periodChoices.find((name) => name === url.searchParams.get("period")) ?? "this-month";
  const range = period === "own" ? ownPeriod(url, nowMs, timeZone) : presetPeriod(period as Preset, nowMs, timeZone);
  return {
    centreIds,
    timeZone,
    period,
    ...range,
    firstDay: dayText(dayOf(range.fromMs, timeZone)),
    lastDay: dayText(dayOf(range.toMs - 1, timeZone)),
  };
}

/** Whole days, the last one included, up to the last whole hour. */
function ownPeriod(url: URL, nowMs: number, timeZone: string): { fromMs: number; toMs: number } {
  const first = parseDay(url.searchParams.get("first") ?? "");
  const last = parseDay(url.searchParams.get("last") ?? "");
  if (!first || !last) return presetPeriod("last-30-days", nowMs, timeZone);
  const fromMs = startOfDay(first, timeZone);
  const endMs = startOfDay(addDays(last, 1), timeZone);
  const untilMs = Math.floor(nowMs / hourMs) * hourMs;
  // A day that has not come yet stays as asked: the page says that it has not passed.
  return { fromMs, toMs: fromMs < untilMs ? Math.min(endMs, untilMs) : endMs };
}
