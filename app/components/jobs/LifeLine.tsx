import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { JobPage } from "../../presenters/job.server.ts";
import { stepWord } from "../../presenters/job-life.ts";
import { useFormat } from "../../use-format.ts";
import { Progress } from "../ui/states.tsx";

/** submitted → placed → running → succeeded → settled: filled done, ring now, hollow to come. */
export function LifeLine({ page }: { page: JobPage }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const { life, centre, settlement, run, maySettle } = page;
  return (
    <ol className="timeline jobs-life" aria-label={t("life.title")}>
      {life.map(({ key, state, atMs }) => (
        <li key={key} data-s={state} aria-current={state === "now" ? "step" : undefined}>
          <b>{t(`life.${key}.${stepWord({ key, state, atMs }, run?.startedAtMs != null)}`)}</b>
          <span className="sub">
            {atMs !== null &&
              (key === "running" && state !== "done" && state !== "now" ? (
                t("life.plannedFor", { time: format.short(atMs) })
              ) : key === "running" && run?.startedAtMs == null ? (
                t("life.plannedFor", { time: format.short(atMs) })
              ) : (
                <time dateTime={new Date(atMs).toISOString()} title={format.full(atMs)}>
                  {format.short(atMs)}
                </time>
              ))}
            {key === "submitted" && (
              <>
                <i className="dot" />
                {page.job.submittedBy}
              </>
            )}
            {key === "placed" && centre && (
              <>
                {atMs !== null && <i className="dot" />}
                {centre.linked ? <Link to={`/centres/${centre.id}`}>{centre.name}</Link> : centre.name}
              </>
            )}
            {key === "settled" && settlement && (
              <>
                {atMs !== null && <i className="dot" />}
                {maySettle ? (
                  <Link to={`/settlements/${settlement.id}`}>{t(`settlement.${settlement.status}`)}</Link>
                ) : (
                  t(`settlement.${settlement.status}`)
                )}
              </>
            )}
          </span>
          {key === "running" && state === "now" && run?.progress != null && (
            <span className="jobs-progress">
              <Progress share={run.progress} label={t("run.progress")} />
              <span className="meta">
                {t("run.ofDuration", {
                  done: format.duration(run.progress * page.job.durationS * 1_000, true),
                  all: format.duration(page.job.durationS * 1_000, true),
                })}
              </span>
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
