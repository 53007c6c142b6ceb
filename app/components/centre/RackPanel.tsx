import { Link } from "@remix-run/react";
import { type CSSProperties, useId } from "react";
import { useTranslation } from "react-i18next";
import type { CentreData } from "../../presenters/centre.server.ts";
import type { Feed } from "../../presenters/centre-racks.ts";
import { sinceText } from "../../presenters/hours.ts";
import { useFormat, useRootData } from "../../use-format.ts";
import { Spark } from "../charts/Spark.tsx";
import { magnitudeClass } from "../charts/scales.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Panel } from "../ui/Panel.tsx";
import { DeviceList } from "./Devices.tsx";
import { useHallName } from "./hall-name.ts";

type Rack = NonNullable<CentreData["rack"]>;
/** A GPU slows itself down not far above this, °C. */
const hotC = 83;

/** One rack: power against its limit, its feeds, its servers and their GPUs. */
export function RackPanel({ rack, hall, span }: { rack: Rack; hall: string; span: number }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const hallName = useHallName();
  const seesJobs = useRootData()?.person?.permissions.includes("job.view");
  const limit = format.power(rack.limitW);
  const power = rack.powerW === null ? null : format.power(rack.powerW);
  const gap = rack.gpuPowerW !== null && rack.powerW ? rack.gpuPowerW / rack.powerW - 1 : null;
  return (
    <Panel title={rack.id} meta={t("rack.meta", { hall: hallName(hall), row: rack.row, slot: rack.slot })} span={span}>
      <div className="rack-top">
        <div>
          {power === null ? (
            <span className="missing">{t("rack.powerUnknown")}</span>
          ) : (
            <span className="keep">
              <span className="big">{power.text}</span>
              <span className="unit">{`\u00a0${power.unit}`}</span>
            </span>
          )}
          <span className="sub">
            {rack.powerW === null
              ? t("rack.limit", { limit: `${limit.text}\u00a0${limit.unit}` })
              : t("rack.headroom", {
                  power: kw(rack.limitW - rack.powerW, format),
                  limit: kw(rack.limitW, format),
                })}
          </span>
        </div>
        <Spark
          values={rack.spark}
          target={rack.limitW}
          heightPx={40}
          label={t("rack.sparkOf", { limit: `${limit.text}\u00a0${limit.unit}` })}
        />
      </div>
      <Feeds rack={rack} />
      <dl className="kv">
        <dt>{t("rack.inletOutlet")}</dt>
        <dd>
          {rack.inletC === null ? t("common:noReading") : format.number(rack.inletC, 1)} /{" "}
          {rack.outletC === null ? t("common:noReading") : format.withUnit(rack.outletC, "°C", 1)}
        </dd>
        <dt>{t("rack.gpus", { kind: rack.gpuClass })}</dt>
        <dd>
          {rack.gpusReporting === 0
            ? t("common:noReading")
            : t("rack.busyOf", { busy: rack.gpusBusy, all: rack.gpus }) +
              (rack.gpusReporting < rack.gpus
                ? `${format.comma}${t("rack.reporting", { count: rack.gpusReporting })}`
                : "")}
        </dd>
        <dt>{t("rack.sum")}</dt>
        <dd>
          {gap === null
            ? t("common:noReading")
            : t("rack.sumValue", { power: kw(rack.gpuPowerW as number, format), share: format.percent(1 + gap, 0) })}
        </dd>
        {rack.jobs.length > 0 && (
          <>
            <dt>{t("rack.jobs")}</dt>
            <dd>
              {rack.jobs.slice(0, 3).map((id, index) => (
                <span key={id}>
                  {index > 0 && format.comma}
                  {seesJobs ? <Link to={`/jobs/${id}`}>{id}</Link> : id}
                </span>
              ))}
              {rack.jobs.length > 3 && ` ${t("racks.andMore", { count: rack.jobs.length - 3 })}`}
            </dd>
          </>
        )}
      </dl>
      {rack.servers.length > 0 && <Servers rack={rack} />}
      <details>
        <summary>{t("rack.devices", { count: rack.devices.length })}</summary>
        <DeviceList devices={rack.devices} short />
      </details>
    </Panel>
  );
}

