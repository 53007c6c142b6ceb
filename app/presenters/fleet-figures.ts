import type { FigureText } from "../components/ui/Figure.tsx";
import type { View } from "../view.ts";
import { type Change, changeOf } from "./compare.ts";
import type { CentreNow, Say } from "./fleet.server.ts";
import { type HoursSummary, hourMs, measuredUntilMs, summarise } from "./hours.ts";

/** A change in words, or why there is none. `null`: there is no figure to compare. */
export function changeText({ t, format }: Say, view: View, change: Change | null, digits: number, factor = 1): string {
  if (change === null) return "";
  if ("known" in change)
    return t("fleet:noChange", { known: format.number(change.known), all: format.number(change.of) });
  return t(`fleet:change.${view.range ?? "own"}`, { change: format.signed(change.by * factor, digits) });
}

/** Age and quality of what was derived from hours: "99.4% measured". */
export function hoursProof({ t, format }: Say, summary: HoursSummary, measuredMs: number | null): FigureText["proof"] {
  if (summary.hours === 0) return [t("common:noReading")];
  return [
    measuredMs === null ? "" : { ageOfMs: measuredMs },
    t("common:measured", { share: format.percent(summary.coverage) }),
  ];
}

const sum = (values: (number | null)[]) =>
  values.reduce<number | null>((total, value) => (value === null ? total : (total ?? 0) + value), null);

/** The strip over the whole fleet. A ratio is the ratio of sums; a centre that cannot say is counted as missing, in words. */
export function fleetFigures(centres: CentreNow[], view: View, say: Say): FigureText[] {
  const { t, format } = say;
  const all = centres.flatMap(({ hours }) => hours);
  const now = summarise(
    all,
    centres.reduce((total, { now }) => total + now.expectedHours, 0),
  );
  const before = summarise(
    centres.flatMap(({ earlier }) => earlier),
    centres.reduce((total, { before }) => total + before.expectedHours, 0),
  );
  const hourEnd = centres.reduce<number | null>(
    (newest, { lastHourMs }) =>
      lastHourMs !== null && lastHourMs + hourMs > (newest ?? 0) ? lastHourMs + hourMs : newest,
    null,
  );
  const measuredMs = measuredUntilMs(all);
  const period = t(`fleet:period.${view.range ?? "own"}`);
  const pueTarget = Math.max(...centres.map(({ row }) => row.targets.pue));
  const cleanTarget = Math.min(...centres.map(({ row }) => row.targets.cleanShare));
  const categories = new Set(centres.map(({ row }) => row.pueCategory));
  const last = lastHour(centres);
  return [
    itLoad(centres, say),
    {
      name: t("fleet:figure.pue", { period }),
      ...(now.pue !== null && {
        status: now.pue <= pueTarget ? ("good" as const) : ("watch" as const),
        statusLabel: t(`common:status.${now.pue <= pueTarget ? "good" : "watch"}`),
      }),
      value: now.pue === null ? null : format.number(now.pue, 2),
      unit: categories.size === 1 ? `PUE${[...categories][0]}` : "PUE",
      missing: t("fleet:figure.noHours"),
      context: [
        t("common:target.atMost", { value: format.number(pueTarget, 2) }),
        changeText(say, view, changeOf("pue", now, before), 2),
      ],
      coverage: { share: now.coverage, method: now.estimatedShare > 0.05 ? "estimated" : "measured" },
      proof: hoursProof(say, now, measuredMs),
    },
    {
      name: t("fleet:figure.clean", { period }),
      ...(now.cleanShare !== null &&
        cleanTarget > 0 && {
          status: now.cleanShare >= cleanTarget ? ("good" as const) : ("watch" as const),
          statusLabel: t(`common:status.${now.cleanShare >= cleanTarget ? "good" : "watch"}`),
        }),
      value: now.cleanShare === null ? null : format.percent(now.cleanShare),
      missing: t("fleet:figure.noHours"),
      context: [
        // A centre that is not asked for a share has the target 0: the fleet then has none in common.
        cleanTarget > 0 ? t("common:target.atLeast", { value: format.percent(cleanTarget, 0) }) : "",
        changeText(say, view, changeOf("cleanShare", now, before), 1, 100),
      ],
      coverage: { share: now.coverage, method: now.estimatedShare > 0.05 ? "estimated" : "measured" },
      proof: hoursProof(say, now, measuredMs),
    },
    {
      name: t("fleet:figure.carbon"),
      value: last.contractGPerKwh === null ? null : format.number(last.contractGPerKwh),
      unit: "g/kWh",
      missing: t("fleet:figure.noHours"),
      context: [
        last.locationGPerKwh === null
          ? t("fleet:figure.contract")
          : t("fleet:figure.contractLocation", { location: format.number(last.locationGPerKwh) }),
        t("fleet:figure.ofFacility"),
      ],
      coverage: { share: last.coverage, method: "measured" },
      proof:
        hourEnd === null
          ? [t("common:noReading")]
          : [
              t("fleet:figure.hour", { from: format.time(hourEnd - hourMs), to: format.time(hourEnd) }),
              t("common:measured", { share: format.percent(last.coverage) }),
            ],
    },
    price(centres, say),
    gpuFigure(centres, say),
  ];
}

