import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { requireCentre, requirePermission } from "../auth/person.server.ts";
import { Devices } from "../components/centre/Devices.tsx";
import { PowerFlow } from "../components/centre/PowerFlow.tsx";
import { PueNow } from "../components/centre/PueNow.tsx";
import { PueTracks } from "../components/centre/PueTracks.tsx";
import { RackHeat } from "../components/centre/RackHeat.tsx";
import { RackPanel } from "../components/centre/RackPanel.tsx";
import { StorageHeat } from "../components/centre/StorageHeat.tsx";
import { StackChart } from "../components/charts/StackChart.tsx";
import { Alarms } from "../components/fleet/Alarms.tsx";
import { NotComputable } from "../components/fleet/NotComputable.tsx";
import { ButtonLink } from "../components/ui/Button.tsx";
import { Figures } from "../components/ui/Figure.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Note } from "../components/ui/states.tsx";
import { pageMeta } from "../page.ts";
import { presentCentre } from "../presenters/centre.server.ts";
import { isRackMetric } from "../presenters/centre-racks.ts";
import { sayFor } from "../presenters/say.server.ts";
import { useFormat, useRootData } from "../use-format.ts";
import { parseView } from "../view.ts";

export const meta = pageMeta;

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "centre.view");
  const id = params.id ?? "";
  requireCentre(person, id);
  const url = new URL(request.url);
  const metric = url.searchParams.get("metric");
  const say = await sayFor(request, context);
  const centre = await presentCentre(
    context,
    person.centreIds,
    id,
    parseView(url, context.clock()),
    { metric: isRackMetric(metric) ? metric : "power", rackId: url.searchParams.get("rack") },
    say,
  );
  return { title: say.format.name(centre.name), ...centre };
}

export default function Centre() {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const data = useLoaderData<typeof loader>();
  const range = useRootData()?.range ?? "own";
  const period = t(`common:range.${range}`);
  const { rack, storage, heat, water } = data;
  const beside = storage !== null || heat !== null || water !== null;
  const hall = data.halls.find(({ id }) => id === rack?.hallId);
  const age = data.newestMs === null ? t("common:noReading") : format.age(data.newestMs);
  const devices = <Devices devices={data.devices} rackDevices={data.rackDevices} />;
  const alarms = <Alarms alarms={data.alarms} span={4} />;
  const bySource = (
    <Panel
      span={beside ? 8 : 12}
      title={t("fleet:chart.title")}
      meta={t("source.meta", { period, unit: t("source.mean") })}
    >
      <StackChart {...data.sourceChart} />
    </Panel>
  );
  return (
    <>
      <div className="head">
        <div>
          <h1>{format.name(data.name)}</h1>
          <p className="lead">
            <b>{data.lead.strong}</b> {data.lead.rest}
          </p>
        </div>
        <div className="acts">
          <ButtonLink quiet to="#devices">
            {t("toDevices")}
          </ButtonLink>
        </div>
      </div>
      <div className="sheet">
        <Figures items={data.figures} />
        <Panel span={8} title={t("flow.title")} meta={t("flow.meta", { age })}>
          {data.flow ? (
            <PowerFlow flow={data.flow} category={data.pueCategory} />
          ) : (
            <Note s="unknown">
              <b>{t("flow.none")}</b> <NotComputable silent={data.silent} lacks={data.lacks} />
            </Note>
          )}
        </Panel>
        <PueNow data={data} span={4} />
        {data.halls.length === 0 && devices}
        {data.halls.length > 0 && <RackHeat data={data} span={rack ? 8 : 12} />}
        {rack && <RackPanel key={rack.id} rack={rack} hall={hall?.name ?? rack.hallId} span={4} />}
        <Panel span={8} title={t("pue.title")} meta={t("pue.meta", { period })}>
          <PueTracks chart={data.pueChart} target={data.targets.pue} />
        </Panel>
        {beside ? <StorageHeat data={data} span={4} /> : alarms}
        {bySource}
        {beside && alarms}
        {data.halls.length > 0 && devices}
      </div>
    </>
  );
}
