import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { Change } from "../../presenters/compare.ts";
import type { CentreItem } from "../../presenters/fleet.server.ts";
import { type FleetSort, sortCentres } from "../../presenters/fleet-sort.ts";
import { sources } from "../../presenters/power-now.ts";
import { useFormat } from "../../use-format.ts";
import { MixBar, SourceLegend } from "../charts/MixBar.tsx";
import { Spark } from "../charts/Spark.tsx";
import { carbonClass, carbonSteps } from "../charts/scales.ts";
import { Chip } from "../ui/Chip.tsx";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Mark } from "../ui/Mark.tsx";
import { NotComputable } from "./NotComputable.tsx";

/** One line a centre: what it does now, against the period before. */
export function CentresTable({ centres, period, sort }: { centres: CentreItem[]; period: string; sort: FleetSort }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const { name } = format;
  const sorted = (key: FleetSort) => (key === sort ? { sort: "descending" as const } : {});
  const columns: Column<CentreItem>[] = [
    {
      key: "centre",
      head: t("table.centre"),
      cell: (centre) => (
        <>
          <Link to={`/centres/${centre.id}`} prefetch="intent">
            {name(centre.name)}
          </Link>
          <span className="sub">{name(centre.locality)}</span>
          {centre.simulated && <span className="sub ink-3">{t("common:simulated.word")}</span>}
        </>
      ),
    },
    {
      key: "pue",
      head: t("table.pue"),
      full: true,
      ...sorted("pue"),
      cell: (centre) => <PueCell centre={centre} period={period} />,
    },
    { key: "it", head: t("table.it"), cell: (centre) => <PowerCell centre={centre} /> },
    {
      key: "mix",
      head: t("table.mix"),
      full: true,
      className: "cell-mix",
      cell: (centre) => <MixBar mix={centre.mix} />,
    },
    { key: "clean", head: t("table.clean"), cell: (centre) => <CleanCell centre={centre} period={period} /> },
    {
      key: "carbon",
      head: t("table.carbon"),
      full: true,
      ...sorted("carbon"),
      cell: (centre) => <CarbonCell centre={centre} />,
    },
    {
      key: "price",
      ...sorted("price"),
      head: t("table.price"),
      cell: ({ usdPerMwh }) =>
        usdPerMwh === null ? (
          <span className="missing">{t("figure.noPrice")}</span>
        ) : (
          <>
            <span className="big">{format.number(usdPerMwh, 1)}</span>
            <span className="sub">USD/MWh</span>
          </>
        ),
    },
    { key: "gpus", head: t("table.gpus"), cell: (centre) => <GpuCell centre={centre} /> },
    { key: "alarms", head: t("table.alarms"), ...sorted("alarms"), cell: (centre) => <AlarmCell centre={centre} /> },
    {
      key: "age",
      head: t("table.age"),
      num: true,
      cell: ({ newestMs }) =>
        newestMs === null ? (
          <span className="ink-3">{t("common:noReading")}</span>
        ) : (
          <span className="keep">{format.duration(format.nowMs - newestMs)}</span>
        ),
    },
  ];
  const shown = sources.filter(
    (source) =>
      ["hydro", "wind", "solar", "storage", "grid"].includes(source) || centres.some(({ mix }) => mix[source] > 0),
  );
  return (
    <>
      <DataTable
        className="fleet-table"
        caption={t("table.title")}
        early
        columns={columns}
        rows={sortCentres(centres, sort)}
        rowKey={({ id }) => id}
      />
      <ul className="legend fleet-legend">
        <SourceLegend shown={shown} />
        <li className="space" aria-hidden="true" />
        <li>gCO₂e/kWh</li>
        {carbonSteps.map((step, index) => (
          <li key={step}>
            <span className={`swatch scale c${index + 1}`} />
            {step}
          </li>
        ))}
        <li>
          <Mark s="unknown" />
          {t("table.noData")}
        </li>
      </ul>
    </>
  );
}

function PueCell({ centre, period }: { centre: CentreItem; period: string }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const status = centre.pueNow === null ? "unknown" : centre.pueNow <= centre.target.pue ? "good" : "watch";
  return (
    <div className="fleet-pue">
      <div>
        {centre.pueNow === null ? (
          <NotComputable silent={centre.silent} lacks={centre.lacks} />
        ) : (
          <>
            <span className="big">{format.number(centre.pueNow, 2)}</span>{" "}
            <Mark s={status} label={t(`common:status.${status}`)} />
          </>
        )}
        <span className="sub keep">
          {centre.pue === null ? t("figure.noHours") : `${period} ${format.number(centre.pue, 2)}`}{" "}
          <Against change={centre.pueChange} digits={2} />
        </span>
      </div>
      <Spark
        values={centre.spark}
        target={centre.target.pue}
        label={t("table.pueOf", {
          centre: format.name(centre.name),
          period,
          target: format.number(centre.target.pue, 2),
        })}
      />
    </div>
  );
}

