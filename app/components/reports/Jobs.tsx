import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { RunPart } from "#domain/report/jobs.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import { useRootData } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Panel } from "../ui/Panel.tsx";
import { energyUnit, inUnit, largestOf, massUnit, moneyUnit, useZoneFormat } from "./format.ts";

/** What jobs drew in the period, and what is nobody's: together the IT energy. */
export function Jobs({ report }: { report: ReportView }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const mayOpen = useRootData()?.person?.permissions.includes("job.view");
  const { parts, runs, itMilliWh, notAttributedMilliWh } = report.jobs;
  const energy = energyUnit(largestOf(parts.map((part) => part.facilityMilliWh)));
  const mass = massUnit(largestOf(parts.map((part) => part.carbonLocationMg)));
  const whole = energyUnit(report.total.itMilliWh ?? 0);
  const names = new Map(report.centres.map(({ id, name }) => [id, format.name(name as never)]));
  const known = (text: string | null) => text ?? <span className="missing">{t("jobs.notMetered")}</span>;
  const columns: Column<RunPart>[] = [
    {
      key: "job",
      head: t("jobs.job"),
      cell: ({ jobId, jobName }) => (mayOpen ? <Link to={`/jobs/${jobId}`}>{jobName}</Link> : jobName),
    },
    { key: "centre", head: t("jobs.centre"), cell: ({ centreId }) => names.get(centreId) ?? centreId },
    {
      key: "ran",
      head: t("jobs.ran"),
      cell: ({ startedAt, endedAt, share }) => (
        <>
          {format.short(Date.parse(startedAt))}–{endedAt ? format.time(Date.parse(endedAt)) : t("jobs.running")}
          {share < 1 && <span className="sub">{t("jobs.shared", { share: format.percent(share) })}</span>}
        </>
      ),
    },
    {
      key: "it",
      head: t("jobs.it", { unit: energy.name }),
      num: true,
      cell: (part) => known(inUnit(part.itMilliWh, energy, format)),
    },
    {
      key: "facility",
      head: t("jobs.facility", { unit: energy.name }),
      num: true,
      cell: (part) => known(inUnit(part.facilityMilliWh, energy, format)),
    },
    {
      key: "location",
      head: t("days.location", { unit: mass.name }),
      num: true,
      cell: (part) => known(inUnit(part.carbonLocationMg, mass, format)),
    },
    {
      key: "contract",
      head: t("days.contract", { unit: mass.name }),
      num: true,
      cell: (part) => known(inUnit(part.carbonContractMg, mass, format)),
    },
    { key: "cost", head: "USD", num: true, cell: (part) => known(inUnit(part.costMicroUsd, moneyUnit, format)) },
  ];
  const small = energyUnit(itMilliWh);
  return (
    <Panel
      flush
      title={t("jobs.title")}
      meta={t("jobs.meta", { count: runs })}
      summary={
        parts.length === 0
          ? undefined
          : notAttributedMilliWh === null || report.total.itMilliWh === null
            ? t("jobs.noIt")
            : t("jobs.summary", {
                jobs: `${inUnit(itMilliWh, small, format)}\u00a0${small.name}`,
                rest: `${inUnit(notAttributedMilliWh, whole, format)}\u00a0${whole.name}`,
                it: `${inUnit(report.total.itMilliWh, whole, format)}\u00a0${whole.name}`,
              })
      }
      foot={t("jobs.foot")}
    >
      {parts.length === 0 ? (
        <div className="hollow">
          <b>{t("jobs.none")}</b>
        </div>
      ) : (
        <DataTable caption={t("jobs.title")} rows={parts} rowKey={({ runId }) => runId} columns={columns} />
      )}
      {report.moreRuns > 0 && <p className="foot">{t("jobs.more", { count: report.moreRuns })}</p>}
    </Panel>
  );
}
