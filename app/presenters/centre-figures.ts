import type { FigureText } from "../components/ui/Figure.tsx";
import type { Status } from "../components/ui/Mark.tsx";
import type { View } from "../view.ts";
import type { Heat, Storage, Water } from "./centre-storage.ts";
import { changeOf } from "./compare.ts";
import type { CentreNow, Say } from "./fleet.server.ts";
import { changeText, gpuFigure, hoursProof } from "./fleet-figures.ts";
import { hourMs, measuredUntilMs, sinceText } from "./hours.ts";

type Extra = { storage: Storage | null; heat: Heat | null; water: Water | null };

/** The strip of one centre. What it has no meter for is left out; what is silent is said. */
export function centreFigures(centre: CentreNow, { storage, heat, water }: Extra, view: View, say: Say): FigureText[] {
  return [
    pueFigure(centre, view, say),
    itFigure(centre, say),
    cleanFigure(centre, view, say),
    carbonFigure(centre, say),
    ...(storage ? [storageFigure(centre, storage, say)] : []),
    ...(water ? [waterFigure(water, say)] : heat ? [heatFigure(heat, say)] : []),
    ...(centre.row.gpus > 0 && !(storage && (water || heat)) ? [gpuFigure([centre], say)] : []),
  ];
}

/** Good or to watch, with its word. */
function against(met: boolean, { t }: Say): { status: Status; statusLabel: string } {
  const status = met ? "good" : "watch";
  return { status, statusLabel: t(`common:status.${status}`) };
}

function nowProof({ power }: CentreNow, { t, format }: Say): FigureText["proof"] {
  if (power.newestMs === null) return [t("common:noReading")];
  return [
    { ageOfMs: power.newestMs },
    t("fleet:figure.metersReport", { fresh: format.number(power.freshPoints), all: format.number(power.points) }),
  ];
}

const nowCoverage = ({ power }: CentreNow) => ({
  share: power.points ? power.freshPoints / power.points : 0,
  method: "measured" as const,
});

/** Why there is no PUE now, in words. */
export function noPueText({ power }: CentreNow, { t, format }: Say): string {
  const first = power.silent[0];
  if (first)
    return first.sinceMs === null
      ? t("fleet:notComputable.never", { device: first.deviceId })
      : t("fleet:notComputable.silent", { device: first.deviceId, time: sinceText(first.sinceMs, format) });
  if (power.lacks.includes("it")) return t("fleet:notComputable.noItMeter");
  return t(power.lacks.includes("facility") ? "fleet:notComputable.noFacilityMeter" : "common:noReading");
}

function pueFigure(centre: CentreNow, view: View, say: Say): FigureText {
  const { t, format } = say;
  const { power, row, now, before } = centre;
  const period = t(`fleet:period.${view.range ?? "own"}`);
  const target = t("common:target.atMost", { value: format.number(row.targets.pue, 2) });
  return {
    name: t("centre:figure.pue"),
    ...(power.pue !== null && against(power.pue <= row.targets.pue, say)),
    value: power.pue === null ? null : format.number(power.pue, 2),
    unit: `PUE${row.pueCategory}`,
    missing: noPueText(centre, say),
    context: [
      now.pue === null ? target : t("centre:figure.pueOver", { period, value: format.number(now.pue, 2), target }),
      changeText(say, view, changeOf("pue", now, before), 2),
    ],
    coverage: nowCoverage(centre),
    proof: nowProof(centre, say),
  };
}

function itFigure(centre: CentreNow, say: Say): FigureText {
  const { t, format } = say;
  const { itW, facilityW, lacks } = centre.power;
  const it = itW === null ? null : format.power(itW);
  const facility = facilityW === null ? null : format.power(facilityW);
  const unitW = it?.unit === "MW" ? 1e6 : it?.unit === "kW" ? 1e3 : 1;
  return {
    name: t("fleet:figure.it"),
    value: it?.text ?? null,
    ...(it && { unit: it.unit }),
    missing: t(lacks.includes("it") ? "centre:figure.noItMeter" : "fleet:figure.noIt"),
    context: [
      facility
        ? t("fleet:figure.facility", { power: `${facility.text}\u00a0${facility.unit}` })
        : t("fleet:figure.facilityUnknown"),
      itW !== null && centre.itDayBeforeW !== null
        ? t("common:onDayBefore", {
            change: format.signed(
              (itW - centre.itDayBeforeW) / unitW,
              unitW === 1e6 ? 2 : unitW === 1e3 && itW < 1e5 ? 1 : 0,
            ),
          })
        : "",
    ],
    coverage: nowCoverage(centre),
    proof: nowProof(centre, say),
  };
}