/** A change, or a word for that there is none, with its reason for whoever asks. */
function Against({ change, digits, factor = 1 }: { change: Change | null; digits: number; factor?: number }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  if (change === null) return null;
  if ("by" in change) return <span className="ink-3">{format.signed(change.by * factor, digits)}</span>;
  const why = t("noChange", { known: format.number(change.known), all: format.number(change.of) });
  return (
    <span className="ink-3" title={why}>
      <span aria-hidden="true">{t("table.noChange")}</span>
      <span className="vh">{why}</span>
    </span>
  );
}

function PowerCell({ centre }: { centre: CentreItem }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  if (centre.itW === null)
    return (
      <span className="missing">
        {centre.lacks.includes("it") ? t("notComputable.noItMeter") : t("common:noReading")}
      </span>
    );
  const it = format.power(centre.itW);
  const facility = centre.facilityW === null ? null : format.power(centre.facilityW);
  return (
    <>
      <span className="keep">
        <span className="big">{it.text}</span>
        <span className="unit">{`\u00a0${it.unit}`}</span>
      </span>
      <span className="sub">
        {facility
          ? t("figure.facility", {
              power: `${facility.text}${facility.unit === it.unit ? "" : `\u00a0${facility.unit}`}`,
            })
          : t("figure.facilityUnknown")}
      </span>
    </>
  );
}

function CleanCell({ centre, period }: { centre: CentreItem; period: string }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  if (centre.cleanShare === null) return <span className="missing">{t("figure.noHours")}</span>;
  const status = centre.cleanShare >= centre.target.cleanShare ? "good" : "watch";
  return (
    <>
      <span className="keep">
        <span className="big">{format.percent(centre.cleanShare)}</span>{" "}
        {centre.target.cleanShare > 0 && <Mark s={status} label={t(`common:status.${status}`)} />}
      </span>
      <span className="sub">
        {period} <Against change={centre.cleanChange} digits={1} factor={100} />
      </span>
    </>
  );
}

function CarbonCell({ centre }: { centre: CentreItem }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const missing = centre.carbon.filter(({ value }) => value === null);
  return (
    <>
      <div className="hours" role="img" aria-label={t("table.carbonOf", { centre: format.name(centre.name) })}>
        {centre.carbon.map(({ atMs, value }) => (
          <i
            key={atMs}
            className={value === null ? "gap" : carbonClass(value)}
            title={`${format.time(atMs)} ${value === null ? t("table.noData") : `${format.number(value)} gCO₂e/kWh`}`}
          />
        ))}
      </div>
      <span className="sub keep">
        {centre.contract === null || centre.location === null ? (
          t("figure.noHours")
        ) : (
          <>
            {t("table.contract", { value: format.number(centre.contract) })}
            <i className="dot" />
            {t("table.location", { value: format.number(centre.location) })}
          </>
        )}
        {missing.length > 0 && missing.length < 24 && (
          <>
            {" "}
            <Mark s="unknown" label={t("table.hoursMissing", { count: missing.length })} />
          </>
        )}
      </span>
      {centre.lastHourMs !== null && (
        <span className="sub keep ink-3">
          {t("table.ofHour", {
            hour: t("figure.hour", {
              from: format.time(centre.lastHourMs),
              to: format.time(centre.lastHourMs + 3_600_000),
            }),
          })}
        </span>
      )}
    </>
  );
}

function GpuCell({ centre }: { centre: CentreItem }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  if (centre.gpus === 0) return <span className="missing">{t("figure.noGpus")}</span>;
  if (centre.gpusBusy === null) return <span className="missing">{t("common:noReading")}</span>;
  return (
    <>
      <span className="big">{format.percent(centre.gpusBusy / centre.gpus, 0)}</span>
      <span className="sub keep">
        {t("figure.busyOf", { busy: format.number(centre.gpusBusy), all: format.number(centre.gpus) })}
      </span>
    </>
  );
}

function AlarmCell({ centre }: { centre: CentreItem }) {
  const { t } = useTranslation("fleet");
  if (!centre.toActOn && !centre.toWatch) return <span className="ink-3">{t("alarms.noneShort")}</span>;
  return (
    <span className="keep">
      {centre.toActOn > 0 && (
        <Chip s="act">
          {centre.toActOn}
          <span className="vh"> {t("common:status.act")}</span>
        </Chip>
      )}{" "}
      {centre.toWatch > 0 && (
        <Chip s="watch">
          {centre.toWatch}
          <span className="vh"> {t("common:status.watch")}</span>
        </Chip>
      )}
    </span>
  );
}
