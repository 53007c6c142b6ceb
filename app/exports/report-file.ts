import type { StoredReport } from "#db/queries/reports.ts";
import { reportCsv } from "./report-csv.ts";

export const reportFormats = ["csv", "json"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export type ReportFile = { name: string; contentType: string; body: string };

/** A stored report as a file. JSON is the very bytes whose SHA-256 is kept: `sha256sum` of the file proves it. */
export function reportFile(
  report: StoredReport & { bytes: string },
  format: ReportFormat,
  options: { bom?: boolean } = {},
): ReportFile {
  // First and last day in the report's own zone.
  const [first, last] = [report.content.days[0]?.day, report.content.days.at(-1)?.day];
  const name = `${report.id}_${first}_${last}.${format}`;
  return format === "json"
    ? { name, contentType: "application/json; charset=utf-8", body: report.bytes }
    : {
        name,
        contentType: "text/csv; charset=utf-8",
        body: reportCsv(report.content, report.contentSha256, options),
      };
}
