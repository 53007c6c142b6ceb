import type { CentreScope } from "#db/queries/fleet.ts";
import { findReport } from "#db/queries/reports.ts";
import { hourMs } from "#domain/report/period.ts";
import type { LoadContext } from "../context.ts";

/** One ledger hour of one centre as the report has it; null: not known. */
export type HourItem = {
  centreId: string;
  atMs: number;
  coverage: number | null;
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  pue: number | null;
  cleanShare: number | null;
  scope2LocationMg: number | null;
  scope2ContractMg: number | null;
};

/** The hours of one day of a report; hours that the ledger lacks stand there as not known. undefined: no such report. */
export async function presentReportHours(context: LoadContext, scope: CentreScope, id: string, url: URL) {
  const report = await findReport(context.db, scope, id);
  if (!report) return undefined;
  const { days, centres, period } = report.content;
  const asked = days.findIndex(({ day }) => day === url.searchParams.get("day"));
  const at = Math.max(0, asked);
  const day = days[at]!;
  const centre = centres.find((one) => one.id === url.searchParams.get("centre"))?.id ?? null;
  const [fromMs, toMs] = [Date.parse(day.from), Date.parse(day.to)];
  const hours = Array.from({ length: (toMs - fromMs) / hourMs }, (_, index) => fromMs + index * hourMs);
  const shown = centres.filter((one) => centre === null || one.id === centre);
  const known = new Map(
    shown.flatMap((one) =>
      one.hourRows.map(
        ([hour, facility = null, it = null, clean = null, , location = null, contract = null, , coverage = null]) => [
          `${one.id} ${Date.parse(hour)}`,
          {
            coverage,
            facilityMilliWh: facility,
            itMilliWh: it,
            pue: facility !== null && it ? facility / it : null,
            cleanShare: clean !== null && facility ? clean / facility : null,
            scope2LocationMg: location,
            scope2ContractMg: contract,
          },
        ],
      ),
    ),
  );
  const empty = {
    coverage: null,
    facilityMilliWh: null,
    itMilliWh: null,
    pue: null,
    cleanShare: null,
    scope2LocationMg: null,
    scope2ContractMg: null,
  };
  const rows: HourItem[] = hours.flatMap((atMs) =>
    shown.map((one) => ({ centreId: one.id, atMs, ...(known.get(`${one.id} ${atMs}`) ?? empty) })),
  );
  return {
    id: report.id,
    timeZone: period.timeZone,
    day: day.day,
    fromMs,
    centre,
    centres: centres.map(({ id, name }) => ({ id, name })),
    previous: days[at - 1]?.day ?? null,
    next: days[at + 1]?.day ?? null,
    rows,
    known: rows.filter(({ pue }) => pue !== null).length,
    expected: rows.length,
  };
}
