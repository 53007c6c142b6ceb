import { useTranslation } from "react-i18next";
import { coverageLimit } from "#domain/report/coverage-limit.ts";
import type { Warning } from "#domain/report/warnings.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import { Note } from "../ui/states.tsx";
import { useZoneFormat } from "./format.ts";

/** The report's warnings in the reader's language; they stand in every file as well. */
export function Warnings({ report }: { report: ReportView }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const text = ({ code, centreId, values }: Warning): { strong: string; rest: string } => {
    const found = report.centres.find(({ id }) => id === centreId);
    const written = {
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
    return { strong: t(`warning.${code}.strong`, written), rest: t(`warning.${code}.rest`, written) };
  };
  const [marks, others] = [
    report.warnings.filter(({ code }) => code === "SIMULATED"),
    report.warnings.filter(({ code }) => code !== "SIMULATED"),
  ];
  return (
    <div className="report-notes">
      {[...others, ...marks].map((warning) => {
        const { strong, rest } = text(warning);
        return (
          <Note
            key={`${warning.code} ${warning.centreId}`}
            s={warning.code === "SIMULATED" || warning.code === "PERIOD_WIDENED" ? "unknown" : "watch"}
          >
            <b>{strong}</b> {rest}
          </Note>
        );
      })}
    </div>
  );
}
