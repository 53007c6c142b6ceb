import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Sums } from "#domain/report/sums.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import type { Format } from "../../use-format.ts";
import { energyUnit, inUnit, largestOf, massUnit, moneyUnit, type Unit, useZoneFormat } from "./format.ts";
import { Symbols } from "./Symbols.tsx";

type Row = {
  key: string;
  /** Under the name: standard or method. */
  sub: string;
  unit: string;
  value: (sums: Sums) => string | null;
  /** Hours that stand in the figure. */
  hours: (sums: Sums) => number;
};
type Group = { key: string; rows: Row[] };

/** The rows of a report, each in one unit. */
function groupsOf({ total, centres }: ReportView, format: Format): Group[] {
  const all = [total, ...centres.map(({ sums }) => sums)];
  const scaled = (
    key: string,
    pick: (sums: Sums) => number | null,
    hours: (sums: Sums) => number,
    unitOf: (largest: number) => Unit,
  ): Row => {
    const unit = unitOf(largestOf(all.map(pick)));
    return { key, sub: key, unit: unit.name, value: (sums) => inUnit(pick(sums), unit, format), hours };
  };
  const ratio = (
    key: string,
    pick: (sums: Sums) => { value: number; hours: number } | null,
    unit: string,
    digits: number,
  ): Row => ({
    key,
    sub: key,
    unit,
    value: (sums) => {
      const found = pick(sums);
      return found && format.number(found.value, digits);
    },
    hours: (sums) => pick(sums)?.hours ?? 0,
  });
  return [
    {
      key: "energy",
      rows: [
        scaled(
          "facility",
          (sums) => sums.facilityMilliWh,
          (sums) => sums.facilityHours,
          energyUnit,
        ),
        scaled(
          "it",
          (sums) => sums.itMilliWh,
          (sums) => sums.itHours,
          energyUnit,
        ),
        ratio("pue", (sums) => sums.pue, "1", 3),
        ratio("clean", (sums) => sums.cleanShare, "1", 3),
        ratio("erf", (sums) => sums.erf, "1", 3),
        scaled(
          "cost",
          (sums) => sums.costMicroUsd,
          (sums) => sums.costHours,
          () => moneyUnit,
        ),
      ],
    },
    {
      key: "gas",
      rows: [
        scaled(
          "scope1",
          (sums) => sums.scope1Mg,
          (sums) => sums.locationHours,
          massUnit,
        ),
        scaled(
          "location",
          (sums) => sums.scope2LocationMg,
          (sums) => sums.locationHours,
          massUnit,
        ),
        scaled(
          "contract",
          (sums) => sums.scope2ContractMg,
          (sums) => sums.contractHours,
          massUnit,
        ),
        ratio("cue", (sums) => sums.cue, "kg/kWh", 3),
      ],
    },
  ];
}

/** Indicators by centre and in total. With an `id` every figure leads down to its hours. */
export function ReportTable({ report, id }: { report: ReportView; id?: string }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const many = report.centres.length > 1;
  const cell = (row: Row, sums: Sums, centre: string | null, name: string): ReactNode => {
    const value = row.value(sums);
    if (value === null) return <span className="missing">{t("table.unknown")}</span>;
    const partial = row.hours(sums) < sums.hours;
    const text = (
      <>
        {value}
        {partial && <sup>{t("table.partialMark")}</sup>}
      </>
    );
    if (id === undefined) return text;
    const query = centre === null ? "" : `?centre=${encodeURIComponent(centre)}`;
    return (
      <Link to={`/reports/${id}/hours${query}`}>
        {text}
        <span className="vh">
          {" "}
          {t("table.toHours", { figure: t(`row.${row.key}`, { category: "" }), centre: name })}
        </span>
      </Link>
    );
  };
  const groups = groupsOf(report, format);
  const category = report.pueCategory ?? "";
  const partial = groups
    .flatMap(({ rows }) => rows)
    .some((row) =>
      [report.total, ...report.centres.map(({ sums }) => sums)].some(
        (sums) => row.value(sums) !== null && row.hours(sums) < sums.hours,
      ),
    );
  return (
    <>
      {groups.map((group) => (
        // biome-ignore-start lint/a11y/noRedundantRoles: display:grid on a row takes its table role away
        <table key={group.key} role="table" className="cards report-table">
          <caption>{t(`group.${group.key}`)}</caption>
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader">
                {t("table.indicator")}
              </th>
              {report.centres.map((centre) => (
                <th key={centre.id} scope="col" role="columnheader" className="num">
                  <Link to={`/centres/${centre.id}?from=${report.period.from}&to=${report.period.to}`}>
                    {format.name(centre.name as never)}
                  </Link>
                </th>
              ))}
              {many && (
                <th scope="col" role="columnheader" className="num">
                  {t("table.fleet")}
                </th>
              )}
              <th scope="col" role="columnheader">
                {t("table.unit")}
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {group.rows.map((row) => (
              <tr key={row.key} role="row">
                <th scope="row" role="rowheader" className="plain">
                  <Symbols text={t(`row.${row.key}`, { category })} />
                  {row.key === "pue" && report.pueInterim && t("row.interim")}
                  <span className="sub">{t(`sub.${row.sub}`)}</span>
                </th>
                {report.centres.map((centre) => (
                  <td key={centre.id} role="cell" className="num" data-l={format.name(centre.name as never)}>
                    {cell(row, centre.sums, centre.id, format.name(centre.name as never))}
                  </td>
                ))}
                {many && (
                  <td role="cell" className="num report-total" data-l={t("table.fleet")}>
                    {cell(row, report.total, null, t("table.fleet"))}
                  </td>
                )}
                <td role="cell" className="report-unit" data-l={t("table.unit")}>
                  {row.unit}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        // biome-ignore-end lint/a11y/noRedundantRoles: see above
      ))}
      <p className="foot">
        {partial && (
          <>
            <sup>{t("table.partialMark")}</sup> {t("table.partial")}{" "}
          </>
        )}
        {t("table.ratios")}
      </p>
    </>
  );
}
