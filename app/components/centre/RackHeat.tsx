import { Link, useLocation } from "@remix-run/react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CentreData } from "../../presenters/centre.server.ts";
import { isRackNear, type RackMetric, type RackNow, rackMetrics, rackValue } from "../../presenters/centre-racks.ts";
import { sinceText } from "../../presenters/hours.ts";
import { useFormat } from "../../use-format.ts";
import { inletClass, inletSteps, magnitudeClass } from "../charts/scales.ts";
import { Panel } from "../ui/Panel.tsx";
import { useHallName } from "./hall-name.ts";

/** The address of this page with one parameter changed: links that work without script. */
export function useWith(): (name: string, value: string) => string {
  const { pathname, search } = useLocation();
  return (name, value) => {
    const parameters = new URLSearchParams(search);
    parameters.set(name, value);
    return `${pathname}?${parameters}#racks`;
  };
}

/** Racks as a grid of links, hall by hall and row by row, in one of three measures. */
export function RackHeat({ data, span }: { data: CentreData; span: number }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const href = useWith();
  const hallName = useHallName();
  const { metric, halls } = data;
  const racks = halls.flatMap((hall) => hall.racks);
  const limits = [...new Set(racks.map(({ limitW }) => limitW))];
  const limit = limits.length === 1 ? format.power(limits[0] as number) : null;
  const known = racks.filter((rack) => rackValue(rack, metric) !== null);
  const near = racks.filter((rack) => isRackNear(rack, metric));
  const length = Math.min(longestLine, Math.max(...racks.map(({ slot }) => slot)));
  const rowsOf = (own: RackNow[]) => [...Map.groupBy(own, ({ row }) => row)];
  const lines = halls.reduce(
    (sum, hall) => sum + rowsOf(hall.racks).flatMap(([, own]) => linesOf(own, length)).length,
    0,
  );
  return (
    <Panel
      id="racks"
      title={t("racks.title")}
      meta={[
        t(`racks.meta.${metric}`),
        metric === "power" && limit ? t("racks.limit", { power: `${limit.text}\u00a0${limit.unit}` }) : "",
      ]
        .filter(Boolean)
        .join(format.locale === "en" ? "; " : "；")}
      span={span}
      tools={
        <nav className="seg" aria-label={t("racks.metric")}>
          {rackMetrics.map((name) => (
            <Link
              key={name}
              to={href("metric", name)}
              aria-current={name === metric ? "true" : undefined}
              preventScrollReset
              replace
            >
              {t(`racks.switch.${name}`)}
            </Link>
          ))}
        </nav>
      }
      summary={
        <>
          {t("racks.summary", { known: known.length, all: racks.length, count: racks.length })}{" "}
          {near[0] && (
            <>
              {t(`racks.near.${metric}`, { count: near.length })}{" "}
              {near.slice(0, 3).map((rack, index) => (
                <span key={rack.id}>
                  {index > 0 && format.comma}
                  <Link to={href("rack", rack.id)} preventScrollReset replace>
                    {rack.id}
                  </Link>{" "}
                  {valueText(rack, metric, format)}
                </span>
              ))}
              {near.length > 3 ? t("racks.andMore", { count: near.length - 3 }) : "."}
            </>
          )}
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys only move the focus between the links inside */}
      <div className={lines <= roomyLines ? "heat roomy" : "heat"} onKeyDown={moveFocus}>
        {halls.map((hall) => (
          <table key={hall.id} className="heat-hall">
            <caption>
              <b>{hallName(hall.name)}</b>{" "}
              {hall.itW === null
                ? t("racks.hallUnknown", { count: hall.racks.length })
                : t("racks.hall", { power: powerText(hall.itW, format), count: hall.racks.length })}
            </caption>
            <tbody>
              {rowsOf(hall.racks).flatMap(([row, own]) =>
                linesOf(own, length).map((line, index) => (
                  <tr key={`${row} ${line[0]?.slot ?? index}`}>
                    <th scope="row">{index === 0 ? row : <span className="vh">{row}</span>}</th>
                    {line.map((rack, at) =>
                      rack ? (
                        <td key={rack.id}>
                          <Cell rack={rack} metric={metric} selected={rack.id === data.rack?.id} />
                        </td>
                      ) : (
                        // biome-ignore lint/suspicious/noArrayIndexKey: an empty place is its position
                        <td key={at}>
                          <span className="rack-cell none">
                            <span className="vh">{t("racks.noRack")}</span>
                          </span>
                        </td>
                      ),
                    )}
                  </tr>
                )),
              )}
            </tbody>
          </table>
        ))}
      </div>
      <Legend metric={metric} limitW={limits.length === 1 ? (limits[0] as number) : null} />
    </Panel>
  );
}

