import { type PointerEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Gap, PueBucket, PueChart } from "../../presenters/centre-pue.ts";
import { useFormat } from "../../use-format.ts";
import { digitsOf, niceAxis, round } from "../charts/scales.ts";
import { TimeAxis } from "../charts/TimeAxis.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { Either } from "../ui/Either.tsx";
import { Empty } from "../ui/states.tsx";
import { LineTrack } from "./LineTrack.tsx";
import { Track } from "./Track.tsx";

const hourMs = 3_600_000;
const pueHeightPx = 140;
const layers = [
  { key: "cooling", fill: "m5" },
  { key: "rest", fill: "m4" },
  { key: "lighting", fill: "m6" },
] as const;

/** PUE and what stands above 1.00, power, and the wet bulb over one time axis with one crosshair. */
export function PueTracks({ chart, target }: { chart: PueChart; target: number }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const { buckets, bucketH, gaps } = chart;
  const [at, setAt] = useState<number | null>(null);
  const id = useId();
  if (!buckets.some(({ facilityW, itW }) => facilityW !== null || itW !== null))
    return <Empty title={t("pue.none")}>{t("pue.noneWhy")}</Empty>;
  const fromMs = buckets[0]?.atMs ?? 0;
  const toMs = fromMs + buckets.length * bucketH * hourMs;
  const chosen = at === null ? undefined : buckets[Math.min(at, buckets.length - 1)];
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const svg = event.currentTarget.querySelector("svg.track");
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    setAt(share < 0 || share >= 1 ? null : Math.floor(share * buckets.length));
  };
  const said = chosen ? momentText(chosen, t, format) : t("pue.noMoment");
  const picture = (
    <>
      <div className="centre-tracks" onPointerMove={point} onPointerDown={point} onPointerLeave={() => setAt(null)}>
        <PueTrack buckets={buckets} gaps={gaps} target={target} chosen={chosen} summary={chart.summary} />
        <LineTrack
          name={t("pue.power")}
          unit={unitOf(buckets)}
          lines={[
            { values: buckets.map(({ facilityW }) => facilityW), className: "line", name: t("pue.facility") },
            { values: buckets.map(({ itW }) => itW), className: "line strong", name: t("fleet:chart.it") },
          ]}
          chosen={chosen ? buckets.indexOf(chosen) : null}
        />
        {buckets.some(({ wetBulbC }) => wetBulbC !== null) && (
          <LineTrack
            name={t("pue.wetBulb")}
            unit={{ name: "°C", of: 1 }}
            lines={[{ values: buckets.map(({ wetBulbC }) => wetBulbC), className: "line strong", name: "" }]}
            chosen={chosen ? buckets.indexOf(chosen) : null}
          />
        )}
        <div className="plot axis-only">
          <TimeAxis fromMs={fromMs} toMs={toMs} />
        </div>
      </div>
      <label className="centre-moment" htmlFor={id}>
        <span>{t("pue.moment")}</span>
        <input
          id={id}
          type="range"
          min={0}
          max={buckets.length - 1}
          value={at ?? buckets.length - 1}
          aria-valuetext={said}
          onChange={(event) => setAt(Number(event.currentTarget.value))}
        />
        <output htmlFor={id}>{said}</output>
      </label>
    </>
  );
  return (
    <figure>
      <figcaption className="sum">{chart.summary}</figcaption>
      <Either chart={picture} table={<PueTable chart={chart} target={target} />} />
      <Gaps gaps={gaps} />
    </figure>
  );
}

function unitOf(buckets: PueBucket[]): { name: string; of: number } {
  const most = Math.max(0, ...buckets.map(({ facilityW, itW }) => Math.max(facilityW ?? 0, itW ?? 0)));
  return most >= 2e6 ? { name: "MW", of: 1e6 } : most >= 2e3 ? { name: "kW", of: 1e3 } : { name: "W", of: 1 };
}

function momentText(bucket: PueBucket, t: (key: string) => string, format: ReturnType<typeof useFormat>): string {
  const { pue, itW, facilityW, wetBulbC } = bucket;
  const power = (name: string, watts: number | null) => {
    if (watts === null) return "";
    const { text, unit } = format.power(watts);
    return `${name} ${text}\u00a0${unit}`;
  };
  return [
    format.short(bucket.atMs),
    pue === null ? t("now.notComputable") : `PUE ${format.number(pue, 3)}`,
    power(t("fleet:chart.it"), itW),
    power(t("pue.facility"), facilityW),
    wetBulbC === null ? "" : `${t("pue.wetBulbShort")} ${format.withUnit(wetBulbC, "°C", 1)}`,
  ]
    .filter(Boolean)
    .join(format.comma);
}

type PueTrackProps = {
  buckets: PueBucket[];
  gaps: Gap[];
  target: number;
  chosen: PueBucket | undefined;
  summary: string;
};

