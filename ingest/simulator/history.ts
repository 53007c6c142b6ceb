import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import { channels } from "#db/notify.ts";
import type { ReadingRow, Sink } from "../pipeline/types.ts";
import type { OutlookFeed } from "./outlook-feed.ts";
import { dayMs, hourMs } from "./physics/units.ts";
import type { PlanCentre, PlanDevice } from "./plan.ts";
import type { HourLine } from "./simulation.ts";
import { type DeviceImage, deviceImage } from "./wires/modbus-image.ts";

export type HistoryOptions = {
  db: Database;
  writer: Pick<Sink, "readings">;
  feed: OutlookFeed;
  plan: PlanCentre[];
  /** Hours of the made-up past, oldest first. */
  lines: HourLine[];
  clock: () => number;
  log: Logger;
  stopped: () => boolean;
};

const taskId = "history";
/** A breath between two days, so that live readings never wait behind the past. */
const pauseMs = 40;

/** Whether the past still has to be written. */
export async function historyIsDue({ sql }: Database): Promise<boolean> {
  const [row] = await sql<{ status: string }[]>`select status from task_progress where id = ${taskId}`;
  return row?.status !== "done";
}

/**
 * Writes the past a day at a time, the newest first: zone series and forecasts, then what each meter showed at the start of
 * every hour, as it would have come over the wire. Taken up again where a kill left it; a day written twice is a no-op.
 */
export async function writeHistory(options: HistoryOptions): Promise<void> {
  const { db, writer, feed, lines, clock, log, stopped } = options;
  const toRows = await rowMaker(options);
  const days = byDay(lines);
  let done = await beginTask(db, days.length, clock());
  const startedMs = clock();
  let rows = 0;
  for (const day of days.slice(done)) {
    if (stopped()) return;
    await feed.writePast(day[0]!.hourMs, day.at(-1)!.hourMs + hourMs);
    const readings = toRows(day, clock() * 1_000);
    await writer.readings(readings);
    rows += readings.length;
    done++;
    await progress(db, done, days.length, clock());
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await progress(db, done, days.length, clock());
  log.info({ days: days.length, rows, seconds: (clock() - startedMs) / 1_000 }, "history written");
}

/** Groups of the hours of a UTC day, newest day first, hours in order. */
function byDay(lines: HourLine[]): HourLine[][] {
  const days = new Map<number, HourLine[]>();
  for (const line of lines) {
    const day = Math.floor(line.hourMs / dayMs);
    const group = days.get(day);
    if (group) group.push(line);
    else days.set(day, [line]);
  }
  return [...days].sort(([a], [b]) => b - a).map(([, group]) => group);
}

const gauges = new Set(["activePower", "stateOfCharge", "wetBulbTemperature", "outdoorTemperature"]);

async function rowMaker({
  db,
  plan,
}: HistoryOptions): Promise<(lines: HourLine[], receivedAtUs: number) => ReadingRow[]> {
  const devices = plan.flatMap((centre) => centre.devices);
  const points = await db.sql<{ id: number; deviceId: string; name: string; quantity: string; kind: string }[]>`
    select id, device_id as "deviceId", name, quantity, kind from point
    where retired_at is null and device_id = any(${devices.map((device) => device.id)})`;
  const shown = points.filter((point) => point.kind === "counter" || gauges.has(point.quantity));
  const wires = new Map(devices.map((device) => [device.id, wireOf(device)]));
  return (lines, receivedAtUs) =>
    lines.flatMap(({ hourMs: timeMs, values }) => {
      const onWire = new Map<string, Record<string, number | null>>();
      for (const [id, image] of wires) {
        const given = values[id];
        if (!given) continue;
        if (!image) onWire.set(id, given);
        else {
          image.update(given);
          onWire.set(id, image.readBack());
        }
      }
      return shown.flatMap((point): ReadingRow[] => {
        const value = onWire.get(point.deviceId)?.[point.name];
        if (value === undefined || value === null) return [];
        return [{ pointId: point.id, timeUs: timeMs * 1_000, receivedAtUs, value, quality: "backfilled" }];
      });
    });
}

/** A Modbus meter shows what its registers can say: the past must join the present without a step. */
const wireOf = (device: PlanDevice): DeviceImage | undefined =>
  device.protocol === "modbus-tcp" ? deviceImage(device.profile, device.ratedPowerW) : undefined;

/** @returns how many days an earlier process has written already. */
async function beginTask({ sql }: Database, total: number, nowMs: number): Promise<number> {
  const now = new Date(nowMs).toISOString();
  const [row] = await sql<{ done: number }[]>`
    insert into task_progress (id, kind, done, total, status, started_at, updated_at)
    values (${taskId}, 'history', 0, ${total}, 'running', ${now}, ${now})
    on conflict (id) do update set status = 'running', total = excluded.total, updated_at = excluded.updated_at,
      done = case when task_progress.total = excluded.total then task_progress.done else 0 end
    returning done`;
  return row!.done;
}

async function progress(db: Database, done: number, total: number, nowMs: number): Promise<void> {
  const status = done >= total ? "done" : "running";
  await db.sql`update task_progress set done = ${done}, status = ${status}, updated_at = ${new Date(nowMs).toISOString()} where id = ${taskId}`;
  await db.notify(channels.progress, { taskId });
}
