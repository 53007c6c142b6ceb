import { Link } from "@remix-run/react";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { DayPart } from "#domain/report/assemble.ts";
import { hourMs } from "#domain/report/period.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { Either } from "../ui/Either.tsx";
import { Panel } from "../ui/Panel.tsx";
import { energyUnit, inUnit, largestOf, massUnit, useZoneFormat } from "./format.ts";

/** Clean energy hour by hour as a grid, and every day as a row that leads to its hours. */
export function Days({ report, id, span = 12 }: { report: ReportView; id: string; span?: number }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const { weakest } = report;
  const hour = (value: number) => `${String(value).padStart(2, "0")}:00`;
  const summary = weakest
    ? t("clean.summary", {
        from: hour(weakest.fromHour),
        to: hour(weakest.toHour),
        share: format.percent(weakest.share, 0),
        rest: format.percent(weakest.rest, 0),
      })
    : t("clean.summaryShort");
  const table = <DayTable report={report} id={id} />;
  return (
    <Panel title={t("clean.title")} meta={t("clean.meta", { days: report.days.length })} span={span} summary={summary}>
      {report.clean.length > 0 ? <Either chart={<CleanGrid report={report} />} table={table} /> : table}
    </Panel>
  );
}

function CleanGrid({ report }: { report: ReportView }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const every = report.clean.length > 20 ? 7 : report.clean.length > 10 ? 2 : 1;
  // The first day may be cut: its hours hang below the hour at which it begins.
  const first = report.clean[0];
  const skipped = first && report.clean.length > 1 ? Math.max(0, 24 - first.hours.length) : 0;
  return (
    <figure className="report-clean" style={{ "--days": report.clean.length } as CSSProperties}>
      <div className="report-clean-hours" aria-hidden="true">
        {["00", "06", "12", "18", "24"].map((text) => (
          <span key={text}>{text}</span>
        ))}
      </div>
      <div className="report-clean-grid" role="img" aria-label={t("clean.label")}>
        {report.clean.map(({ day, fromMs, hours }, index) => (
          <div key={day}>
            {index === 0 && skipped > 0 && <i className="none" style={{ flex: skipped }} />}
            {[...hours].map((step, at) => (
              <i
                // biome-ignore lint/suspicious/noArrayIndexKey: hours of one day, in order
                key={at}
                className={`s${step}`}
                title={`${format.short(fromMs + at * hourMs)}${format.colon}${t(`clean.step.${step}`)}`}
              />
            ))}
            {index === report.clean.length - 1 && hours.length < 23 && (
              <i className="none" style={{ flex: 24 - hours.length - (index === 0 ? skipped : 0) }} />
            )}
          </div>
        ))}
      </div>
      <div className="report-clean-days" aria-hidden="true">
        {report.clean.map(({ day, fromMs }, index) => (
          <span key={day}>
            {index % every === 0 ? (index === 0 ? format.shortDate(fromMs) : day.slice(8).replace(/^0/, "")) : ""}
          </span>
        ))}
      </div>
      <ul className="legend">
        {["6", "5", "4", "3", "2", "1", "0", "x"].map((step) => (
          <li key={step}>
            <span className={`swatch report-step s${step}`} />
            {t(`clean.step.${step}`)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function DayTable({ report, id }: { report: ReportView; id: string }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const energy = energyUnit(largestOf(report.days.map((day) => day.facilityMilliWh)));
  const mass = massUnit(largestOf(report.days.map((day) => day.scope2LocationMg)));
  const known = (text: string | null) => text ?? <span className="missing">{t("table.unknown")}</span>;
  const number = (value: number | undefined, digits: number) =>
    value === undefined ? null : format.number(value, digits);
  return (
    <DataTable<DayPart>
      caption={t("days.title")}
      rows={report.days}
      rowKey={({ day }) => day}
      columns={[
        {
          key: "day",
          head: t("days.day"),
          cell: ({ day, from }) => (
            <Link to={`/reports/${id}/hours?day=${day}`}>
              {format.weekday(Date.parse(from))} {format.shortDate(Date.parse(from))}
              <span className="vh"> {t("days.toHours")}</span>
            </Link>
          ),
        },
        { key: "hours", head: t("days.hours"), num: true, cell: ({ hours }) => format.number(hours) },
        { key: "coverage", head: t("days.coverage"), num: true, cell: ({ coverage }) => format.percent(coverage) },
        {
          key: "facility",
          head: t("days.facility", { unit: energy.name }),
          num: true,
          cell: (day) => known(inUnit(day.facilityMilliWh, energy, format)),
        },
        {
          key: "it",
          head: t("days.it", { unit: energy.name }),
          num: true,
          cell: (day) => known(inUnit(day.itMilliWh, energy, format)),
        },
        { key: "pue", head: "PUE", num: true, cell: (day) => known(number(day.pue?.value, 3)) },
        {
          key: "clean",
          head: t("days.clean"),
          num: true,
          cell: (day) => known(day.cleanShare ? format.percent(day.cleanShare.value) : null),
        },
        {
          key: "location",
          head: t("days.location", { unit: mass.name }),
          num: true,
          cell: (day) => known(inUnit(day.scope2LocationMg, mass, format)),
        },
        {
          key: "contract",
          head: t("days.contract", { unit: mass.name }),
          num: true,
          cell: (day) => known(inUnit(day.scope2ContractMg, mass, format)),
        },
      ]}
    />
  );
}