/** Columns of what stands above 1.00. The axis starts at 1.00; a gap is hatched, never bridged. */
function PueTrack({ buckets, gaps, target, chosen, summary }: PueTrackProps) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const axis = niceAxis(Math.max(target, ...buckets.map(({ pue }) => pue ?? 1)) + 0.005, 1);
  const y = (pue: number) => pueHeightPx - ((pue - 1) / (axis.top - 1)) * pueHeightPx;
  const width = 100 / buckets.length;
  const fromMs = buckets[0]?.atMs ?? 0;
  const bucketMs = buckets.length > 1 ? (buckets[1] as PueBucket).atMs - fromMs : hourMs;
  const lengthMs = bucketMs * buckets.length;
  const x = (ms: number) => ((ms - fromMs) / lengthMs) * 100;
  const metered = buckets.some(({ parts }) => parts !== null && parts.cooling !== null);
  const name = (key: (typeof layers)[number]["key"]) =>
    t(key === "rest" && !metered ? "flow.load.unmetered" : `flow.load.${key}`);
  const shown = layers.filter(({ key }) => buckets.some(({ parts }) => (parts?.[key] ?? 0) > 0));
  const index = chosen ? buckets.indexOf(chosen) : null;
  return (
    <Track
      heightPx={pueHeightPx}
      label={summary}
      name={
        <>
          {t("pue.above")}
          {shown.map(({ key, fill }) => (
            <span key={key}>
              <i className={`swatch bg-${fill}`} />
              {name(key)}
            </span>
          ))}
          <span>
            <svg width="14" height="10" aria-hidden="true">
              <path className="plot-target" d="M0 5h14" />
            </svg>
            {t("pue.target", { target: format.number(target, 2) })}
          </span>
        </>
      }
      ticks={axis.ticks.map((tick) => ({
        yPx: y(tick),
        text: format.number(tick, Math.max(2, digitsOf(axis.step))),
        zero: tick === 1,
      }))}
      cross={index === null ? null : (index + 0.5) * width}
      tip={
        chosen && index !== null ? (
          <>
            {format.time(chosen.atMs)} <b>{chosen.pue === null ? "–" : format.number(chosen.pue, 3)}</b>
          </>
        ) : undefined
      }
    >
      {shown.map(({ key, fill }, layer) => (
        <g key={key} className={`fill-${fill}`}>
          {buckets.map(({ atMs, parts }, at) => {
            const over = parts?.[key] ?? 0;
            if (!parts || over <= 0) return null;
            const below = 1 + shown.slice(0, layer).reduce((sum, part) => sum + Math.max(0, parts[part.key] ?? 0), 0);
            return (
              <rect
                key={atMs}
                x={`${round(at * width)}%`}
                width={`${round(width + 0.06)}%`}
                y={round(y(below + over))}
                height={round(y(below) - y(below + over))}
              />
            );
          })}
        </g>
      ))}
      {gaps.map((gap) => (
        <rect
          key={gap.fromMs}
          className="fill-unknown"
          x={`${round(x(gap.fromMs))}%`}
          width={`${round(Math.min(100, x(gap.toMs)) - x(gap.fromMs))}%`}
          y={0}
          height={pueHeightPx}
        >
          <title>{gap.text}</title>
        </rect>
      ))}
      <line className="plot-target-under" x1="0" x2="100%" y1={y(target)} y2={y(target)} />
      <line className="plot-target" x1="0" x2="100%" y1={y(target)} y2={y(target)} />
    </Track>
  );
}

/** What is hatched, in words. */
function Gaps({ gaps }: { gaps: Gap[] }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  if (gaps.length === 0) return null;
  const item = (gap: Gap) => (
    <li key={gap.fromMs}>
      <span className="keep">
        {format.short(gap.fromMs)}–
        {gap.toMs - gap.fromMs < 24 * hourMs ? format.time(gap.toMs) : format.short(gap.toMs)}
      </span>{" "}
      {gap.text}
    </li>
  );
  const newest = gaps.toReversed();
  return (
    <div className="centre-gaps">
      <ul>{newest.slice(0, 3).map(item)}</ul>
      {newest.length > 3 && (
        <details>
          <summary>{t("pue.moreGaps", { count: newest.length - 3 })}</summary>
          <ul>{newest.slice(3).map(item)}</ul>
        </details>
      )}
    </div>
  );
}

function PueTable({ chart, target }: { chart: PueChart; target: number }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const over = (value: number | null | undefined) =>
    value === null || value === undefined ? t("common:noReading") : format.number(value, 3);
  const power = (watts: number | null) => {
    if (watts === null) return t("common:noReading");
    const { text, unit } = format.power(watts);
    return `${text}\u00a0${unit}`;
  };
  const gapAt = (bucket: PueBucket) =>
    chart.gaps.find(({ fromMs, toMs }) => bucket.atMs >= fromMs && bucket.atMs < toMs);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll-y" tabIndex={0} aria-label={`${t("pue.title")}: ${t("common:chart.table")}`}>
      <DataTable
        caption={t("pue.title")}
        rows={chart.buckets.toReversed()}
        rowKey={({ atMs }) => String(atMs)}
        columns={[
          {
            key: "at",
            head: t("fleet:chart.from"),
            cell: ({ atMs }) => <span className="keep">{format.short(atMs)}</span>,
          },
          {
            key: "pue",
            head: t("pue.ofTarget", { target: format.number(target, 2) }),
            num: true,
            cell: (bucket) =>
              bucket.pue === null ? (gapAt(bucket)?.text ?? t("now.notComputable")) : format.number(bucket.pue, 3),
          },
          { key: "cooling", head: t("flow.load.cooling"), num: true, cell: ({ parts }) => over(parts?.cooling) },
          { key: "rest", head: t("flow.load.rest"), num: true, cell: ({ parts }) => over(parts?.rest) },
          { key: "lighting", head: t("flow.load.lighting"), num: true, cell: ({ parts }) => over(parts?.lighting) },
          { key: "it", head: t("fleet:chart.it"), num: true, cell: ({ itW }) => power(itW) },
          { key: "facility", head: t("pue.facility"), num: true, cell: ({ facilityW }) => power(facilityW) },
        ]}
      />
    </section>
  );
}
