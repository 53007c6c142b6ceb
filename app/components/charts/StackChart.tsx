import { useTranslation } from "react-i18next";
import { type Mix, sources, sumMix } from "../../presenters/power-now.ts";
import type { SourceBucket } from "../../presenters/source-chart.ts";
import { useFormat } from "../../use-format.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { Either } from "../ui/Either.tsx";
import { Empty } from "../ui/states.tsx";
import { brokenLine, digitsOf, niceAxis, round } from "./scales.ts";
import { TimeAxis } from "./TimeAxis.tsx";

const heightPx = 248;

/** Mean power by source in stacked columns, IT as a line over them. x in %, y in px: text and textures never stretch. */
export function StackChart({
  buckets,
  bucketH,
  summary,
}: {
  buckets: SourceBucket[];
  bucketH: number;
  summary: string;
}) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  if (!buckets.some(({ mix, itW }) => mix !== null || itW !== null))
    return <Empty title={t("chart.none")}>{t("chart.noneWhy")}</Empty>;
  const maximum = Math.max(1, ...buckets.map(({ mix, itW }) => Math.max(mix ? sumMix(mix) : 0, itW ?? 0)));
  const unit = maximum >= 2e6 ? { w: 1e6, name: "MW" } : maximum >= 2e3 ? { w: 1e3, name: "kW" } : { w: 1, name: "W" };
  const axis = niceAxis(maximum / unit.w);
  const digits = digitsOf(axis.step);
  const y = (watts: number) => heightPx - (watts / unit.w / axis.top) * heightPx;
  const width = 100 / buckets.length;
  const shown = sources.filter((source) => buckets.some(({ mix }) => mix && mix[source] > 0));
  const last = buckets.findLast(({ mix }) => mix !== null);
  const value = (watts: number) =>
    format.number(watts / unit.w, unit.w === 1 ? 0 : unit.w === 1e3 ? (maximum < 1e5 ? 1 : 0) : 2);
  const labels = endLabels(last?.mix ?? null, last?.itW ?? null, shown, y);
  const chart = (
    <>
      <div className="plot with-ends">
        <span className="plot-unit">{unit.name}</span>
        {axis.ticks.map((tick) => (
          <span key={tick} className="plot-y" style={{ top: heightPx - (tick / axis.top) * heightPx }}>
            {format.number(tick, digits)}
          </span>
        ))}
        <svg width="100%" height={heightPx} role="img" aria-label={summary}>
          {axis.ticks.map((tick) => {
            const at = heightPx - (tick / axis.top) * heightPx;
            return <line key={tick} className={tick === 0 ? "grid zero" : "grid"} x1="0" x2="100%" y1={at} y2={at} />;
          })}
          {shown.map((source) => (
            <g key={source} className={`fill-${source}`}>
              {buckets.map(({ atMs, mix }, index) => {
                if (!mix || mix[source] <= 0) return null;
                const below = sources.slice(0, sources.indexOf(source)).reduce((sum, name) => sum + mix[name], 0);
                return (
                  <rect
                    key={atMs}
                    x={`${round(index * width)}%`}
                    width={`${round(width + 0.06)}%`}
                    y={round(y(below + mix[source]))}
                    height={round(y(below) - y(below + mix[source]))}
                  />
                );
              })}
            </g>
          ))}
          {buckets.map(({ atMs, complete }, index) =>
            complete ? null : (
              <rect
                key={atMs}
                className="fill-unknown"
                x={`${round(index * width)}%`}
                width={`${round(width)}%`}
                y={0}
                height={heightPx}
                opacity=".7"
              />
            ),
          )}
          <svg
            viewBox={`0 0 1000 ${heightPx}`}
            width="100%"
            height={heightPx}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path
              className="line halo"
              d={brokenLine(
                buckets.map(({ itW }) => itW),
                (index) => (index + 0.5) * width * 10,
                y,
              )}
            />
            <path
              className="line strong"
              d={brokenLine(
                buckets.map(({ itW }) => itW),
                (index) => (index + 0.5) * width * 10,
                y,
              )}
            />
          </svg>
        </svg>
        {labels.map(({ key, topPx, watts }) => (
          <span key={key} className="plot-end" style={{ top: topPx }}>
            {key === "it" ? <LineSwatch /> : <i className={`swatch bg-${key}`} />}
            {t(key === "it" ? "chart.it" : `source.${key}`)} <b>{value(watts)}</b>
          </span>
        ))}
        <TimeAxis fromMs={buckets[0]?.atMs ?? 0} toMs={(buckets.at(-1)?.atMs ?? 0) + bucketH * 3_600_000} />
      </div>
      <ul className="legend narrow">
        {labels.map(({ key, watts }) => (
          <li key={key}>
            {key === "it" ? <LineSwatch /> : <span className={`swatch bg-${key}`} />}
            {t(key === "it" ? "chart.it" : `source.${key}`)} <b>{value(watts)}</b>
          </li>
        ))}
      </ul>
    </>
  );
  const table = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll-y" tabIndex={0} aria-label={`${t("chart.title")}: ${t("common:chart.table")}`}>
      <DataTable
        caption={t("chart.title")}
        rows={buckets.toReversed()}
        rowKey={({ atMs }) => String(atMs)}
        columns={[
          { key: "at", head: t("chart.from"), cell: ({ atMs }) => <span className="keep">{format.short(atMs)}</span> },
          ...shown.map((source) => ({
            key: source,
            head: t(`source.${source}`),
            num: true,
            cell: ({ mix }: SourceBucket) => (mix ? value(mix[source]) : t("common:noReading")),
          })),
          {
            key: "it",
            head: `${t("chart.it")}${format.comma}${unit.name}`,
            num: true,
            cell: ({ itW }) => (itW === null ? t("common:noReading") : value(itW)),
          },
        ]}
      />
    </section>
  );
  return (
    <figure>
      <figcaption className="sum">{summary}</figcaption>
      <Either chart={chart} table={table} />
    </figure>
  );
}

const LineSwatch = () => (
  <svg className="line-swatch" width="12" height="10" aria-hidden="true">
    <path d="M0 5h12" stroke="var(--ink)" strokeWidth="2" />
  </svg>
);

/** Names at the end of each band, pushed apart so that they never meet. */
function endLabels(mix: Mix | null, itW: number | null, shown: readonly (keyof Mix)[], y: (watts: number) => number) {
  const labels: { key: keyof Mix | "it"; watts: number; topPx: number }[] = [];
  let below = 0;
  if (mix) {
    for (const source of shown) {
      labels.push({ key: source, watts: mix[source], topPx: y(below + mix[source] / 2) });
      below += mix[source];
    }
  }
  if (itW !== null) labels.push({ key: "it", watts: itW, topPx: y(itW) });
  labels.sort((a, b) => b.topPx - a.topPx);
  for (let index = 1; index < labels.length; index++) {
    const lower = labels[index - 1] as { topPx: number };
    const label = labels[index] as { topPx: number };
    label.topPx = Math.min(label.topPx, lower.topPx - 17);
  }
  return labels.toReversed();
}