const kw = (watts: number, format: ReturnType<typeof useFormat>) => {
  const { text, unit } = format.power(watts);
  return `${text}\u00a0${unit}`;
};

function Feeds({ rack }: { rack: Rack }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  if (rack.feeds.length === 0) return null;
  const bar = (feed: Feed) => {
    const name = feed.feed === null ? feed.deviceId : t("rack.feed", { feed: feed.feed });
    return (
      <li key={feed.deviceId}>
        <span>{name}</span>
        {feed.powerW === null ? (
          <span className="rack-feed-silent">
            <Mark s="unknown" />{" "}
            {feed.sinceMs === null
              ? t("common:noReading")
              : t("silentSince", { time: sinceText(feed.sinceMs, format) })}
          </span>
        ) : (
          <>
            <span
              className="meter"
              role="img"
              aria-label={`${name}: ${kw(feed.powerW, format)}`}
              style={
                {
                  "--v": `${Math.min(100, (feed.powerW / rack.limitW) * 100)}%`,
                  "--at": `${Math.min(100, ((rack.powerW ?? 0) / rack.limitW) * 100)}%`,
                } as CSSProperties
              }
            >
              <i />
              {rack.powerW !== null && <b />}
            </span>
            <span className="num">{kw(feed.powerW, format)}</span>
          </>
        )}
      </li>
    );
  };
  return (
    <>
      <ul className="rack-feeds">{rack.feeds.map(bar)}</ul>
      {rack.powerW !== null && rack.feeds.length > 1 && (
        <p className="foot">{t("rack.tick", { power: kw(rack.powerW, format) })}</p>
      )}
    </>
  );
}

function Servers({ rack }: { rack: Rack }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const id = useId();
  return (
    <DataTable
      caption={t("rack.servers")}
      rows={rack.servers}
      rowKey={({ name }) => name}
      className="compact rack-servers"
      columns={[
        {
          key: "server",
          head: t("rack.server"),
          className: "plain",
          cell: ({ name }) => name.replace(`${rack.id}-`, ""),
        },
        {
          key: "gpus",
          head: <span id={id}>{t("rack.gpuCells")}</span>,
          label: t("rack.gpuCells"),
          full: true,
          cell: ({ gpus }) => (
            <ul className="gpus">
              {gpus.map((gpu) => {
                const percent = gpu.utilizationPercent;
                const said =
                  gpu.newestAtMs === null
                    ? t("rack.gpuSilent", { index: gpu.index })
                    : t("rack.gpu", {
                        index: gpu.index,
                        power: gpu.powerW === null ? t("common:noReading") : format.withUnit(gpu.powerW, "W"),
                        percent: percent === null ? t("common:noReading") : format.percent(percent / 100, 0),
                        temperature:
                          gpu.temperatureC === null ? t("common:noReading") : format.withUnit(gpu.temperatureC, "°C"),
                      });
                return (
                  <li
                    key={gpu.index}
                    className={percent === null ? "rack-cell off" : `rack-cell ${magnitudeClass(percent / 100)}`}
                    title={
                      gpu.drainedReason
                        ? `${said}${format.comma}${t("rack.drained", { reason: gpu.drainedReason })}`
                        : said
                    }
                  >
                    <span aria-hidden="true">{percent === null ? "–" : format.number(percent)}</span>
                    <span className="vh">{said}</span>
                  </li>
                );
              })}
            </ul>
          ),
        },
        {
          key: "kw",
          head: "kW",
          num: true,
          cell: ({ powerW }) => (powerW === null ? t("common:noReading") : format.number(powerW / 1_000, 1)),
        },
        {
          key: "hot",
          head: t("rack.hottest"),
          num: true,
          cell: ({ hottestC }) => {
            if (hottestC === null) return t("common:noReading");
            const status = hottestC >= hotC ? "watch" : "good";
            return (
              <span className="keep">
                {format.withUnit(hottestC, "°C")} <Mark s={status} label={t(`common:status.${status}`)} />
              </span>
            );
          },
        },
      ]}
    />
  );
}
