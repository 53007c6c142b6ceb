import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SettlementPage } from "../../presenters/settlement.server.ts";
import { useFormat } from "../../use-format.ts";
import { Hash } from "./Hash.tsx";

type State = "done" | "now" | "todo" | "act";

/** Job → metered energy → ledger hours → roots → transaction: each step with its value and its hash. */
export function Steps({ page }: { page: SettlementPage }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const { chain, run, hours } = page;
  const energy = format.energy(page.energyMilliWh);
  const leaves = hours.reduce((sum, hour) => sum + (hour.leaves ?? 0), 0);
  const frozen = hours.filter(({ root }) => root !== null).length;
  const step = (key: string, state: State, value: ReactNode, detail: ReactNode) => (
    <li data-s={state}>
      <b>{t(`steps.${key}`)}</b>
      <span className="settlements-value">{value}</span>
      <span className="sub">{detail}</span>
    </li>
  );
  return (
    <ol className="timeline settlements-steps">
      {step(
        "job",
        "done",
        page.job.linked ? <Link to={`/jobs/${page.job.id}`}>{page.job.name}</Link> : page.job.name,
        <>
          {run.startedAtMs !== null && run.endedAtMs !== null && (
            <>
              {page.centre.name}
              {format.comma}
              {format.short(run.startedAtMs)}–{format.time(run.endedAtMs)}
              <br />
            </>
          )}
          {t("steps.jobHash")} <Hash value={page.jobHash} />
        </>,
      )}
      {step(
        "energy",
        "done",
        <>
          {energy.text}
          <span className="unit">{`\u00a0${energy.unit}`}</span>
        </>,
        <>
          {run.isEstimate && (
            <>
              {t("table.estimated")}
              <br />
            </>
          )}
          {t("steps.energyOf", { count: run.gpus, gpus: run.gpus, seconds: format.number(page.gpuSeconds) })}
          <br />
          {t("steps.resultHash")} <Hash value={page.resultHash} />
        </>,
      )}
      {step(
        "leaves",
        hours.length > 0 && frozen === hours.length ? "done" : "now",
        t("steps.hours", { count: hours.length, frozen }),
        frozen > 0 ? t("steps.leavesOf", { count: leaves }) : t("steps.leavesWait"),
      )}
      {step(
        "roots",
        page.anchored === hours.length && hours.length > 0 ? "done" : page.anchored > 0 || frozen > 0 ? "now" : "todo",
        t("steps.anchored", { anchored: page.anchored, count: hours.length }),
        t(page.anchored === hours.length && hours.length > 0 ? "steps.rootsDone" : "steps.rootsWait"),
      )}
      {step(
        "transaction",
        chain
          ? chain.final
            ? "done"
            : "now"
          : page.status === "failed"
            ? "act"
            : page.status === "sent"
              ? "now"
              : "todo",
        chain ? <Hash value={chain.txHash} /> : t(`status.${page.status}.word`),
        chain ? (
          <>
            {t("steps.block", { block: format.number(chain.blockNumber) })}
            <i className="dot" />
            {format.full(chain.timeMs)}
            <br />
            {chain.final
              ? t("steps.final", { count: chain.confirmations ?? 0 })
              : t("steps.notFinal", { count: chain.confirmations ?? 0 })}
          </>
        ) : (
          (page.reason ?? t(`status.${page.status}.why`))
        ),
      )}
    </ol>
  );
}
