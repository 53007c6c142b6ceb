import { useTranslation } from "react-i18next";
import type { ReportView } from "../../presenters/report-view.ts";
import { periodText, useZoneFormat } from "./format.ts";
import { ReportTable } from "./ReportTable.tsx";
import { Warnings } from "./Warnings.tsx";

/** The report as a sheet of paper: what it covers, its warnings, its figures. */
export function Paper({ report, id }: { report: ReportView; id?: string }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const { locale } = format;
  const list = new Intl.ListFormat(locale, { type: "conjunction", style: "narrow" });
  const names = list.format(report.centres.map(({ name }) => format.name(name as never)));
  return (
    <section className="panel report-paper" aria-labelledby="report-paper">
      <div className="report-page">
        <p className="meta">{t(id === undefined ? "paper.preview" : "paper.frozen")}</p>
        <h2 id="report-paper">{t("paper.title", { period: periodText(report.name, locale) })}</h2>
        <p className="ink-2">
          {t("paper.scope", {
            count: report.period.hours,
            centres: names,
            from: format.short(Date.parse(report.period.from)),
            to: format.short(Date.parse(report.period.to)),
            zone: format.offset(Date.parse(report.period.from)),
            hours: format.number(report.period.hours),
          })}
        </p>
        <Warnings report={report} />
        <ReportTable report={report} {...(id !== undefined && { id })} />
      </div>
    </section>
  );
}
