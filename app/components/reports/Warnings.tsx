import { useTranslation } from "react-i18next";
import { coverageLimit } from "#domain/report/coverage-limit.ts";
import type { Warning } from "#domain/report/warnings.ts";
import { type ReportView, warningGroups } from "../../presenters/report-view.ts";
import { Note } from "../ui/states.tsx";
import { useZoneFormat } from "./format.ts";

/** The report's warnings in the reader's language, one note a code: what several centres share is said once and names them all. */
export function Warnings({ report }: { report: ReportView }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const written = ({ centreId, values }: Warning) => {
    const found = report.centres.find(({ id }) => id === centreId);
    return {
      ...values,
      centre: found ? format.name(found.name as never) : String(values.centre ?? ""),
      coverage: typeof values.coverage === "number" ? format.percent(values.coverage) : "",
      share: typeof values.share === "number" ? format.percent(values.share) : "",
      limit: format.percent(coverageLimit, 0),
      count: Number(values.count ?? 0),
      countText: format.number(Number(values.count ?? 0)),
      hours: format.number(Number(values.hours ?? 0)),
      from: typeof values.from === "string" ? format.short(Date.parse(values.from)) : "",
      to: typeof values.to === "string" ? format.short(Date.parse(values.to)) : "",
    };
  };
  return (
    <div className="report-notes">
      {warningGroups(report.warnings).map((group) => {
        const { code } = group[0];
        const values = written(group[0]);
        const list = format.list(group.map((warning) => t(`warning.${code}.each`, written(warning))));
        return (
          <Note key={code} s={code === "SIMULATED" || code === "PERIOD_WIDENED" ? "unknown" : "watch"}>
            <b>
              {group.length > 1
                ? t(`warning.${code}.all`, { limit: values.limit, list })
                : t(`warning.${code}.strong`, values)}
            </b>{" "}
            {t(`warning.${code}.rest`, values)}
          </Note>
        );
      })}
    </div>
  );
}
