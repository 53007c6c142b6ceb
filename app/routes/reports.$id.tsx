import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { findReport } from "#db/queries/reports.ts";
import { requirePermission } from "../auth/person.server.ts";
import { Coverage } from "../components/reports/Coverage.tsx";
import { Days } from "../components/reports/Days.tsx";
import { periodText } from "../components/reports/format.ts";
import { Jobs } from "../components/reports/Jobs.tsx";
import { MixTable } from "../components/reports/MixTable.tsx";
import { Paper } from "../components/reports/Paper.tsx";
import { Proof } from "../components/reports/Proof.tsx";
import { Targets } from "../components/reports/Targets.tsx";
import { weakLead } from "../components/reports/weak-lead.ts";
import { ButtonLink } from "../components/ui/Button.tsx";
import { localeOf, translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { reportView } from "../presenters/report-view.ts";
import { useFormat, useRootData } from "../use-format.ts";
import "../components/reports/reports.css";

export const meta = pageMeta;

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "report.view");
  const report = await findReport(context.db, person.centreIds, params.id ?? "");
  if (!report) throw new Response("Not found", { status: 404 });
  const view = reportView(report.content);
  const stored = { sha256: report.contentSha256, createdBy: report.createdBy, createdAtMs: report.createdAtMs };
  const title = translator(request)("reports:paper.title", { period: periodText(view.name, localeOf(request)) });
  return { title, id: report.id, report: view, stored };
}

export default function Report() {
  const { t } = useTranslation("reports");
  const format = useFormat();
  const { title, id, report, stored } = useLoaderData<typeof loader>();
  const mayExport = useRootData()?.person?.permissions.includes("report.export");
  const missed = report.centres.flatMap(({ name, targets }) =>
    targets
      .filter(({ met }) => met === false)
      .map((line) => t("lead.missedOf", { target: t(`target.${line.name}`), centre: format.name(name as never) })),
  );
  const lead =
    weakLead(report, t, format) ??
    (missed.length > 0
      ? {
          strong: t("lead.missed", { targets: format.list(missed) }),
          rest: t("lead.measured", { coverage: format.percent(report.total.coverage) }),
        }
      : { strong: t("lead.met"), rest: t("lead.measured", { coverage: format.percent(report.total.coverage) }) });
  return (
    <>
      <div className="head">
        <div>
          <h1>{title}</h1>
          <p className="lead">
            <b>{lead.strong}</b> {lead.rest}
          </p>
        </div>
        <div className="acts">
          <ButtonLink quiet to="/reports">
            {t("all")}
          </ButtonLink>
          {mayExport && (
            <>
              <a className="btn" href={`/reports/${id}/export.json`} download>
                {t("download", { kind: "JSON" })}
              </a>
              <a className="btn primary" href={`/reports/${id}/export.csv`} download>
                {t("download", { kind: "CSV" })}
              </a>
            </>
          )}
        </div>
      </div>
      <div className="sheet report-sheet">
        <section className="panel report-side" aria-labelledby="report-coverage">
          <div className="panel-head">
            <h2 id="report-coverage">{t("form.title")}</h2>
          </div>
          <dl className="kv">
            <dt>{t("form.period")}</dt>
            <dd>{periodText(report.name, format.locale)}</dd>
            <dt>{t("form.zone")}</dt>
            <dd>{report.period.timeZone}</dd>
            <dt>{t("side.hours")}</dt>
            <dd>{format.number(report.period.hours)}</dd>
            <dt>{t("form.centres")}</dt>
            <dd>{format.number(report.centres.length)}</dd>
          </dl>
          <Coverage report={report} />
          <h3>{t("side.export")}</h3>
          <p className="foot">{t("side.exportWhy")}</p>
        </section>
        <Paper report={report} id={id} />
        <Proof report={report} stored={stored} />
      </div>
      <div className="sheet report-below">
        <Days report={report} id={id} />
        <Targets report={report} span={7} />
        <MixTable report={report} span={5} />
        <Jobs report={report} />
      </div>
    </>
  );
}
