import { useTranslation } from "react-i18next";
import type { DecisionView, StartScore } from "../../presenters/job-decision.ts";
import { useFormat } from "../../use-format.ts";
import { brokenLine, digitsOf, niceAxis, round } from "../charts/scales.ts";
import { TimeAxis } from "../charts/TimeAxis.tsx";
import { DataTable } from "../ui/DataTable.tsx";
import { Either } from "../ui/Either.tsx";
import { scoreText } from "./score-text.ts";

const heightPx = 264;
/** Telling lines apart without colour: the chosen centre is solid ink. */
const dashes = ["none", "6 3", "1.5 3", "9 3 2 3", "3 2"];
/** Fewer starts than this are said, not drawn. */
const fewest = 3;

/** How many starts were compared, and whether that makes a curve. */
export function startsOf(decision: DecisionView): { count: number; drawable: boolean } {
  const starts = decision.curves.flatMap((curve) => curve.starts);
  const count = new Set(starts.map(({ startAtMs }) => startAtMs)).size;
  return { count, drawable: count >= fewest && starts.some(({ rule }) => rule === null) };
}

/** Score by start, a line a centre; starts that a rule excludes break the line; the ring is the chosen start. */
export function ScoreChart({ decision, names }: { decision: DecisionView; names: Record<string, string> }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const { curves, chosen } = decision;
  const starts = [...new Set(curves.flatMap((curve) => curve.starts.map(({ startAtMs }) => startAtMs)))].sort(
    (a, b) => a - b,
  );
  const allowed = curves.flatMap((curve) => curve.starts.filter(({ rule }) => rule === null));
  const from = starts[0] ?? 0;
  const to = starts.at(-1) ?? 0;
  const values = allowed.map(({ totalMicroUsd }) => totalMicroUsd / 1e6);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const axis = niceAxis(high, high - low < high * 0.5 ? low - (high - low) * 0.1 : 0);
  const bottom = axis.ticks[0] ?? 0;
  const y = (microUsd: number) => heightPx - ((microUsd / 1e6 - bottom) / (axis.top - bottom || 1)) * heightPx;
  const x = (atMs: number) => ((atMs - from) / (to - from || 1)) * 100;
  const ring = chosen && {
    left: x(chosen.startAtMs),
    top: y(
      curves
        .find(({ centreId }) => centreId === chosen.centreId)
        ?.starts.find(({ startAtMs }) => startAtMs === chosen.startAtMs)?.totalMicroUsd ?? 0,
    ),
  };
  const ends = endLabels(
    curves.flatMap((curve, index) => {
      const last = curve.starts.findLast(({ rule }) => rule === null);
      return last
        ? [{ centreId: curve.centreId, index, totalMicroUsd: last.totalMicroUsd, topPx: y(last.totalMicroUsd) }]
        : [];
    }),
  );
  const summary = chosen
    ? t(decision.keptByHysteresis ? "chart.kept" : "chart.summary", {
        centre: names[chosen.centreId] ?? chosen.centreId,
        time: format.short(chosen.startAtMs),
        count: allowed.length,
        score: scoreText(Math.min(...allowed.map(({ totalMicroUsd }) => totalMicroUsd)), format),
      })
    : t("chart.none");
  const apart = mostApart(curves);
  const nameOf = (centreId: string) => names[centreId] ?? centreId;
  const line = (index: number) => (
    <svg width="22" height="10" className="line-swatch" aria-hidden="true">
      <path
        d="M0 5h22"
        fill="none"
        stroke="var(--ink)"
        strokeWidth={index === 0 ? 2 : 1.5}
        strokeDasharray={dashes[index]}
      />
    </svg>
  );
  const chart = (
    <>
      <div className="plot with-ends">
        <span className="plot-unit">{t("chart.unit")}</span>
        {axis.ticks.map((tick) => (
          <span key={tick} className="plot-y" style={{ top: y(tick * 1e6) }}>
            {format.number(tick, digitsOf(axis.step))}
          </span>
        ))}
        <div className="jobs-plot">
          <svg width="100%" height={heightPx} role="img" aria-label={summary}>
            {axis.ticks.map((tick) => (
              <line key={tick} className="grid" x1="0" x2="100%" y1={y(tick * 1e6)} y2={y(tick * 1e6)} />
            ))}
            <svg
              viewBox={`0 0 1000 ${heightPx}`}
              width="100%"
              height={heightPx}
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              {[...curves.entries()].reverse().map(([index, curve]) => (
                <path
                  key={curve.centreId}
                  className={index === 0 ? "line strong" : "line"}
                  strokeDasharray={dashes[index]}
                  d={brokenLine(
                    curve.starts.map(({ rule, totalMicroUsd }) => (rule === null ? totalMicroUsd : null)),
                    (at) => round(x((curve.starts[at] as StartScore).startAtMs) * 10),
                    (value) => round(y(value)),
                  )}
                />
              ))}
            </svg>
          </svg>
          {ring && <i className="jobs-ring" style={{ left: `${ring.left}%`, top: ring.top }} />}
        </div>
        {ends.map(({ centreId, index, totalMicroUsd, topPx }) => (
          <span key={centreId} className="plot-end" style={{ top: topPx }}>
            {line(index)}
            {nameOf(centreId)} <b>{scoreText(totalMicroUsd, format)}</b>
          </span>
        ))}
        <TimeAxis fromMs={from} toMs={to} />
      </div>
      <ul className="legend narrow">
        {ends.map(({ centreId, index }) => (
          <li key={centreId}>
            {line(index)}
            {nameOf(centreId)}
          </li>
        ))}
      </ul>
    </>
  );
  const table = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll-y" tabIndex={0} aria-label={t("chart.table")}>
      <DataTable
        caption={t("chart.title")}
        rows={starts}
        rowKey={String}
        selected={(atMs) => atMs === chosen?.startAtMs}
        columns={[
          { key: "at", head: t("why.start"), cell: (atMs) => <span className="keep">{format.short(atMs)}</span> },
          ...curves.map((curve) => ({
            key: curve.centreId,
            head: `${nameOf(curve.centreId)}${format.comma}${t("why.points")}`,
            num: true,
            cell: (atMs: number) => {
              const start = curve.starts.find(({ startAtMs }) => startAtMs === atMs);
              if (!start) return null;
              return start.rule === null ? (
                scoreText(start.totalMicroUsd, format)
              ) : (
                <span className="ink-3">{t(`rule.${start.rule}.short`, { defaultValue: start.rule })}</span>
              );
            },
          })),
        ]}
      />
    </section>
  );
  return (
    <figure>
      <figcaption className="sum">
        {summary}
        {apart !== null && apart < 0.01 * (axis.top - bottom) * 1e6 && (
          <> {t("chart.together", { most: scoreText(apart, format) })}</>
        )}
      </figcaption>
      <Either chart={chart} table={table} />
    </figure>
  );
}

/** By how much allowed centres differ at the same start at most; null: never two of them. */
function mostApart(curves: DecisionView["curves"]): number | null {
  const byStart = new Map<number, number[]>();
  for (const { starts } of curves)
    for (const { startAtMs, totalMicroUsd, rule } of starts)
      if (rule === null) byStart.set(startAtMs, [...(byStart.get(startAtMs) ?? []), totalMicroUsd]);
  const spreads = [...byStart.values()].flatMap((all) => (all.length > 1 ? [Math.max(...all) - Math.min(...all)] : []));
  return spreads.length ? Math.max(...spreads) : null;
}

/** Pushed apart so that names never meet. */
function endLabels<T extends { topPx: number }>(labels: T[]): T[] {
  const sorted = [...labels].sort((a, b) => a.topPx - b.topPx);
  for (let at = 1; at < sorted.length; at++) {
    const [above, label] = [sorted[at - 1] as T, sorted[at] as T];
    label.topPx = Math.max(label.topPx, above.topPx + 17);
  }
  return sorted;
}
