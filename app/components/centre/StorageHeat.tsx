import { useTranslation } from "react-i18next";
import type { CentreData } from "../../presenters/centre.server.ts";
import { useFormat } from "../../use-format.ts";
import { brokenLine } from "../charts/scales.ts";
import { TimeAxis } from "../charts/TimeAxis.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Panel } from "../ui/Panel.tsx";

const heightPx = 96;

/** What is stored and for how long it carries the centre; reused heat; water. Only what has a meter. */
export function StorageHeat({ data, span }: { data: CentreData; span: number }) {
  const { t } = useTranslation("centre");
  const { storage, heat, water } = data;
  const title = [storage && "storage", heat && "heat", water && "water"].filter(Boolean).join("-");
  return (
    <Panel title={t(`beside.title.${title}`)} span={span} className="centre-beside">
      {storage && <Storage data={data} storage={storage} />}
      {heat && <Heat heat={heat} />}
      {water && <Water water={water} />}
    </Panel>
  );
}

function Storage({ data, storage }: { data: CentreData; storage: NonNullable<CentreData["storage"]> }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const { buckets, bucketH } = data.pueChart;
  const known = buckets.some(({ socPercent }) => socPercent !== null);
  const y = (percent: number) => heightPx - (percent / 100) * heightPx;
  const mwh = (wh: number) => format.energy(wh * 1_000);
  const usable = storage.usableWh === null ? null : mwh(storage.usableWh);
  const capacity = mwh(storage.capacityWh);
  const met = storage.autonomyH !== null && storage.autonomyH >= storage.targetH;
  return (
    <>
      {known && (
        <>
          <p className="centre-track-name">{t("beside.charge")}</p>
          <div className="plot centre-soc">
            {[0, 50, 100].map((tick) => (
              <span key={tick} className="plot-y" style={{ top: y(tick) }}>
                {tick}
              </span>
            ))}
            <svg
              width="100%"
              height={heightPx}
              role="img"
              aria-label={
                storage.socPercent === null
                  ? t("beside.charge")
                  : t("beside.chargeOf", { percent: format.percent(storage.socPercent / 100, 0) })
              }
            >
              {[0, 50, 100].map((tick) => (
                <line
                  key={tick}
                  className={tick === 0 ? "grid zero" : "grid"}
                  x1="0"
                  x2="100%"
                  y1={y(tick)}
                  y2={y(tick)}
                />
              ))}
              <svg
                viewBox={`0 0 1000 ${heightPx}`}
                width="100%"
                height={heightPx}
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                <path
                  className="line strong"
                  d={brokenLine(
                    buckets.map(({ socPercent }) => socPercent),
                    (index) => (index / buckets.length) * 1_000,
                    y,
                  )}
                />
              </svg>
              {storage.targetPercent !== null && (
                <line
                  className="plot-target"
                  x1="0"
                  x2="100%"
                  y1={y(storage.targetPercent)}
                  y2={y(storage.targetPercent)}
                />
              )}
            </svg>
            {storage.targetPercent !== null && (
              <span className="plot-tip plain" style={{ top: y(storage.targetPercent) - 20 }}>
                {t("beside.targetAt", {
                  hours: format.number(storage.targetH, 0),
                  percent: format.percent(storage.targetPercent / 100, 0),
                })}
              </span>
            )}
            <TimeAxis fromMs={buckets[0]?.atMs ?? 0} toMs={(buckets.at(-1)?.atMs ?? 0) + bucketH * 3_600_000} />
          </div>
        </>
      )}
      <dl className="kv">
        <dt>{t("beside.usable")}</dt>
        <dd>
          {usable
            ? t("beside.usableOf", {
                usable: usable.unit === capacity.unit ? usable.text : `${usable.text}\u00a0${usable.unit}`,
                capacity: `${capacity.text}\u00a0${capacity.unit}`,
              })
            : t("common:noReading")}
        </dd>
        <dt>{t("beside.autonomy")}</dt>
        <dd>
          {storage.autonomyH === null ? (
            t("beside.notKnown")
          ) : (
            <>
              {format.withUnit(storage.autonomyH, "h", 1)}
              {format.comma}
              {t("common:target.atLeast", { value: format.withUnit(storage.targetH, "h") })}{" "}
              <Mark s={met ? "good" : "watch"} label={t(`common:status.${met ? "good" : "watch"}`)} />
            </>
          )}
        </dd>
      </dl>
    </>
  );
}

function Heat({ heat }: { heat: NonNullable<CentreData["heat"]> }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const now = heat.nowW === null ? null : format.power(heat.nowW);
  const sum = heat.milliWh === null ? null : format.energy(heat.milliWh);
  const met = heat.uplift !== null && heat.uplift >= heat.target;
  return (
    <>
      <div className="panel-head">
        <h3>{t("beside.heat")}</h3>
        <span className="meta">{t("beside.heatMeta")}</span>
      </div>
      <dl className="kv">
        <dt>{t("beside.now")}</dt>
        <dd>{now ? `${now.text}\u00a0${now.unit}` : t("common:noReading")}</dd>
        <dt>{t("beside.inRange")}</dt>
        <dd>{sum ? `${sum.text}\u00a0${sum.unit}` : t("fleet:figure.noHours")}</dd>
        <dt>{t("beside.erf")}</dt>
        <dd>{heat.erf === null ? t("beside.notKnown") : format.number(heat.erf, 3)}</dd>
        <dt>{t("beside.uplift")}</dt>
        <dd>
          {heat.uplift === null ? (
            t("beside.notKnown")
          ) : (
            <>
              {format.percent(heat.uplift)}
              {format.comma}
              {t("common:target.atLeast", { value: format.percent(heat.target, 0) })}{" "}
              <Mark s={met ? "good" : "watch"} label={t(`common:status.${met ? "good" : "watch"}`)} />
            </>
          )}
        </dd>
      </dl>
    </>
  );
}

function Water({ water }: { water: NonNullable<CentreData["water"]> }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  return (
    <>
      <div className="panel-head">
        <h3>{t("beside.water")}</h3>
        <span className="meta">{format.age(water.newestMs)}</span>
      </div>
      <dl className="kv">
        <dt>{t("beside.used", { time: format.short(water.fromMs) })}</dt>
        <dd>{water.litres === null ? t("beside.notKnown") : format.withUnit(water.litres, "L")}</dd>
        <dt>{t("beside.wue")}</dt>
        <dd>{water.lPerKwh === null ? t("beside.notKnown") : format.withUnit(water.lPerKwh, "L/kWh", 2)}</dd>
      </dl>
    </>
  );
}