/** Up to so many lines there is room for large places. */
const roomyLines = 6;
/** Places of a line; a row that is longer goes on below. */
const longestLine = 16;

/** A row's racks in their slots, places without a rack undefined, in lines of `length` places. */
function linesOf(racks: RackNow[], length: number): (RackNow | undefined)[][] {
  const bySlot = new Map(racks.map((rack) => [rack.slot, rack]));
  const last = Math.max(...racks.map(({ slot }) => slot));
  return Array.from({ length: Math.ceil(last / length) }, (_, line) =>
    Array.from({ length }, (_, at) => bySlot.get(line * length + at + 1)),
  ).filter((line) => line.some(Boolean));
}

const powerText = (watts: number, format: ReturnType<typeof useFormat>) => {
  const { text, unit } = format.power(watts);
  return `${text}\u00a0${unit}`;
};

function valueText(rack: RackNow, metric: RackMetric, format: ReturnType<typeof useFormat>): string {
  const value = rackValue(rack, metric) ?? 0;
  if (metric === "power") return powerText(value, format);
  return metric === "inlet" ? format.withUnit(value, "°C", 1) : format.percent(value / 100, 0);
}

function Cell({ rack, metric, selected }: { rack: RackNow; metric: RackMetric; selected: boolean }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const href = useWith();
  const value = rackValue(rack, metric);
  const near = isRackNear(rack, metric);
  const scale =
    value === null
      ? "off"
      : metric === "inlet"
        ? inletClass(value)
        : magnitudeClass(metric === "power" ? value / rack.limitW : value / 100);
  const silent = rack.feeds.find(({ powerW }) => powerW === null);
  const said =
    value === null
      ? metric === "power" && silent?.sinceMs
        ? t("racks.feedSilent", { device: silent.deviceId, time: sinceText(silent.sinceMs, format) })
        : t("racks.offline")
      : valueText(rack, metric, format) +
        (metric === "power"
          ? `${format.comma}${t("racks.ofLimit", { share: format.percent(value / rack.limitW, 0) })}`
          : "") +
        (near ? `${format.comma}${t("common:status.watch")}` : "");
  const text =
    value === null
      ? "–"
      : metric === "power"
        ? format.number(value / 1_000, value < 9_950 ? 1 : 0)
        : format.number(value);
  return (
    <Link
      to={href("rack", rack.id)}
      className={["rack-cell", scale, near && "near"].filter(Boolean).join(" ")}
      aria-label={`${rack.id}${format.colon}${said}`}
      title={`${rack.id}${format.colon}${said}`}
      aria-current={selected ? "true" : undefined}
      preventScrollReset
      replace
    >
      {text}
    </Link>
  );
}

function Legend({ metric, limitW }: { metric: RackMetric; limitW: number | null }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const steps =
    metric === "inlet"
      ? inletSteps.map((text, index) => ({ className: `t${index + 1}`, text }))
      : Array.from({ length: 7 }, (_, index) => ({
          className: `m${index + 1}`,
          text:
            metric === "power" && limitW !== null
              ? `<${format.number(((index + 1) / 7) * (limitW / 1_000))}`
              : `<${Math.round(((index + 1) / 7) * 100)}%`,
        }));
  return (
    <ul className="legend heat-legend">
      <li className="ramp">
        {steps.map(({ className, text }) => (
          <span key={className} className={className}>
            {text}
          </span>
        ))}
      </li>
      {metric !== "gpu" && (
        <li>
          <span className="rack-cell key near m7" />
          {t("racks.key.near")}
        </li>
      )}
      <li>
        <span className="rack-cell key off" />
        {t("racks.key.offline")}
      </li>
      <li>
        <span className="rack-cell key none" />
        {t("racks.noRack")}
      </li>
    </ul>
  );
}

/** Arrow keys go to the next rack in that direction; Tab goes through all of them as ever. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const cell = (event.target as HTMLElement).closest("td");
  if (!step || !cell) return;
  const [across, down] = step as [number, number];
  const rows = [...event.currentTarget.querySelectorAll("tr")];
  let [x, y] = [cell.cellIndex, rows.indexOf(cell.parentElement as HTMLTableRowElement)];
  for (;;) {
    x += across;
    y += down;
    const next = rows[y]?.cells[x];
    if (!next) return;
    const link = next.querySelector<HTMLAnchorElement>("a.rack-cell");
    if (!link) continue;
    event.preventDefault();
    link.focus();
    return;
  }
}
