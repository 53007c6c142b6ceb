import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { JobItem } from "../../presenters/jobs.server.ts";
import { useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { JobStatus } from "./JobStatus.tsx";
import "./jobs.css";

/** The queue, newest first: what waits, runs and ran, where and until when. */
export function JobsTable({ jobs }: { jobs: JobItem[] }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const columns: Column<JobItem>[] = [
    {
      key: "job",
      head: t("table.job"),
      cell: (job) => (
        <>
          <Link to={`/jobs/${job.id}`} prefetch="intent">
            {job.name}
          </Link>
          <span className="sub mono">{job.id}</span>
        </>
      ),
    },
    {
      key: "status",
      head: t("table.status"),
      className: "jobs-status",
      cell: (job) => (
        <>
          <JobStatus status={job.status} blocked={job.blocked} />
          {job.reason && job.status !== "succeeded" && <span className="sub">{job.reason}</span>}
        </>
      ),
    },
    {
      key: "gpus",
      head: t("table.gpus"),
      num: true,
      cell: (job) => (
        <>
          {format.number(job.gpus)}
          <span className="sub">{job.gpuClass ?? t("anyClass")}</span>
        </>
      ),
    },
    {
      key: "centre",
      head: t("table.centre"),
      cell: (job) =>
        job.centre === null ? (
          <span className="ink-3">{t("table.noCentre")}</span>
        ) : (
          <>
            {job.centre}
            {job.simulated && <span className="sub ink-3">{t("common:simulated.word")}</span>}
          </>
        ),
    },
    {
      key: "start",
      head: t("table.start"),
      cell: (job) =>
        job.startAtMs === null ? (
          <span className="ink-3">{t("table.noStart")}</span>
        ) : (
          <>
            <span className="keep">{format.short(job.startAtMs)}</span>
            <span className="sub">{t(job.started ? "table.actual" : "table.planned")}</span>
          </>
        ),
    },
    {
      key: "duration",
      head: t("table.duration"),
      num: true,
      cell: (job) =>
        job.started && job.startAtMs !== null && job.endedAtMs !== null ? (
          <>
            <span className="keep">{format.duration(job.endedAtMs - job.startAtMs, true)}</span>
            <span className="sub">{t("table.took")}</span>
          </>
        ) : (
          <>
            <span className="keep">{format.duration(job.durationS * 1_000, true)}</span>
            <span className="sub">{t("table.asked")}</span>
          </>
        ),
    },
    {
      key: "deadline",
      head: t("table.deadline"),
      cell: (job) => <span className="keep">{format.short(job.deadlineAtMs)}</span>,
    },
    {
      key: "policy",
      head: t("table.policy"),
      cell: (job) => t(`policy.name.${job.policyId}`, { defaultValue: job.policyId }),
    },
  ];
  return (
    <DataTable
      caption={t("table.title")}
      columns={columns}
      rows={jobs}
      rowKey={({ id }) => id}
      className="jobs-table"
    />
  );
}
