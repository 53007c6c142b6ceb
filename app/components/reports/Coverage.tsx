import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { coverageLimit } from "#domain/report/coverage-limit.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import { Mark } from "../ui/Mark.tsx";
import { useZoneFormat } from "./format.ts";

/** Where the rule begins: what matters lies between here and all. */
const axisFrom = 0.8;
const onAxis = (share: number) => `${Math.min(1, Math.max(0, (share - axisFrom) / (1 - axisFrom))) * 100}%`;

/** Measured share of each centre's hours against the limit, and what is missing, from when to when. */
export function Coverage({ report }: { report: ReportView }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const gaps = report.centres.flatMap((centre) => centre.gaps.map((gap) => ({ centre, gap })));
  const shown = gaps.slice(0, 8);
  const line = ({ centre, gap }: (typeof gaps)[number]) => (
    <li key={`${centre.id} ${gap.from}`}>
      <b>{format.name(centre.name as never)}</b> {format.short(Date.parse(gap.from))}–
      {gap.hours > 23 ? format.short(Date.parse(gap.to)) : format.time(Date.parse(gap.to))}
      <span className="sub">
        {gap.noRecord
          ? t("coverage.noRecord")
          : gap.devices
              .map(({ deviceId, silentSince }) =>
                silentSince
                  ? t("coverage.silent", { device: deviceId, since: format.short(Date.parse(silentSince)) })
                  : t("coverage.neverHeard", { device: deviceId }),
              )
              .join("; ") || t("coverage.noMeter")}
      </span>
    </li>
  );
  return (
    <>
      <h3>{t("coverage.title")}</h3>
      <ul className="report-coverage">
        {report.centres.map(({ id, name, sums }) => {
          const good = sums.coverage >= coverageLimit;
          return (
            <li key={id}>
              <span>{format.name(name as never)}</span>
              <span
                className="progress"
                aria-hidden="true"
                style={{ "--v": onAxis(sums.coverage), "--at": onAxis(coverageLimit) } as CSSProperties}
              >
                <i />
                <b />
              </span>
              <span className="num">{format.percent(sums.coverage)}</span>
              <Mark s={good ? "good" : "watch"} label={t(good ? "coverage.enough" : "coverage.below")} />
            </li>
          );
        })}
      </ul>
      <p className="foot">{t("coverage.axis", { limit: format.percent(coverageLimit, 0) })}</p>
      {gaps.length > 0 && (
        <>
          <h3>{t("coverage.gaps")}</h3>
          <ul className="report-gaps">{shown.map(line)}</ul>
          {gaps.length > shown.length && (
            <details>
              <summary>{t("coverage.more", { count: gaps.length - shown.length })}</summary>
              <ul className="report-gaps">{gaps.slice(shown.length).map(line)}</ul>
            </details>
          )}
        </>
      )}
    </>
  );
}
