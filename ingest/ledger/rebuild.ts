import type { Database } from "#db/client.ts";
import { floorHourMs, hourMs } from "#domain/units.ts";
import { deriveCentreHours } from "./centre-hours.ts";
import { deriveEntries } from "./derive.ts";
import { readLedgerFleet, type Sql } from "./fleet.ts";
import { awaitTurn } from "./lock.ts";
import { writeEntries } from "./write.ts";

/** Hours rebuilt in one transaction. */
const chunkMs = 12 * hourMs;

export type Rebuilt = {
  fromMs: number;
  toMs: number;
  /** Ledger entries of the period after the rebuild. */
  entries: number;
  added: number;
  changed: number;
  removed: number;
  centreHours: number;
};

/**
 * Derives every ledger hour that [from, to) touches from its readings alone, then its centre-hours. An exact ledger is
 * left as it was, and the result says so. Hours older than the oldest reading that is kept are not touched: their readings
 * are gone, the ledger is what remains of them.
 */
export async function rebuildLedger(db: Database, from: Date, to: Date, now = new Date()): Promise<Rebuilt> {
  const oldest = await oldestRebuildable(db);
  const result: Rebuilt = {
    fromMs: Math.max(floorHourMs(from.getTime()), oldest),
    toMs: Math.ceil(Math.min(to.getTime(), now.getTime() + hourMs) / hourMs) * hourMs,
    entries: 0,
    added: 0,
    changed: 0,
    removed: 0,
    centreHours: 0,
  };
  for (let start = result.fromMs; start < result.toMs; start += chunkMs) {
    const end = Math.min(start + chunkMs, result.toMs);
    await db.sql.begin(async (sql) => {
      await awaitTurn(sql);
      const fleet = await readLedgerFleet(sql);
      const devices = new Map(fleet.devices.map((device) => [device.id, device]));
      const ranges = fleet.devices.map(({ id }) => ({ deviceId: id, fromMs: start, toMs: end }));
      const derived = await deriveEntries(sql, ranges, devices, now.getTime());
      const written = await writeEntries(sql, ranges, derived, devices, now);
      const keys = await centreHoursOf(sql, start, end);
      await deriveCentreHours(sql, keys, fleet, now);
      result.entries += written.entries;
      result.added += written.added;
      result.changed += written.changed;
      result.removed += written.removed;
      result.centreHours += keys.length;
    });
  }
  return result;
}

/** Start of the first hour whose readings are all here. Retention drops whole days: then that day's first hour lacks its context. */
async function oldestRebuildable(db: Database): Promise<number> {
  const [row] = await db.sql<{ oldestMs: number | null; ledgerMs: number | null }[]>`
    select (extract(epoch from (select min(time) from reading)) * 1000)::float8 as "oldestMs",
      (extract(epoch from (select min(hour) from energy_ledger)) * 1000)::float8 as "ledgerMs"`;
  if (!row || row.oldestMs === null) return Number.POSITIVE_INFINITY;
  const hour = floorHourMs(row.oldestMs);
  return row.ledgerMs !== null && row.ledgerMs < hour ? hour + hourMs : hour;
}

async function centreHoursOf(sql: Sql, fromMs: number, toMs: number) {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  return sql<{ centreId: string; hourMs: number }[]>`
    select centre_id as "centreId", (extract(epoch from hour) * 1000)::float8 as "hourMs" from (
      select d.centre_id, l.hour from energy_ledger l join point p on p.id = l.point_id join device d on d.id = p.device_id
        where l.hour >= ${from} and l.hour < ${to}
      union select centre_id, hour from centre_hour where hour >= ${from} and hour < ${to}) h order by hour, centre_id`;
}
