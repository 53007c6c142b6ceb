import { useTranslation } from "react-i18next";
import type { JobPage } from "../../presenters/job.server.ts";
import { useFormat } from "../../use-format.ts";

/** What was asked for, and the policy in plain sentences. */
export function RequestList({ job }: { job: JobPage["job"] }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const power = format.power(job.gpus * job.powerPerGpuW);
  const budget = job.budgetMicroUsd === null ? null : format.usd(job.budgetMicroUsd);
  return (
    <dl className="kv jobs-kv">
      <dt>{t("table.gpus")}</dt>
      <dd>
        {format.number(job.gpus)} × {job.gpuClass ?? t("anyClass")}
      </dd>
      <dt>{t("request.power")}</dt>
      <dd>
        {t("request.powerOf", {
          power: `${power.text}\u00a0${power.unit}`,
          each: `${format.number(job.powerPerGpuW)}\u00a0W`,
        })}
      </dd>
      <dt>{t("table.duration")}</dt>
      <dd>
        {format.duration(job.durationS * 1_000, true)}
        {job.interruptible && `${format.comma}${t("request.interruptible")}`}
      </dd>
      <dt>{t("table.deadline")}</dt>
      <dd>{format.full(job.deadlineAtMs)}</dd>
      {job.releaseAtMs > job.submittedAtMs && (
        <>
          <dt>{t("request.release")}</dt>
          <dd>{format.full(job.releaseAtMs)}</dd>
        </>
      )}
      <dt>{t("form.residency")}</dt>
      <dd>{job.residency.length ? format.list(job.residency) : t("request.anywhere")}</dd>
      <dt>{t("form.budget")}</dt>
      <dd>{budget ? `${budget.text}\u00a0${budget.unit}` : t("request.noBudget")}</dd>
      <dt>{t("form.workload")}</dt>
      <dd>{t(`workload.${job.workload}`, { defaultValue: job.workload })}</dd>
      <dt>
        {t("table.policy")}
        <span className="sub">{t("request.version", { version: job.policyVersion })}</span>
      </dt>
      <dd className="jobs-policy">
        {t(`policy.name.${job.policyId}`, { defaultValue: job.policyId })}
        <span className="sub">{job.policyTexts.join(format.locale === "en" ? " " : "")}</span>
      </dd>
    </dl>
  );
}
