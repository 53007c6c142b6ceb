import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { reportFile, reportFormats } from "#app/exports/report-file.ts";
import { createReport, findReport, regenerateReport } from "#db/queries/reports.ts";
import { canonicalJson } from "#domain/report/canonical.ts";
import { parseEdge } from "#domain/report/period.ts";
import { isKnownZone } from "#domain/report/zone.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const reportCommands: Command[] = [
  {
    name: "report create",
    usage: "--centres a,b --from DAY --to DAY --zone ZONE [--format csv|json] [--out FILE]",
    summary: "Makes a report over [from, to) and writes it to a file or to standard output.",
    async run(args) {
      const { values } = parseArgs({
        args,
        strict: true,
        options: {
          centres: { type: "string" },
          from: { type: "string" },
          to: { type: "string" },
          zone: { type: "string" },
          format: { type: "string", default: "json" },
          out: { type: "string" },
        },
      });
      const timeZone = values.zone ?? "UTC";
      if (!isKnownZone(timeZone)) throw new UsageError("--zone takes an IANA time zone such as Asia/Shanghai");
      const format = reportFormats.find((name) => name === values.format);
      if (!format) throw new UsageError(`--format takes one of ${reportFormats.join(", ")}`);
      const centreIds = (values.centres ?? "").split(",").filter(Boolean);
      if (centreIds.length === 0) throw new UsageError("--centres names the centres: --centres guangzhou,qinghai");
      const request = {
        centreIds,
        fromMs: readEdge("--from", values.from, timeZone),
        toMs: readEdge("--to", values.to, timeZone),
        timeZone,
      };
      await withDatabase(async (db) => {
        const report = await createReport(db, request, { id: "cli", scope: null }, new Date());
        const file = reportFile({ ...report, bytes: canonicalJson(report.content) }, format);
        if (values.out) await writeFile(values.out, file.body);
        else process.stdout.write(file.body);
        console.warn(`${report.id}, content sha256 ${report.contentSha256}`);
        for (const warning of report.content.warnings) console.warn(`warning: ${warning.message}`);
      });
    },
  },
  {
    name: "report verify",
    usage: "ID",
    summary: "Makes a stored report again from today's ledger and says whether every byte is the same.",
    async run([id]) {
      if (!id) throw new UsageError("name the report: hs report verify report-…");
      let code = 0;
      await withDatabase(async (db) => {
        const stored = await findReport(db, null, id);
        if (!stored) throw new UsageError(`there is no report ${id}`);
        const { same, content } = await regenerateReport(db, stored, new Date());
        console.log(
          same
            ? `${id}: the same bytes, sha256 ${stored.contentSha256}`
            : content.format !== stored.content.format
              ? `${id}: it was made as ${stored.content.format}; this version makes ${content.format} and cannot make it again.`
              : `${id}: the ledger has changed since. Inputs then ${stored.content.inputs.sha256}, now ${content.inputs.sha256}.`,
        );
        code = same ? 0 : 1;
      });
      return code;
    },
  },
];

function readEdge(option: string, text: string | undefined, timeZone: string): number {
  const atMs = parseEdge(text ?? "", timeZone);
  if (atMs === undefined)
    throw new UsageError(`${option} takes a day such as 2026-10-01, or an instant such as 2026-10-01T00:00:00Z`);
  return atMs;
}
