import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { ReportItem, ReportsData } from "../../presenters/reports-data.ts";
import { useFormat } from "../../use-format.ts";
import { Chip } from "../ui/Chip.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { Panel } from "../ui/Panel.tsx";
import { Empty } from "../ui/states.tsx";
import { energyUnit, inUnit, massUnit, periodText } from "./format.ts";

/** What was reported, newest first, one click from its files. */
export function ReportList({ reports, centres }: Pick<ReportsData, "reports" | "centres">) {
  const { t } = useTranslation("reports");
  const format = useFormat();
  const names = new Map(centres.map(({ id, name }) => [id, format.name(name)]));
  const list = new Intl.ListFormat(format.locale, { style: "narrow" });
  const known = (text: string | null) => text ?? <span className="missing">{t("table.unknown")}</span>;
  const energy = (value: number | null) => {
    const unit = energyUnit(value ?? 0);
    return known(value === null ? null : `${inUnit(value, unit, format)}\u00a0${unit.name}`);
  };
  const mass = (value: number | null) => {
    const unit = massUnit(value ?? 0);
    return known(value === null ? null : `${inUnit(value, unit, format)}\u00a0${unit.name}`);
  };
  return (
    <Panel flush title={t("list.title")} meta={t("list.meta", { count: reports.length })}>
      {reports.length === 0 ? (
        <Empty title={t("list.none")}>{t("list.noneHow")}</Empty>
      ) : (
        <DataTable<ReportItem>
          caption={t("list.title")}
          rows={reports}
          rowKey={({ id }) => id}
          columns={[
            {
              key: "period",
              head: t("list.period"),
              cell: ({ id, name, centreIds }) => (
                <>
                  <Link to={`/reports/${id}`}>{periodText(name, format.locale)}</Link>
                  <span className="sub">{list.format(centreIds.map((centre) => names.get(centre) ?? centre))}</span>
                </>
              ),
            },
            {
              key: "energy",
              head: t("list.facility"),
              num: true,
              cell: ({ summary }) => energy(summary.facilityMilliWh),
            },
            {
              key: "pue",
              head: "PUE",
              num: true,
              cell: ({ summary }) => known(summary.pue === null ? null : format.number(summary.pue, 3)),
            },
            {
              key: "clean",
              head: t("list.clean"),
              num: true,
              cell: ({ summary }) => known(summary.cleanShare === null ? null : format.percent(summary.cleanShare)),
            },
            {
              key: "location",
              head: t("list.location"),
              num: true,
              cell: ({ summary }) => mass(summary.scope2LocationMg),
            },
            {
              key: "contract",
              head: t("list.contract"),
              num: true,
              cell: ({ summary }) => mass(summary.scope2ContractMg),
            },
            {
              key: "coverage",
              head: t("list.coverage"),
              cell: ({ summary }) => (
                <Chip s={summary.warnings.includes("COVERAGE_BELOW_95") ? "watch" : "good"}>
                  {format.percent(summary.coverage)}
                </Chip>
              ),
            },
            {
              key: "made",
              head: t("list.made"),
              cell: ({ createdAtMs, createdBy, summary }) => (
                <>
                  {format.short(createdAtMs)}
                  <span className="sub">
                    {createdBy}
                    {summary.simulated && (
                      <>
                        <i className="dot" />
                        {t("common:simulated.word")}
                      </>
                    )}
                  </span>
                </>
              ),
            },
            {
              key: "files",
              head: t("list.files"),
              cell: ({ id, name }) => (
                <span className="report-files">
                  {(["csv", "json"] as const).map((kind) => (
                    <a key={kind} className="btn small" href={`/reports/${id}/export.${kind}`} download>
                      {kind.toUpperCase()}
                      <span className="vh"> {periodText(name, format.locale)}</span>
                    </a>
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}
