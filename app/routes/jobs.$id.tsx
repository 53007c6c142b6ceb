import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { cancelJob, jobDetail } from "#db/queries/jobs.ts";
import { audit } from "#db/queries/people.ts";
import { readForm, requirePermission } from "../auth/person.server.ts";
import { Cancel } from "../components/jobs/Cancel.tsx";
import { JobStatus } from "../components/jobs/JobStatus.tsx";
import { LifeLine } from "../components/jobs/LifeLine.tsx";
import { Nodes } from "../components/jobs/Nodes.tsx";
import { OutlookStrips } from "../components/jobs/OutlookStrips.tsx";
import { RequestList } from "../components/jobs/RequestList.tsx";
import { RunPanel } from "../components/jobs/RunPanel.tsx";
import { ScoreChart, startsOf } from "../components/jobs/ScoreChart.tsx";
import { WhyTable } from "../components/jobs/WhyTable.tsx";
import { whyText } from "../components/jobs/why-text.ts";
import { Panel } from "../components/ui/Panel.tsx";
import { Empty, Note } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { presentJob } from "../presenters/job.server.ts";
import { jobScopeOf } from "../presenters/jobs.server.ts";
import { sayFor } from "../presenters/say.server.ts";
import { useAnswer } from "../use-answer.ts";
import { useFormat } from "../use-format.ts";
import "../components/jobs/jobs.css";

export const meta = pageMeta;

const notFound = () => new Response("Not found", { status: 404 });

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "job.view");
  const page = await presentJob(context, person, params.id ?? "", await sayFor(request, context));
  if (!page) throw notFound();
  return { title: page.job.name, page };
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  const person = await requirePermission(request, context, "job.cancel");
  const form = await readForm(request, context);
  const id = params.id ?? "";
  if (form.get("intent") !== "cancel") throw new Response("Bad request", { status: 400 });
  // What a person may not see they cannot cancel.
  if (!(await jobDetail(context.db, id, jobScopeOf(person)))) throw notFound();
  const now = new Date(context.clock());
  if (!(await cancelJob(context.db, id, { id: person.id }, now)))
    return data({ error: translator(request)("jobs:cancel.ended") }, { status: 409 });
  await audit(context.db, { actor: person.id, action: "job.cancel", subject: `job/${id}` }, now);
  return redirect(`/jobs/${id}`);
}

export default function JobPage() {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const { page } = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  const { job, decision, names } = page;
  const starts = decision && startsOf(decision);
  return (
    <>
      <div className="head">
        <div>
          <div className="jobs-head-status">
            <h1>{job.name}</h1>
            <JobStatus status={job.status} blocked={job.blocked} />
          </div>
          <p className="lead">
            <b>{page.lead.strong}</b> {page.lead.rest}
          </p>
        </div>
        {page.mayCancel && (
          <div className="acts">
            <Cancel running={job.status === "running" || job.status === "starting"} />
          </div>
        )}
      </div>
      {answer && "error" in answer && (
        <div className="strip-banner" role="alert">
          <Note s="watch">{answer.error}</Note>
        </div>
      )}
      <div className="sheet">
        <Panel span={4} title={t("life.title")} meta={page.centre?.simulated ? t("common:simulated.word") : undefined}>
          <LifeLine page={page} />
        </Panel>
        <Panel span={8} title={t("request.title")} meta={<span className="mono">{job.id}</span>}>
          <RequestList job={job} />
        </Panel>
        <Panel
          flush
          title={t("why.title")}
          meta={decision ? t("why.decided", { time: format.full(decision.decidedAtMs) }) : undefined}
          foot={
            decision
              ? t("why.foot", {
                  alpha: format.number(decision.policy.alphaUsdPerTonne, decision.policy.alphaUsdPerTonne % 1 ? 2 : 0),
                  beta: format.number(decision.policy.beta, decision.policy.beta % 1 ? 2 : 0),
                  gamma: format.number(
                    decision.policy.gammaUsdPerGpuHour,
                    decision.policy.gammaUsdPerGpuHour % 1 ? 5 : 0,
                  ),
                  view: t(`why.view.${decision.policy.carbonView}`),
                })
              : undefined
          }
        >
          {decision ? (
            <>
              <ul className="jobs-why-lines">
                {decision.why.map((line) => (
                  <li key={line.key}>{whyText(line, names, t, format)}</li>
                ))}
                {decision.hidden > 0 && <li>{t("why.hidden", { count: decision.hidden })}</li>}
              </ul>
              <WhyTable decision={decision} names={names} />
            </>
          ) : (
            <Empty title={t(page.decisionUnreadable ? "why.unreadable" : "why.none")}>
              {t(page.decisionUnreadable ? "why.unreadableWhy" : "why.noneWhy")}
            </Empty>
          )}
        </Panel>
        {starts?.drawable && decision && (
          <Panel span={7} title={t("chart.title")} meta={t("chart.meta")} foot={t("chart.foot")}>
            <ScoreChart decision={decision} names={names} />
          </Panel>
        )}
        {starts && decision && decision.outlook.length > 0 && (
          <Panel
            span={starts.drawable ? 5 : 12}
            title={t("strips.title")}
            meta={t("strips.meta")}
            foot={starts.drawable ? undefined : t("chart.few", { count: starts.count })}
          >
            <OutlookStrips decision={decision} names={names} />
          </Panel>
        )}
        <RunPanel page={page} span={6} />
        <Panel span={6} title={t("nodes.title")} summary={page.racks.length ? t("nodes.why") : undefined}>
          <Nodes racks={page.racks} centreId={page.centre?.linked ? page.centre.id : null} />
          {page.earlier.length > 0 && (
            <details className="jobs-earlier">
              <summary>{t("earlier.title", { count: page.earlier.length })}</summary>
              <ul>
                {page.earlier.map((one) => (
                  <li key={one.id}>
                    <b>{format.short(one.atMs)}</b>{" "}
                    {one.centre && one.startAtMs !== null
                      ? t("earlier.placed", { centre: one.centre, time: format.short(one.startAtMs) })
                      : t(`earlier.${one.kind ?? "unreadable"}`)}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </Panel>
      </div>
    </>
  );
}
