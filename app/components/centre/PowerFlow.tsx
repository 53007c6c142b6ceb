import { useTranslation } from "react-i18next";
import type { Feed, Flow, Load } from "../../presenters/centre-flow.ts";
import { sinceText } from "../../presenters/hours.ts";
import { useFormat } from "../../use-format.ts";
import { round } from "../charts/scales.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { Either } from "../ui/Either.tsx";
import { Note } from "../ui/states.tsx";
import { layoutFlow, type Node, ribbon } from "./flow-layout.ts";

const fillOf: Record<Load, string> = {
  it: "m3",
  cooling: "m5",
  rest: "m4",
  charging: "storage",
  lighting: "m6",
  export: "grid",
};
const busX = 420;
const rightX = 720;
const heatX = 988;

/** Feeds → main bus → loads, in one scale; narrow, it is two bars and two lists. What contracts claim of the grid is dashed. */
export function PowerFlow({ flow, category }: { flow: Flow; category: number }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const say = (watts: number) => {
    const { text, unit } = format.power(watts);
    return `${text}\u00a0${unit}`;
  };
  const share = (watts: number) => {
    const part = watts / flow.totalW;
    return format.percent(part, part < 0.0995 ? 1 : 0);
  };
  const loadName = (key: Load) => t(key === "rest" && !flow.restIsLosses ? "flow.load.unmetered" : `flow.load.${key}`);
  const feedName = (key: Feed) => t(key === "grid" ? "flow.grid" : `fleet:source.${key}`);
  const rows = [
    ...flow.in.map(({ key, powerW }) => ({ side: "in" as const, key, name: feedName(key), powerW })),
    ...flow.out.map(({ key, powerW }) => ({ side: "out" as const, key, name: loadName(key), powerW })),
  ];
  const summary = summaryOf(flow, t, format, say);
  const table = (
    <DataTable
      caption={t("flow.title")}
      rows={rows}
      rowKey={({ side, key }) => `${side} ${key}`}
      columns={[
        {
          key: "name",
          head: t("flow.part"),
          className: "plain",
          cell: ({ side, key, name }) => (
            <>
              <Swatch side={side} of={key} />
              {name}
            </>
          ),
        },
        { key: "side", head: t("flow.side"), cell: ({ side }) => t(`flow.${side}`) },
        { key: "power", head: t("flow.power"), num: true, cell: ({ powerW }) => say(powerW) },
        { key: "share", head: t("flow.share"), num: true, cell: ({ powerW }) => share(powerW) },
      ]}
    />
  );
  const list = (side: "in" | "out") => (
    <>
      <p className="centre-flow-sum">{t(`flow.sum.${side}`, { power: say(flow.totalW) })}</p>
      <div className="mix tall" aria-hidden="true">
        {rows
          .filter((row) => row.side === side)
          .map(({ key, powerW }) => (
            <i
              key={key}
              className={side === "in" ? `bg-${key}` : `bg-${fillOf[key as Load]}`}
              style={{ flex: powerW / flow.totalW }}
            />
          ))}
      </div>
      <ul className="centre-flow-list">
        {rows
          .filter((row) => row.side === side)
          .map(({ key, name, powerW }) => (
            <li key={key}>
              <span>
                <Swatch side={side} of={key} />
                {name}
              </span>
              <span>{say(powerW)}</span>
              <span className="ink-2">{share(powerW)}</span>
            </li>
          ))}
      </ul>
    </>
  );
  return (
    <figure>
      <figcaption className="sum">{summary}</figcaption>
      <Either
        chartName={t("flow.chart")}
        chart={
          <>
            <Diagram flow={flow} summary={summary} say={say} share={share} feedName={feedName} loadName={loadName} />
            <div className="narrow">
              {list("in")}
              {list("out")}
              {flow.heatW !== null && (
                <p className="foot">{t("flow.heatFoot", { power: say(flow.heatW), share: heatShare(flow, format) })}</p>
              )}
            </div>
          </>
        }
        table={table}
      />
      {(flow.claims === null || flow.claims.length > 0) && (
        <p className="foot">
          <span className="swatch flow-claim-swatch" />
          {flow.claims === null
            ? t("flow.claimsUnknown")
            : t("flow.claims", {
                claims: format.list(flow.claims.map(({ key, powerW }) => `${t(`fleet:source.${key}`)} ${say(powerW)}`)),
              })}
        </p>
      )}
      {flow.disagreeW > 0.005 * flow.totalW && (
        <Note s="watch">{t("flow.disagree", { power: say(flow.disagreeW), share: share(flow.disagreeW) })}</Note>
      )}
      {flow.hidden.map((device) => (
        <Note key={device.deviceId} s="unknown">
          {t("flow.hidden", {
            device: device.deviceId,
            load: t(`flow.load.${device.role}`),
            time: device.sinceMs === null ? t("never") : sinceText(device.sinceMs, format),
          })}
        </Note>
      ))}
      <p className="foot">{t(flow.restIsLosses ? "flow.foot" : "flow.footApart", { category: `PUE${category}` })}</p>
    </figure>
  );
}

function Swatch({ side, of }: { side: "in" | "out"; of: Feed | Load }) {
  return <span className={`swatch bg-${side === "in" ? of : fillOf[of as Load]}`} />;
}

type DiagramProps = {
  flow: Flow;
  summary: string;
  say: (watts: number) => string;
  share: (watts: number) => string;
  feedName: (key: Feed) => string;
  loadName: (key: Load) => string;
};

