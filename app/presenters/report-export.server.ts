import type { LoaderFunctionArgs } from "@remix-run/node";
import { audit } from "#db/queries/people.ts";
import { findReport } from "#db/queries/reports.ts";
import { requirePermission } from "../auth/person.server.ts";
import { type ReportFormat, reportFile } from "../exports/report-file.ts";

/** A report as a file, for who may export it. CSV leads with U+FEFF: a spreadsheet opens it with its Chinese names. */
export async function exportReport(
  { request, context, params }: LoaderFunctionArgs,
  format: ReportFormat,
): Promise<Response> {
  const person = await requirePermission(request, context, "report.export");
  const report = await findReport(context.db, person.centreIds, params.id ?? "");
  if (!report) throw new Response("Not found", { status: 404 });
  const { name, contentType, body } = reportFile(report, format, { bom: true });
  const subject = `report/${report.id}.${format}`;
  await audit(context.db, { actor: person.id, action: "report.export", subject }, new Date(context.clock()));
  return new Response(body, {
    headers: {
      "Content-Type": contentType,
      "Content-Disposition": `attachment; filename="${name}"`,
      "Cache-Control": "private, no-cache",
      ETag: `"${report.contentSha256}-${format}"`,
    },
  });
}
