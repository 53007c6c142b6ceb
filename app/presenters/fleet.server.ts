import type { AppLoadContext } from "@remix-run/node";
import type { TFunction } from "i18next";
import { ownCoverSeen } from "#db/queries/capacity.ts";
import {
  type AboveTarget,
  type CentreScope,
  type FleetCentreRow,
  fleetCentres,
  type HourRow,
  hoursAboveTarget,
  hoursBetween,
  type MeterRow,
  newestMeters,
  openAlarms,
  runningTasks,
  zoneOutlook,
} from "#db/queries/fleet.ts";
import type { Format } from "../use-format.ts";
import type { View } from "../view.ts";
import { presentAlarms } from "./alarms.server.ts";
import { countedBackH } from "./centre-trouble.ts";
import { changeOf } from "./compare.ts";
import { fleetFigures } from "./fleet-figures.ts";
import { fleetLead } from "./fleet-lead.ts";
import { floorHour, type HoursSummary, hourMs, summarise } from "./hours.ts";
import { type Outlook, outlook, zoneNow } from "./outlook.ts";
import { type Mix, mixNow, type PowerNow, powerNow } from "./power-now.ts";
import { sourceChart } from "./source-chart.ts";

/** Everything about one centre that the page's parts read. */
export type CentreNow = {
  row: FleetCentreRow;
  power: PowerNow;
  mix: Mix;
  /** This period and the one before. */
  now: HoursSummary;
  before: HoursSummary;
  /** Hours of the period before, oldest first. */
  earlier: HourRow[];
  /** For how long its PUE has been above the target; null: it is not, or has none. */
  above: AboveTarget | null;
  /** The newest derived hour with a carbon intensity. */
  last: HoursSummary;
  lastRow: HourRow | null;
  lastHourMs: number | null;
  /** Hours of the period, oldest first. */
  hours: HourRow[];
  /** The 24 whole hours before now, whatever the period; null where there is none. */
  day: (HourRow | null)[];
  /** IT power in the same hour one day ago, watts. */
  itDayBeforeW: number | null;
  usdPerMwh: number | null;
};

export type Say = { t: TFunction; format: Format };

/** The fleet page: its queries side by side, then pure shaping. */
export async function presentFleet(context: AppLoadContext, scope: CentreScope, view: View, say: Say) {
  const { db } = context;
  const nowMs = context.clock();
  const { fromMs, toMs } = view;
  const lengthMs = toMs - fromMs;
  const startMs = Math.min(floorHour(fromMs - lengthMs), floorHour(nowMs) - 25 * hourMs);
  const [rows, meters, hours, alarms, tasks, zoneValues, above, ownCover] = await Promise.all([
    fleetCentres(db, scope, new Date(nowMs - 120_000)),
    newestMeters(db, scope, ["activePower", "stateOfCharge"]),
    hoursBetween(db, scope, new Date(startMs), new Date(Math.max(toMs, nowMs))),
    openAlarms(db, scope, 50),
    runningTasks(db),
    zoneOutlook(db, scope, new Date(nowMs), 25),
    hoursAboveTarget(db, scope, new Date(floorHour(nowMs)), countedBackH),
    ownCoverSeen(db, scope, new Date(nowMs)),
  ]);
  const centres = rows.map((row) =>
    centreNow(
      row,
      meters.filter((meter) => meter.centreId === row.id),
      hours.filter((hour) => hour.centreId === row.id),
      zoneNow(zoneValues, row.gridZone),
      above.find(({ centreId }) => centreId === row.id),
      view,
      nowMs,
    ),
  );
  const alarmItems = presentAlarms(alarms, say.t, say.format);
  return {
    lead: fleetLead(centres, alarmItems, say),
    figures: fleetFigures(centres, view, say),
    centres: centres.map((centre) => centreItem(centre, nowMs)),
    chart: sourceChart(
      hours.filter((hour) => inView(hour, view)),
      rows.length,
      view,
      say,
    ),
    alarms: alarmItems,
    map: centres.map(({ row, mix, power }) => ({
      id: row.id,
      name: row.name,
      latitude: row.latitude,
      longitude: row.longitude,
      mix,
      itW: power.itW,
    })),
    outlook: centres.map(({ row, power, lastRow }) => ({
      id: row.id,
      name: row.name,
      ...outlook(
        zoneValues,
        {
          ...row,
          power,
          loadW: power.facilityW ?? (lastRow?.facilityMilliWh ? lastRow.facilityMilliWh / 1_000 : null),
          ownCoverAtMost: ownCover.get(row.id),
        },
        nowMs,
      ),
    })) satisfies (Outlook & { id: string })[],
    tasks: tasks.map(({ id, kind, done, total, message }) => ({ id, kind, done, total, message })),
  };
}

