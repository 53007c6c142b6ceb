import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { requirePermission } from "../auth/person.server.ts";
import { StackChart } from "../components/charts/StackChart.tsx";
import { Alarms } from "../components/fleet/Alarms.tsx";
import { CentresTable } from "../components/fleet/CentresTable.tsx";
import { FleetMap } from "../components/fleet/FleetMap.tsx";
import { Outlook } from "../components/fleet/Outlook.tsx";
import { Figures } from "../components/ui/Figure.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Empty, Progress } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { presentFleet } from "../presenters/fleet.server.ts";
import { fleetSorts, isFleetSort } from "../presenters/fleet-sort.ts";
import { sayFor } from "../presenters/say.server.ts";
import { useFormat, useRootData } from "../use-format.ts";
import { parseView } from "../view.ts";

export const meta = pageMeta;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "fleet.view");
  const view = parseView(new URL(request.url), context.clock());
  const fleet = await presentFleet(context, person.centreIds, view, await sayFor(request, context));
  return { title: translator(request)("fleet:title"), ...fleet };
}

export default function Fleet() {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const data = useLoaderData<typeof loader>();
  const range = useRootData()?.range ?? "own";
  const [parameters] = useSearchParams();
  const asked = parameters.get("sort");
  const sort = isFleetSort(asked) ? asked : "order";
  const withSort = (name: string) =>
    `/?${new URLSearchParams([...parameters].filter(([key]) => key !== "sort").concat([["sort", name]]))}`;
  const head = (
    <div className="head">
      <div>
        <h1>{t("title")}</h1>
        <p className="lead">
          <b>{data.lead.strong}</b> {data.lead.rest}
        </p>
      </div>
    </div>
  );
  const tasks = data.tasks.map((task) => {
    const share = task.total > 0 ? task.done / task.total : 0;
    const label = t(`task.${task.kind}`, { defaultValue: task.kind });
    return (
      <Panel
        key={task.id}
        title={label}
        meta={t("task.done", {
          done: format.number(task.done),
          total: format.number(task.total),
          share: format.percent(share, 0),
        })}
      >
        <Progress share={share} label={label} />
        <p className="foot">{task.message ?? t("task.why")}</p>
      </Panel>
    );
  });
  if (data.centres.length === 0) {
    return (
      <>
        {head}
        <div className="sheet">
          {tasks}
          <Panel title={t("empty.title")}>
            <Empty title={t("empty.why")}>{t("empty.how")}</Empty>
          </Panel>
        </div>
      </>
    );
  }
  return (
    <>
      {head}
      <div className="sheet">
        <Figures items={data.figures} />
        {tasks}
        <Panel
          flush
          title={t("table.title")}
          meta={t(`compare.${range}`)}
          className="centres-panel"
          tools={
            <nav className="seg" aria-label={t("sort.label")}>
              {fleetSorts.map((name) => (
                <Link
                  key={name}
                  to={withSort(name)}
                  aria-current={name === sort ? "true" : undefined}
                  preventScrollReset
                  replace
                >
                  {t(`sort.${name}`)}
                </Link>
              ))}
            </nav>
          }
        >
          <CentresTable centres={data.centres} period={t(`period.${range}`)} sort={sort} />
        </Panel>
        <Panel
          span={8}
          title={t("chart.title")}
          meta={t("chart.meta", { period: t(`common:range.${range === "own" ? "own" : range}`) })}
        >
          <StackChart {...data.chart} />
        </Panel>
        <Alarms alarms={data.alarms} span={4} withCentre />
        <Panel span={5} title={t("map.title")} meta={t("map.meta")}>
          <FleetMap places={data.map} />
        </Panel>
        <Panel span={7} title={t("outlook.title")} meta={t("outlook.meta")}>
          <Outlook lines={data.outlook} />
        </Panel>
      </div>
    </>
  );
}
