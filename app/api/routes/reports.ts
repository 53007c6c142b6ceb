import { z } from "zod";
import { type ApiClient, audit } from "#db/queries/people.ts";
import { createReport, findReport, listReports, type StoredReport } from "#db/queries/reports.ts";
import { type ReportFormat, reportFile } from "../../exports/report-file.ts";
import { cutPage, readCursor, timeCursor } from "../cursor.ts";
import { ApiError, notFound } from "../errors.ts";
import { type Answer, type ApiDeps, defineRoute } from "../route.ts";
import {
  edge,
  idParams,
  instant,
  iso,
  microUsd,
  milligramsCo2e,
  milliWh,
  named,
  nextCursor,
  pageQuery,
  readEdge,
  share,
  timeZone,
} from "../shapes.ts";
import { reportShape } from "./report-shape.ts";

const request = named(
  "ReportRequest",
  z.strictObject({
    centreIds: z.array(z.string().min(1).max(128)).min(1).max(200),
    from: edge,
    to: edge,
    timeZone: timeZone.describe("in which days are cut and days given as edges are read"),
  }),
);
const listed = named(
  "ListedReport",
  z.strictObject({
    id: z.string(),
    centreIds: z.array(z.string()),
    from: instant,
    to: instant,
    timeZone: z.string(),
    contentSha256: z.string(),
    createdBy: z.string(),
    createdAt: instant,
    summary: z.strictObject({
      pueInterim: z.boolean(),
      pueCategory: z.int().nullable(),
      simulated: z.boolean(),
      facilityMilliWh: milliWh.nullable(),
      itMilliWh: milliWh.nullable(),
      pue: z.number().nullable(),
      cleanShare: share.nullable(),
      scope2LocationMg: milligramsCo2e.nullable(),
      scope2ContractMg: milligramsCo2e.nullable(),
      costMicroUsd: microUsd.nullable(),
      coverage: share,
      warnings: z.array(z.string()),
    }),
  }),
);
const stored = named(
  "Report",
  z.strictObject({
    id: z.string(),
    contentSha256: z.string().describe("SHA-256 of the content as canonical JSON: of the file at /reports/{id}.json"),
    createdAt: instant,
    content: reportShape,
  }),
);

const shape = ({ id, content, contentSha256, createdAtMs }: StoredReport) => ({
  id,
  contentSha256,
  createdAt: iso(createdAtMs),
  content,
});

async function file(deps: ApiDeps, client: ApiClient, id: string, format: ReportFormat, bom = false): Promise<Answer> {
  const report = await findReport(deps.db, client.centreIds, id);
  if (!report) throw notFound(`report "${id}"`);
  const { name, contentType, body } = reportFile(report, format, { bom });
  return {
    body,
    contentType,
    etag: `${report.contentSha256}-${format}${bom ? "-bom" : ""}`,
    headers: { "Content-Disposition": `attachment; filename="${name}"` },
  };
}

export const reportRoutes = [
  defineRoute({
    method: "get",
    path: "/reports",
    operationId: "listReports",
    tag: "reports",
    summary: "Reports all of whose centres are in the token's scope, newest first",
    permission: "report.view",
    query: z.strictObject(pageQuery),
    answers: {
      200: { description: "A page of reports", schema: z.strictObject({ reports: z.array(listed), nextCursor }) },
    },
    async handle({ deps, client, query }) {
      const cursor = readCursor(query.cursor, timeCursor);
      const after = cursor && { createdAtMs: cursor.t, id: cursor.id };
      const rows = await listReports(deps.db, client.centreIds, { limit: query.limit + 1, ...(after && { after }) });
      const page = cutPage(rows, query.limit, (row) => ({ t: row.createdAtMs, id: row.id }));
      const reports = page.rows.map(({ fromMs, toMs, createdAtMs, ...row }) => ({
        ...row,
        from: iso(fromMs),
        to: iso(toMs),
        createdAt: iso(createdAtMs),
      }));
      return { body: { reports, nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: "post",
    path: "/reports",
    operationId: "createReport",
    tag: "reports",
    summary: "Makes a report over [from, to) and freezes it",
    permission: "report.export",
    body: request,
    answers: { 201: { description: "The report", schema: z.strictObject({ report: stored }) } },
    async handle({ deps, client, body, now }) {
      const range = {
        fromMs: readEdge("body", "from", body.from, body.timeZone),
        toMs: readEdge("body", "to", body.to, body.timeZone),
      };
      if (range.fromMs >= range.toMs)
        throw new ApiError("INVALID_BODY", "body.from must lie before body.to. Correct them and send them again.", {
          details: [{ path: "body.from", message: "must lie before body.to" }],
        });
      const report = await createReport(
        deps.db,
        { centreIds: body.centreIds, timeZone: body.timeZone, ...range },
        { id: client.id, scope: client.centreIds },
        now,
      );
      await audit(deps.db, { actor: client.id, action: "report.create", subject: `report/${report.id}` }, now);
      return {
        status: 201,
        headers: { Location: `/api/v1/reports/${report.id}` },
        body: { report: shape(report) },
      };
    },
  }),
  ...(["csv", "json"] as const).map((format) =>
    defineRoute({
      method: "get",
      path: `/reports/{id}.${format}`,
      operationId: format === "csv" ? "getReportCsv" : "getReportJson",
      tag: "reports",
      summary:
        format === "csv"
          ? "The report as CSV: one header, a row for each total, centre, day, hour, job, target, gap and warning"
          : "The report as canonical JSON: these bytes have the SHA-256 contentSha256",
      permission: "report.export",
      params: idParams,
      query: z.strictObject(
        format === "csv" ? { bom: z.enum(["true", "false"]).default("false").describe("lead with U+FEFF") } : {},
      ),
      answers: {
        200:
          format === "csv"
            ? { description: "The file", contentType: "text/csv" }
            : { description: "The file", schema: reportShape },
      },
      handle: ({ deps, client, params, query }) =>
        file(deps, client, params.id, format, (query as { bom?: string }).bom === "true"),
    }),
  ),
  defineRoute({
    method: "get",
    path: "/reports/{id}",
    operationId: "getReport",
    tag: "reports",
    summary: "One report",
    permission: "report.view",
    params: idParams,
    answers: { 200: { description: "The report", schema: z.strictObject({ report: stored }) } },
    async handle({ deps, client, params }) {
      const report = await findReport(deps.db, client.centreIds, params.id);
      if (!report) throw notFound(`report "${params.id}"`);
      return { body: { report: shape(report) }, etag: report.contentSha256 };
    },
  }),
];