/** The wide drawing: ribbons in a stretched svg, nodes in px, labels as text of the page. */
function Diagram({ flow, summary, say, share, feedName, loadName }: DiagramProps) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const layout = layoutFlow(flow.in, flow.out, flow.totalW);
  const it = layout.right.find(({ key }) => key === "it");
  const heat = it && flow.heatW !== null && flow.heatW > 0 ? heatNode(it, flow.heatW) : undefined;
  const label = (node: Node<unknown>) => (
    <>
      {say(node.powerW)} <i>{share(node.powerW)}</i>
    </>
  );
  return (
    <div className="centre-flow wide" role="img" aria-label={summary}>
      <svg width="100%" height={layout.heightPx} aria-hidden="true">
        <svg
          viewBox={`0 0 1000 ${layout.heightPx}`}
          width="100%"
          height={layout.heightPx}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {layout.left.map((node) => (
            <path
              key={node.key}
              className={`ribbon ribbon-${node.key}`}
              d={ribbon(12, node.topPx, busX, node.busPx, node.heightPx)}
            />
          ))}
          {claimBands(flow, layout.left).map(({ key, topPx, busPx, heightPx }) => (
            <path
              key={key}
              className={`ribbon-claim claim-${key}`}
              vectorEffect="non-scaling-stroke"
              d={ribbon(12, topPx, busX, busPx, heightPx)}
            />
          ))}
          {layout.right.map((node) => (
            <path
              key={node.key}
              className={node.key === "charging" ? "ribbon ribbon-storage" : "ribbon ribbon-ink"}
              d={ribbon(busX + 4, node.busPx, rightX, node.topPx, node.heightPx)}
            />
          ))}
          {heat && it && (
            <path
              className="ribbon ribbon-heat"
              d={ribbon(rightX + 12, heat.fromPx, heatX, heat.topPx, heat.heightPx)}
            />
          )}
        </svg>
        {layout.left.map((node) => (
          <rect
            key={node.key}
            className={`fill-${node.key}`}
            x="0"
            width="1.2%"
            y={node.topPx}
            height={node.heightPx}
          />
        ))}
        {layout.right.map((node) => (
          <rect
            key={node.key}
            className={`fill-${fillOf[node.key]}`}
            x="72%"
            width="1.2%"
            y={node.topPx}
            height={node.heightPx}
          />
        ))}
        {heat && <rect className="fill-heat" x="98.8%" width="1.2%" y={heat.topPx} height={heat.heightPx} />}
        <rect className="centre-bus" x="42%" width="4" y={layout.bus.topPx} height={layout.bus.heightPx} />
      </svg>
      {layout.left.map((node) => (
        <span key={node.key} className="flow-left" style={{ top: node.labelPx }}>
          <b>{feedName(node.key)}</b>
          {label(node)}
        </span>
      ))}
      <span className="flow-bus" style={{ top: layout.bus.topPx - 14 }}>
        {t("flow.bus", { power: say(flow.totalW) })}
      </span>
      {layout.right.map((node) => (
        <span
          key={node.key}
          className="flow-right"
          style={{ top: node.key === "it" && heat ? node.topPx + Math.min(24, node.heightPx / 2) : node.labelPx }}
        >
          <b>{loadName(node.key)}</b>
          {label(node)}
        </span>
      ))}
      {heat && (
        <span className="flow-heat" style={{ top: heat.topPx + heat.heightPx / 2 }}>
          <b>{t("flow.heat")}</b>
          {say(flow.heatW as number)} <i>{t("flow.ofIt", { share: heatShare(flow, format) })}</i>
        </span>
      )}
    </div>
  );
}

/** The claimed parts of the grid's ribbon, from its top. */
function claimBands(flow: Flow, left: Node<Feed>[]) {
  const grid = left.find(({ key }) => key === "grid");
  if (!grid || !flow.claims) return [];
  let below = 0;
  return flow.claims.map(({ key, powerW }) => {
    const heightPx = (powerW / grid.powerW) * grid.heightPx;
    const band = { key, topPx: round(grid.topPx + below), busPx: round(grid.busPx + below), heightPx: round(heightPx) };
    below += heightPx;
    return band;
  });
}

function heatNode(it: Node<Load>, heatW: number) {
  const heightPx = round(Math.max(1, Math.min(it.heightPx, (heatW / it.powerW) * it.heightPx)));
  const fromPx = round(it.topPx + it.heightPx - heightPx - 4);
  return { heightPx, fromPx, topPx: round(Math.max(it.topPx + 40, fromPx - 56)) };
}

function heatShare(flow: Flow, format: ReturnType<typeof useFormat>): string {
  const it = flow.out.find(({ key }) => key === "it")?.powerW;
  return it ? format.percent((flow.heatW ?? 0) / it) : "";
}

function summaryOf(
  flow: Flow,
  t: (key: string, values: Record<string, string>) => string,
  format: ReturnType<typeof useFormat>,
  say: (watts: number) => string,
): string {
  const most = flow.in.reduce((best, part) => (part.powerW > best.powerW ? part : best));
  const cooling = flow.out.find(({ key }) => key === "cooling");
  return [
    t("flow.summary", {
      source: t(most.key === "grid" ? "flow.grid" : `fleet:source.${most.key}`, {}),
      share: format.percent(most.powerW / flow.totalW, 0),
    }),
    flow.cleanShare === null
      ? t("flow.cleanUnknown", {})
      : t("flow.clean", { clean: format.percent(flow.cleanShare, 0) }),
    cooling ? t("flow.summaryCooling", { power: say(cooling.powerW) }) : "",
  ]
    .filter(Boolean)
    .join(format.locale === "en" ? " " : "");
}
