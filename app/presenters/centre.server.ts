import type { AppLoadContext } from "@remix-run/node";
import {
  centreDevices,
  centreRacks,
  centreSources,
  counterSpans,
  gaugeSamples,
  rackGpus,
  rackPowerSeries,
} from "#db/queries/centre.ts";
import {
  type CentreScope,
  fleetCentres,
  hoursAboveTarget,
  hoursBetween,
  newestMeters,
  openAlarms,
  zoneOutlook,
} from "#db/queries/fleet.ts";
import type { View } from "../view.ts";
import { presentAlarms } from "./alarms.server.ts";
import { devicesNow, rackDevices } from "./centre-devices.ts";
import { centreFigures, noPueText } from "./centre-figures.ts";
import { flowNow, pueParts } from "./centre-flow.ts";
import { centreLead } from "./centre-lead.ts";
import { pueChart } from "./centre-pue.ts";
import { hallsNow, type RackMetric, type RackNow, racksNow, serversOf } from "./centre-racks.ts";
import { heatOf, storageNow, waterOf } from "./centre-storage.ts";
import { countedBackH } from "./centre-trouble.ts";
import { type CentreNow, centreNow, inView, type Say } from "./fleet.server.ts";
import { bucketHours, floorHour, hourMs } from "./hours.ts";
import { zoneNow } from "./outlook.ts";
import { sourceChart } from "./source-chart.ts";

const quantities = ["activePower", "stateOfCharge", "inletTemperature", "outletTemperature"];
const sampled = ["wetBulbTemperature", "stateOfCharge"];
/** A GPU or source is "now" for this long. */
const freshMs = 120_000;
const rackHistoryMs = hourMs;
const rackBucketS = 60;

/** What the address asks to see of the racks. */
export type RackChoice = { metric: RackMetric; rackId: string | null };

/** One centre's page: queries side by side, then pure shaping. @throws 404 for a centre that is not there or not in sight. */
export async function presentCentre(
  context: AppLoadContext,
  scope: CentreScope,
  id: string,
  view: View,
  choice: RackChoice,
  say: Say,
) {
  const { db } = context;
  const nowMs = context.clock();
  const lengthMs = view.toMs - view.fromMs;
  const startMs = Math.min(floorHour(view.fromMs - lengthMs), floorHour(nowMs) - 25 * hourMs);
  const freshAfter = new Date(nowMs - freshMs);
  const samples = {
    from: new Date(floorHour(view.fromMs)),
    to: new Date(Math.min(view.toMs, nowMs)),
    bucketS: bucketHours(view.fromMs, view.toMs) * 3_600,
  };
  const [[row], meters, hours, alarmRows, zone, [above], rackRows, deviceRows, sources, gauges, spans] =
    await Promise.all([
      fleetCentres(db, scope, freshAfter, id),
      newestMeters(db, scope, quantities, id),
      hoursBetween(db, scope, new Date(startMs), new Date(Math.max(view.toMs, nowMs)), id),
      openAlarms(db, scope, 50, id),
      zoneOutlook(db, scope, new Date(nowMs), 1, id),
      hoursAboveTarget(db, scope, new Date(floorHour(nowMs)), countedBackH, id),
      centreRacks(db, id, freshAfter),
      centreDevices(db, id, null),
      centreSources(db, id),
      gaugeSamples(db, id, sampled, samples),
      counterSpans(db, id, "waterVolume", new Date(nowMs - 24 * hourMs)),
    ]);
  if (!row) throw new Response("Not found", { status: 404 });
  const centre = centreNow(row, meters, hours, zoneNow(zone, row.gridZone), above, view, nowMs);
  const alarms = presentAlarms(alarmRows, say.t, say.format);
  const inside = hours.filter((hour) => inView(hour, view));
  const lastDay = hours.filter((hour) => hour.hour.getTime() >= nowMs - 25 * hourMs);
  const storage = storageNow(row, centre.power);
  const heat = heatOf(
    inside,
    centre.power,
    meters.some(({ role }) => role === "heat_reuse"),
    row.targets.heatUplift,
  );
  const water = waterOf(spans, lastDay);
  const racks = racksNow(rackRows, meters, nowMs);
  const chosen = racks.find((rack) => rack.id === choice.rackId) ?? racks[0];
  return {
    id: row.id,
    name: row.name,
    locality: row.locality,
    simulated: row.simulated,
    pueCategory: row.pueCategory,
    targets: row.targets,
    lead: centreLead(centre, alarms, say),
    figures: centreFigures(centre, { storage, heat, water }, view, say),
    newestMs: centre.power.newestMs,
    silent: centre.power.silent,
    lacks: centre.power.lacks,
    flow: flowNow(centre.power, centre.mix, row.pueCategory),
    pue: pueNow(centre, say),
    pueChart: pueChart(inside, gauges, row.targets.pue, view, say),
    sourceChart: sourceChart(inside, 1, view, say),
    metric: choice.metric,
    halls: hallsNow(rackRows, racks, meters, nowMs),
    rack: chosen ? await presentRack(context, id, chosen, nowMs) : null,
    storage,
    heat,
    water,
    devices: devicesNow(deviceRows, nowMs),
    rackDevices: rackDevices(sources, nowMs),
    alarms,
  };
}

function pueNow(centre: CentreNow, say: Say) {
  const { pue, facilityW, itW, byRole } = centre.power;
  const known = pue !== null && facilityW !== null && itW !== null;
  return {
    value: pue,
    why: known ? "" : noPueText(centre, say),
    parts: known ? pueParts(facilityW, itW, byRole.cooling, byRole.lighting) : null,
    itW,
  };
}

/** The chosen rack: its GPUs in their servers, its own devices, its power over the last hour. */
async function presentRack(context: AppLoadContext, centreId: string, rack: RackNow, nowMs: number) {
  const { db } = context;
  const to = Math.floor(nowMs / (rackBucketS * 1_000)) * rackBucketS * 1_000;
  const from = to - rackHistoryMs;
  const [gpus, deviceRows, power] = await Promise.all([
    rackGpus(db, rack.id, new Date(nowMs - freshMs)),
    centreDevices(db, centreId, rack.id),
    rackPowerSeries(db, rack.id, { from: new Date(from), to: new Date(to), bucketS: rackBucketS }),
  ]);
  const at = new Map(power.map(({ bucketMs, powerW }) => [bucketMs, powerW]));
  return {
    ...rack,
    servers: serversOf(gpus),
    jobs: [...new Set(gpus.flatMap(({ jobId }) => (jobId === null ? [] : [jobId])))],
    devices: devicesNow(deviceRows, nowMs),
    /** Minutes of the last hour, oldest first; null: a feed was silent. */
    spark: Array.from(
      { length: rackHistoryMs / 1_000 / rackBucketS },
      (_, index) => at.get(from + index * rackBucketS * 1_000) ?? null,
    ),
  };
}

export type CentreData = Awaited<ReturnType<typeof presentCentre>>;
