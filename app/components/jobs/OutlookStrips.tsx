import { useTranslation } from "react-i18next";
import type { DecisionView } from "../../presenters/job-decision.ts";
import { useFormat } from "../../use-format.ts";
import { carbonClass, carbonSteps, magnitudeClass } from "../charts/scales.ts";
import { TimeAxis } from "../charts/TimeAxis.tsx";

const hourMs = 3_600_000;

/** What each hour counted in the score when it was decided, own supply included, beside the bare grid; the run framed. */
export function OutlookStrips({ decision, names }: { decision: DecisionView; names: Record<string, string> }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const { outlook, horizonStartMs, chosen, job } = decision;
  const hours = Math.max(...outlook.map(({ carbon }) => carbon.length), 0);
  if (hours === 0) return null;
  const prices = outlook.flatMap(({ usdPerMwh }) => usdPerMwh.filter((value): value is number => value !== null));
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const toMs = horizonStartMs + hours * hourMs;
  const frame = chosen && {
    left: ((chosen.startAtMs - horizonStartMs) / (toMs - horizonStartMs)) * 100,
    width: (Math.min(toMs - chosen.startAtMs, job.durationS * 1_000) / (toMs - horizonStartMs)) * 100,
  };
  const range = (values: (number | null)[]) => {
    const known = values.filter((value): value is number => value !== null);
    return known.length === 0
      ? t("unknown")
      : Math.min(...known).toFixed(0) === Math.max(...known).toFixed(0)
        ? format.number(Math.max(...known))
        : `${format.number(Math.min(...known))}–${format.number(Math.max(...known))}`;
  };
  const said = (value: number | null, unit: string) =>
    value === null ? t("unknown") : `${format.number(value)}\u00a0${unit}`;
  const strip = (
    centreId: string,
    kind: "carbon" | "price",
    values: (number | null)[],
    grid: (number | null)[],
    classOf: (value: number) => string,
    unit: string,
  ) => (
    <div className="jobs-strip" key={`${kind}-${centreId}`}>
      <span className="jobs-strip-name">
        {names[centreId] ?? centreId}
        <span className="meta">
          {range(values)}
          <i className="dot" />
          <span className="keep">{t("strips.grid", { range: range(grid) })}</span>
        </span>
      </span>
      <div
        className="hours"
        role="img"
        aria-label={t(`strips.${kind}Of`, {
          centre: names[centreId] ?? centreId,
          range: range(values),
          grid: range(grid),
        })}
      >
        {values.map((value, at) => (
          <i
            // biome-ignore lint/suspicious/noArrayIndexKey: one cell an hour
            key={at}
            className={value === null ? "gap" : classOf(value)}
            title={t("strips.hour", {
              time: format.short(horizonStartMs + at * hourMs),
              value: said(value, unit),
              grid: said(grid[at] ?? null, unit),
            })}
          />
        ))}
        {frame && chosen?.centreId === centreId && (
          <b className="jobs-frame" style={{ left: `${frame.left}%`, width: `max(3px, ${frame.width}%)` }} />
        )}
      </div>
    </div>
  );
  return (
    <figure className="jobs-strips">
      <figcaption className="sum">{t("strips.summary")}</figcaption>
      <p className="field-name">
        {t("strips.carbon", { view: t(`why.view.${decision.policy.carbonView}`) })}{" "}
        <span className="meta">gCO₂e/kWh</span>
      </p>
      {outlook.map(({ centreId, carbon, gridCarbon }) =>
        strip(centreId, "carbon", carbon, gridCarbon, carbonClass, "gCO₂e/kWh"),
      )}
      <p className="field-name">
        {t("strips.price")} <span className="meta">USD/MWh</span>
      </p>
      {outlook.map(({ centreId, usdPerMwh, gridUsdPerMwh }) =>
        strip(
          centreId,
          "price",
          usdPerMwh,
          gridUsdPerMwh,
          (value) => magnitudeClass(high > low ? ((value - low) / (high - low)) * 0.999 : 0.5),
          "USD/MWh",
        ),
      )}
      <div className="jobs-strip" aria-hidden="true">
        <span />
        <TimeAxisBox fromMs={horizonStartMs} toMs={toMs} />
      </div>
      <ul className="legend">
        {carbonSteps.map((step, index) => (
          <li key={step}>
            <span className={`swatch scale c${index + 1}`} />
            {step}
          </li>
        ))}
        {prices.length > 0 && (
          <li>
            <span className="swatch scale m1" />–<span className="swatch scale m7" />
            {t("strips.priceScale", { low: format.number(low), high: format.number(high) })}
          </li>
        )}
        {chosen && (
          <li>
            <span className="swatch jobs-frame-swatch" />
            {t("strips.frame")}
          </li>
        )}
      </ul>
    </figure>
  );
}

const TimeAxisBox = (span: { fromMs: number; toMs: number }) => (
  <div className="jobs-axis">
    <TimeAxis {...span} />
  </div>
);