export const inView = (row: HourRow, view: View) =>
  row.hour.getTime() >= floorHour(view.fromMs) && row.hour.getTime() < view.toMs;

export const isWhole = (row: HourRow, nowMs: number) => row.hour.getTime() + hourMs <= nowMs;

/** One centre's meters and hours, brought together. */
export function centreNow(
  row: FleetCentreRow,
  meters: MeterRow[],
  hours: HourRow[],
  zone: ReturnType<typeof zoneNow>,
  above: AboveTarget | undefined,
  view: View,
  nowMs: number,
): CentreNow {
  const power = powerNow(meters, row.pueCategory, nowMs);
  const length = view.toMs - view.fromMs;
  // With the part of the running hour that has passed.
  const expected = Math.max(1, (Math.min(view.toMs, nowMs) - floorHour(view.fromMs)) / hourMs);
  const inside = hours.filter((hour) => inView(hour, view));
  const previous = hours.filter(
    (hour) => hour.hour.getTime() >= floorHour(view.fromMs - length) && hour.hour.getTime() < floorHour(view.fromMs),
  );
  const known = hours.filter((hour) => hour.carbonLocationG !== null && hour.facilityMilliWh);
  // The newest whole hour; the running one only where there is no other.
  const lastRow = known.findLast((hour) => isWhole(hour, nowMs)) ?? known.at(-1);
  const byHour = new Map(hours.map((hour) => [hour.hour.getTime(), hour]));
  const day = Array.from({ length: 24 }, (_, index) => byHour.get(floorHour(nowMs) + (index - 24) * hourMs) ?? null);
  const dayBefore = day[0];
  return {
    row,
    power,
    mix: mixNow(power, zone.mix),
    now: summarise(inside, expected),
    before: summarise(previous, Math.max(1, Math.round(length / hourMs))),
    earlier: previous,
    above: above ?? null,
    last: summarise(lastRow ? [lastRow] : [], 1),
    lastRow: lastRow ?? null,
    lastHourMs: lastRow?.hour.getTime() ?? null,
    hours: inside,
    day,
    itDayBeforeW: dayBefore?.itMilliWh != null ? dayBefore.itMilliWh / 1_000 : null,
    usdPerMwh: zone.usdPerMwh === null ? null : zone.usdPerMwh + row.adderUsdPerMwh,
  };
}

/** A line of the centres' table. */
function centreItem(
  { row, power, mix, now, before, last, lastHourMs, hours, day, usdPerMwh }: CentreNow,
  nowMs: number,
) {
  const start = floorHour(nowMs) - 24 * hourMs;
  return {
    id: row.id,
    name: row.name,
    locality: row.locality,
    simulated: row.simulated,
    target: row.targets,
    pueCategory: row.pueCategory,
    pueNow: power.pue,
    pue: now.pue,
    pueChange: changeOf("pue", now, before),
    /** Hourly PUE of the period, null where it was not computable. */
    spark: hours.filter((hour) => isWhole(hour, nowMs)).map((hour) => hour.pue),
    itW: power.itW,
    facilityW: power.facilityW,
    silent: power.silent,
    lacks: power.lacks,
    mix,
    cleanShare: now.cleanShare,
    cleanChange: changeOf("cleanShare", now, before),
    /** Contract-based intensity of the last 24 whole hours, gCO₂e/kWh. */
    carbon: day.map((hour, index) => ({
      atMs: start + index * hourMs,
      value:
        hour?.facilityMilliWh && hour.carbonContractG !== null
          ? (hour.carbonContractG / hour.facilityMilliWh) * 1e6
          : null,
    })),
    /** Begin of the hour that `contract` and `location` are of. */
    lastHourMs,
    contract: last.contractGPerKwh,
    location: last.locationGPerKwh,
    usdPerMwh,
    gpus: row.gpus,
    gpusBusy: row.gpusReporting > 0 ? row.gpusBusy : null,
    toActOn: row.toActOn,
    toWatch: row.toWatch,
    newestMs: power.newestMs ?? row.gpuNewestAtMs,
  };
}

export type FleetData = Awaited<ReturnType<typeof presentFleet>>;
export type CentreItem = FleetData["centres"][number];
