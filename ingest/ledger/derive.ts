import { counterEntries } from "#domain/energy/counter.ts";
import { gapLimitUs } from "#domain/energy/gap.ts";
import { powerEntries } from "#domain/energy/power.ts";
import { impossibleW } from "#domain/energy/step.ts";
import type { EnergyEntry, EnergyReading } from "#domain/energy/types.ts";
import { hourMs } from "#domain/units.ts";
import type { LedgerDevice, Sql } from "./fleet.ts";
import type { HourRange } from "./ranges.ts";
import { type Neighbours, neighboursOf, readCounters, readPowers, type Stretch } from "./readings.ts";

export type PointEntry = EnergyEntry & { pointId: number };

/** Points whose readings are fetched together: bounds what is held at a time. */
const counterBatch = 40;
const powerBatch = 8;

type Task = { device: LedgerDevice; range: HourRange; pointId: number };

/**
 * The ledger entries of these devices and hours, from the readings alone: nothing that stood in the ledger enters. The
 * device's counters come first; in an hour in which none of them gives energy, its power is integrated.
 */
export async function deriveEntries(
  sql: Sql,
  ranges: HourRange[],
  devices: ReadonlyMap<string, LedgerDevice>,
  nowMs: number,
): Promise<PointEntry[]> {
  const tasks = ranges.map((range) => ({ range, device: devices.get(range.deviceId)! }));
  const counters = await derive(
    sql,
    tasks.flatMap(({ device, range }) => device.counters.map(({ id }): Task => ({ device, range, pointId: id }))),
    counterBatch,
    nowMs,
    async (batch) =>
      readCounters(
        sql,
        batch.map(({ stretch, device }) => ({
          ...stretch,
          impossibleW: impossibleW(device.ratedPowerW),
          gapUs: gapLimitUs(device.intervalS),
        })),
      ),
    ({ device, pointId }, readings) =>
      counterEntries(readings, {
        ...device,
        rolloverAtWh: device.counters.find(({ id }) => id === pointId)!.rolloverAtWh,
      }),
  );
  const counted = new Set(counters.map(({ pointId, hourMs: hour }) => `${pointId} ${hour}`));
  const silent = tasks.flatMap(({ device, range }) =>
    device.power
      ? uncounted(range, (hour) => device.counters.some(({ id }) => counted.has(`${id} ${hour}`))).map(
          (hours): Task => ({ device, range: hours, pointId: device.power!.id }),
        )
      : [],
  );
  const powers = await derive(
    sql,
    silent,
    powerBatch,
    nowMs,
    (batch) =>
      readPowers(
        sql,
        batch.map(({ stretch }) => stretch),
      ),
    ({ device }, readings) => powerEntries(readings, device),
  );
  return [...counters, ...powers];
}

/** Reads each task's readings with their context, batch by batch, and keeps the entries of the task's own hours. */
async function derive(
  sql: Sql,
  tasks: Task[],
  batchSize: number,
  nowMs: number,
  read: (batch: (Task & { stretch: Stretch })[]) => Promise<EnergyReading[][]>,
  entriesOf: (task: Task, readings: EnergyReading[]) => EnergyEntry[],
): Promise<PointEntry[]> {
  const entries: PointEntry[] = [];
  for (let start = 0; start < tasks.length; start += batchSize) {
    const batch = tasks.slice(start, start + batchSize);
    const own = batch.map(({ pointId, range }) => ({ pointId, fromUs: range.fromMs * 1e3, toUs: range.toMs * 1e3 }));
    const around = await neighboursOf(sql, own, nowMs * 1e3);
    const wide = batch.map((task, at) => ({ ...task, stretch: withContext(own[at]!, around[at]!) }));
    const readings = await read(wide);
    for (const [at, task] of batch.entries()) {
      for (const entry of entriesOf(task, readings[at]!))
        if (entry.hourMs >= task.range.fromMs && entry.hourMs < task.range.toMs)
          entries.push({ ...entry, pointId: task.pointId });
    }
  }
  return entries;
}

const withContext = (stretch: Stretch, { before, after }: Neighbours): Stretch => ({
  ...stretch,
  fromUs: before.at(-1)?.timeUs ?? stretch.fromUs,
  toUs: after.at(-1)?.timeUs ?? stretch.toUs,
});

/** Runs of hours of a range for which `isCounted` says no. */
function uncounted(range: HourRange, isCounted: (hour: number) => boolean): HourRange[] {
  const runs: HourRange[] = [];
  for (let hour = range.fromMs; hour < range.toMs; hour += hourMs) {
    if (isCounted(hour)) continue;
    const last = runs.at(-1);
    if (last && last.toMs === hour) last.toMs += hourMs;
    else runs.push({ deviceId: range.deviceId, fromMs: hour, toMs: hour + hourMs });
  }
  return runs;
}
