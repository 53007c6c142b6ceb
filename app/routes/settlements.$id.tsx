import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { requirePermission } from "../auth/person.server.ts";
import { Amounts } from "../components/settlements/Amounts.tsx";
import { Flows } from "../components/settlements/Flows.tsx";
import { Hours } from "../components/settlements/Hours.tsx";
import { SettlementStatus } from "../components/settlements/SettlementStatus.tsx";
import { Steps } from "../components/settlements/Steps.tsx";
import { Verify } from "../components/settlements/Verify.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Note } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { sayFor } from "../presenters/say.server.ts";
import { presentSettlement } from "../presenters/settlement.server.ts";
import { chainNames } from "../presenters/settlement-chain.ts";
import { useFormat } from "../use-format.ts";
import "../components/settlements/settlements.css";

export const meta = pageMeta;

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "settlement.view");
  const page = await presentSettlement(context, person, params.id ?? "", await sayFor(request, context));
  if (!page) throw new Response("Not found", { status: 404 });
  return { title: translator(request)("settlements:one.title", { job: page.job.name }), page };
}

export default function SettlementPage() {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const { page } = useLoaderData<typeof loader>();
  const { chainState: state } = page;
  const chainName =
    state.chainId === null ? undefined : (chainNames[state.chainId] ?? t("chain.number", { id: state.chainId }));
  return (
    <>
      <div className="head">
        <div>
          <div className="settlements-head">
            <h1>{t("one.title", { job: page.job.name })}</h1>
            <SettlementStatus status={page.status} waits={page.waitsFor} />
          </div>
          <p className="lead">
            <b>{page.lead.strong}</b> {page.lead.rest}
          </p>
        </div>
      </div>
      {state.state !== "live" && (
        <div className="strip-banner">
          <Note s="stale">
            <b>{t(state.state === "none" ? "lead.noChain" : "lead.silent")}</b>{" "}
            {state.state === "none"
              ? t("lead.noChainRest")
              : t("lead.silentRest", { time: format.short(state.updatedAtMs ?? 0) })}
          </Note>
        </div>
      )}
      <div className="sheet">
        <Panel
          span={5}
          title={t("steps.title")}
          meta={page.simulated ? t("common:simulated.word") : undefined}
          foot={page.simulated ? t("steps.simulated") : undefined}
        >
          <Steps page={page} />
        </Panel>
        <Panel span={7} title={t("amounts.title")} meta={page.chain ? t("amounts.meta") : undefined}>
          <Amounts page={page} />
        </Panel>
        <Panel
          flush
          title={t("hours.title")}
          meta={page.centre.name}
          summary={t("hours.summary")}
          foot={t("hours.foot")}
        >
          <Hours hours={page.hours} />
        </Panel>
        <Panel
          span={page.flows.length ? 5 : 12}
          title={t("verify.title")}
          summary={t("verify.summary")}
          foot={t("verify.foot")}
        >
          <Verify proofPath={`/settlements/${page.id}/proof.json`} />
        </Panel>
        {page.flows.length > 0 && (
          <Panel flush span={7} title={t("flows.title")} meta={chainName} foot={t("flows.foot")}>
            <Flows page={page} />
          </Panel>
        )}
      </div>
      <p className="settlements-disclaimer">{t("disclaimer")}</p>
    </>
  );
}