/** The newest hour that every reporting centre has, together. */
function lastHour(centres: CentreNow[]): HoursSummary {
  const newest = Math.max(...centres.map(({ lastHourMs }) => lastHourMs ?? 0));
  const rows = centres.flatMap(({ lastRow }) => (lastRow?.hour.getTime() === newest ? [lastRow] : []));
  return summarise(rows, centres.length);
}

function itLoad(centres: CentreNow[], { t, format }: Say): FigureText {
  const known = centres.filter(({ power }) => power.itW !== null);
  const itW = sum(known.map(({ power }) => power.itW));
  const facilityKnown = centres.every(({ power }) => power.facilityW !== null);
  const facility = facilityKnown ? format.power(sum(centres.map(({ power }) => power.facilityW)) ?? 0) : null;
  const beforeW = known.every(({ itDayBeforeW }) => itDayBeforeW !== null)
    ? sum(known.map(({ itDayBeforeW }) => itDayBeforeW))
    : null;
  const value = itW === null ? null : format.power(itW);
  const points = centres.reduce((total, { power }) => total + power.points, 0);
  const fresh = centres.reduce((total, { power }) => total + power.freshPoints, 0);
  const newestMs = centres.reduce<number | null>(
    (newest, { power }) => (power.newestMs !== null && power.newestMs > (newest ?? 0) ? power.newestMs : newest),
    null,
  );
  const unitW = value?.unit === "MW" ? 1e6 : value?.unit === "kW" ? 1e3 : 1;
  return {
    name: t("fleet:figure.it"),
    value: value?.text ?? null,
    ...(value && { unit: value.unit }),
    missing: t("fleet:figure.noIt"),
    context: [
      known.length < centres.length
        ? t("fleet:figure.ofCentres", { known: known.length, all: centres.length })
        : facility
          ? t("fleet:figure.facility", { power: `${facility.text}\u00a0${facility.unit}` })
          : t("fleet:figure.facilityUnknown"),
      itW !== null && beforeW !== null
        ? t("common:onDayBefore", { change: format.signed((itW - beforeW) / unitW, unitW === 1e6 ? 2 : 0) })
        : "",
    ],
    coverage: { share: points ? fresh / points : 0, method: "measured" },
    proof:
      newestMs === null
        ? [t("common:noReading")]
        : [
            { ageOfMs: newestMs },
            t("fleet:figure.metersReport", { fresh: format.number(fresh), all: format.number(points) }),
          ],
  };
}

/** Each centre's price weighted by the power it draws now. */
function price(centres: CentreNow[], { t, format }: Say): FigureText {
  const known = centres.filter(({ usdPerMwh }) => usdPerMwh !== null);
  const weights = known.map(({ power }) => power.facilityW ?? power.itW ?? 0);
  const total = weights.reduce((a, b) => a + b, 0);
  const mean =
    known.length === 0
      ? null
      : total > 0
        ? known.reduce((part, { usdPerMwh }, index) => part + (usdPerMwh as number) * (weights[index] as number), 0) /
          total
        : (known[0]?.usdPerMwh ?? null);
  return {
    name: t("fleet:figure.price"),
    value: mean === null ? null : format.number(mean, 1),
    unit: "USD/MWh",
    missing: t("fleet:figure.noPrice"),
    context: [t("fleet:figure.weighted"), t("fleet:figure.withFees")],
    coverage: { share: centres.length ? known.length / centres.length : 0, method: "measured" },
    proof: [t("fleet:figure.thisHour"), t("fleet:figure.zones", { known: known.length, all: centres.length })],
  };
}

/** GPUs at work of those that there are. */
export function gpuFigure(centres: CentreNow[], { t, format }: Say): FigureText {
  const all = centres.reduce((total, { row }) => total + row.gpus, 0);
  const reporting = centres.reduce((total, { row }) => total + row.gpusReporting, 0);
  const busy = centres.reduce((total, { row }) => total + row.gpusBusy, 0);
  const newestMs = centres.reduce<number | null>(
    (newest, { row }) => (row.gpuNewestAtMs !== null && row.gpuNewestAtMs > (newest ?? 0) ? row.gpuNewestAtMs : newest),
    null,
  );
  return {
    name: t("fleet:figure.gpus"),
    value: all === 0 || reporting === 0 ? null : format.percent(busy / all),
    missing: t(all === 0 ? "fleet:figure.noGpus" : "fleet:figure.silentGpus"),
    context: [
      all ? t("fleet:figure.busyOf", { busy: format.number(busy), all: format.number(all) }) : "",
      t("fleet:figure.busyMeans"),
    ],
    coverage: { share: all ? reporting / all : 0, method: "measured" },
    proof:
      newestMs === null
        ? [t("common:noReading")]
        : [{ ageOfMs: newestMs }, t("fleet:figure.report", { share: format.percent(all ? reporting / all : 0) })],
  };
}
