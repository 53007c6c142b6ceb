import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { JobPage } from "../../presenters/job.server.ts";
import { type Format, useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Panel } from "../ui/Panel.tsx";
import { Empty, Note } from "../ui/states.tsx";

type Run = NonNullable<JobPage["run"]>;
type Line = { key: keyof Run["measured"]; measured: number | null; forecast: number | null };

/** What the run took, measured beside what was forecast; its result and its output. */
export function RunPanel({ page, span }: { page: JobPage; span: number }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const { run, draw } = page;
  if (!run)
    return (
      <Panel title={t("run.title")} span={span}>
        <Empty title={t("run.none")}>{t("run.noneWhy")}</Empty>
      </Panel>
    );
  const scaled = (key: Line["key"], value: number) =>
    key === "itMilliWh" || key === "facilityMilliWh"
      ? format.energy(value)
      : key === "costMicroUsd"
        ? format.usd(value)
        : format.mass(value);
  const lines = (Object.keys(run.measured) as Line["key"][]).map((key) => ({
    key,
    measured: run.measured[key],
    forecast: run.forecast?.[key] ?? null,
  }));
  const number = (key: Line["key"], value: number | null) => {
    if (value === null) return <span className="ink-3">{t(run.endedAtMs === null ? "run.notYet" : "unknown")}</span>;
    const { text, unit } = scaled(key, value);
    return (
      <span className="keep">
        {text}
        <span className="unit">{`\u00a0${unit}`}</span>
      </span>
    );
  };
  const columns: Column<Line>[] = [
    { key: "what", head: t("run.quantity"), className: "plain", cell: ({ key }) => t(`run.${key}`) },
    {
      key: "measured",
      head: t(run.isEstimate ? "run.estimated" : "run.measured"),
      num: true,
      cell: ({ key, measured }) => number(key, measured),
    },
    { key: "forecast", head: t("run.forecast"), num: true, cell: ({ key, forecast }) => number(key, forecast) },
    {
      key: "difference",
      head: t("run.difference"),
      num: true,
      cell: ({ measured, forecast }) =>
        // An estimate is made of the same numbers as the forecast: that they agree says nothing.
        measured === null || !forecast || run.isEstimate
          ? null
          : `${format.signed((measured / forecast - 1) * 100, 1)}%`,
    },
  ];
  const drawn = draw?.powerW == null ? null : format.power(draw.powerW);
  return (
    <Panel
      title={t("run.title")}
      meta={page.attempts > 1 ? t("run.attempt", { count: page.attempts }) : undefined}
      span={span}
      foot={
        run.energyMethod ? t("run.method", { method: methodText(run.energyMethod, t, format) }) : t("run.methodWaits")
      }
    >
      {draw && (
        <Note s={drawn ? "good" : "unknown"}>
          {drawn ? (
            <>
              <b>{t("run.draws", { power: `${drawn.text}\u00a0${drawn.unit}` })}</b>{" "}
              {t("run.drawsOf", {
                count: draw.heard,
                heard: draw.heard,
                gpus: draw.gpus,
                age: draw.newestAtMs === null ? "" : format.age(draw.newestAtMs),
              })}
            </>
          ) : (
            t("run.silent")
          )}
        </Note>
      )}
      <DataTable
        caption={t("run.title")}
        columns={columns}
        rows={lines}
        rowKey={({ key }) => key}
        className="jobs-run"
      />
      <dl className="kv jobs-kv">
        <dt>{t("run.started")}</dt>
        <dd>{run.startedAtMs === null ? t("run.notStarted") : format.full(run.startedAtMs)}</dd>
        <dt>{t("run.ended")}</dt>
        <dd>{run.endedAtMs === null ? t("run.goesOn") : format.full(run.endedAtMs)}</dd>
        {run.gpuSeconds !== null && (
          <>
            <dt>{t("run.gpuSeconds")}</dt>
            <dd>{format.number(run.gpuSeconds)}</dd>
          </>
        )}
        {run.endedAtMs !== null && (
          <>
            <dt>{t("run.exitCode")}</dt>
            <dd>
              {run.exitCode === null ? t("run.noExit") : format.number(run.exitCode)}{" "}
              <Mark
                s={run.exitCode === 0 ? "good" : "watch"}
                label={t(run.exitCode === 0 ? "run.exitGood" : "run.exitBad")}
              />
            </dd>
          </>
        )}
        {run.outputSha256 && (
          <>
            <dt>{t("run.hash")}</dt>
            <dd className="mono">{run.outputSha256}</dd>
          </>
        )}
        <dt>{t("run.engine")}</dt>
        <dd>{t(`run.engines.${run.engine}`, { defaultValue: run.engine })}</dd>
        <dt>{t("run.settlement")}</dt>
        <dd>
          {page.settlement === null ? (
            t("run.noSettlement")
          ) : page.maySettle ? (
            <Link to={`/settlements/${page.settlement.id}`}>
              {format.token(BigInt(page.settlement.amountWei))} HS
              {format.comma}
              {t(`settlement.${page.settlement.status}`)}
            </Link>
          ) : (
            `${format.token(BigInt(page.settlement.amountWei))} HS${format.comma}${t(`settlement.${page.settlement.status}`)}`
          )}
        </dd>
      </dl>
      {run.outputTail && (
        <>
          <h3 className="field-name jobs-output-name">{t("run.output")}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
          <section className="jobs-output" tabIndex={0} aria-label={t("run.output")}>
            <pre className="mono">{run.outputTail}</pre>
          </section>
        </>
      )}
    </Panel>
  );
}

/** "trapezoid: gpu_sample.power_w, 97 % covered; PUE: centre hour" in the reader's language; unknown words stay. */
function methodText(
  text: string,
  t: (key: string, values?: Record<string, unknown>) => string,
  format: Format,
): string {
  const [energy = "", pue = ""] = text.split("; PUE: ");
  const covered = /, (\d+) % covered$/.exec(energy)?.[1];
  const how = energy.startsWith("trapezoid") ? "samples" : energy.startsWith("estimate") ? "estimate" : undefined;
  if (!how) return text;
  const pueSaid = format.list(
    pue.split(" and ").map((part) => t(`run.pueSource.${part.replaceAll(" ", "_")}`, { defaultValue: part })),
  );
  return t("run.methodText", {
    how: t(`run.how.${how}`),
    covered: covered ? t("run.covered", { share: `${covered}%` }) : "",
    pue: pueSaid,
  });
}