function cleanFigure({ now, before, row, hours }: CentreNow, view: View, say: Say): FigureText {
  const { t, format } = say;
  return {
    name: t("fleet:figure.clean", { period: t(`fleet:period.${view.range ?? "own"}`) }),
    ...(now.cleanShare !== null &&
      row.targets.cleanShare > 0 &&
      against(now.cleanShare >= row.targets.cleanShare, say)),
    value: now.cleanShare === null ? null : format.percent(now.cleanShare),
    missing: t(now.hours ? "centre:figure.noOrigin" : "fleet:figure.noHours"),
    context: [
      row.targets.cleanShare > 0
        ? t("common:target.atLeast", { value: format.percent(row.targets.cleanShare, 0) })
        : "",
      changeText(say, view, changeOf("cleanShare", now, before), 1, 100),
    ],
    coverage: { share: now.coverage, method: now.estimatedShare > 0.05 ? "estimated" : "measured" },
    proof: hoursProof(say, now, measuredUntilMs(hours)),
  };
}

function carbonFigure({ last, lastHourMs }: CentreNow, { t, format }: Say): FigureText {
  return {
    name: t("fleet:figure.carbon"),
    value: last.contractGPerKwh === null ? null : format.number(last.contractGPerKwh),
    unit: "g/kWh",
    missing: t("centre:figure.noCarbon"),
    context: [
      last.contractGPerKwh === null
        ? ""
        : last.locationGPerKwh === null
          ? t("fleet:figure.contract")
          : t("fleet:figure.contractLocation", { location: format.number(last.locationGPerKwh) }),
      last.contractGPerKwh === null ? "" : t("fleet:figure.ofFacility"),
    ],
    coverage: { share: last.coverage, method: last.estimatedShare > 0.05 ? "estimated" : "measured" },
    proof:
      lastHourMs === null
        ? [t("common:noReading")]
        : [
            t("fleet:figure.hour", { from: format.time(lastHourMs), to: format.time(lastHourMs + hourMs) }),
            t("common:measured", { share: format.percent(last.coverage) }),
          ],
  };
}

function storageFigure({ power }: CentreNow, storage: Storage, say: Say): FigureText {
  const { t, format } = say;
  const { autonomyH, targetH } = storage;
  return {
    name: t("centre:figure.autonomy"),
    ...(autonomyH !== null && against(autonomyH >= targetH, say)),
    value: autonomyH === null ? null : format.number(autonomyH, 1),
    unit: "h",
    missing: t(power.socPercent === null ? "centre:figure.noCharge" : "fleet:figure.facilityUnknown"),
    context: [
      t("centre:figure.atPresentLoad"),
      t("common:target.atLeast", { value: `${format.number(targetH, Number.isInteger(targetH) ? 0 : 1)}\u00a0h` }),
    ],
    coverage: { share: 1, method: "integrated" },
    proof:
      power.newestMs === null ? [t("common:noReading")] : [{ ageOfMs: power.newestMs }, t("centre:figure.derived")],
  };
}

/** Water is read seldom: older than this it is told as old. */
const oldWaterMs = 15 * 60_000;

function waterFigure(water: Water, { t, format }: Say): FigureText {
  const stale = format.nowMs - water.newestMs > oldWaterMs;
  return {
    name: t("centre:figure.water"),
    ...(stale && { stale, status: "stale" as const, statusLabel: t("common:status.stale") }),
    value: water.lPerKwh === null ? null : format.number(water.lPerKwh, 2),
    unit: "L/kWh",
    missing: t(water.litres === null ? "centre:figure.waterBroken" : "centre:figure.waterYoung"),
    context: [
      water.litres === null ? "" : t("centre:figure.litres", { litres: format.number(water.litres) }),
      t("centre:figure.sinceTime", { time: sinceText(water.fromMs, format) }),
    ],
    coverage: { share: 1, method: stale ? "stale" : "measured" },
    proof: [{ ageOfMs: water.newestMs }, t("centre:figure.byCounter")],
  };
}

function heatFigure(heat: Heat, { t, format }: Say): FigureText {
  const power = heat.nowW === null ? null : format.power(heat.nowW);
  return {
    name: t("centre:figure.heat"),
    value: power?.text ?? null,
    ...(power && { unit: power.unit }),
    missing: t("common:noReading"),
    context: [
      heat.uplift === null ? "" : t("centre:figure.ofIt", { share: format.percent(heat.uplift) }),
      t("common:target.atLeast", { value: format.percent(heat.target, 0) }),
    ],
    coverage: { share: heat.nowW === null ? 0 : 1, method: "measured" },
    proof: [t("centre:figure.atBoundary")],
  };
}
