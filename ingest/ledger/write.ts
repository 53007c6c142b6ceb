import { isoOfUs } from "#domain/units.ts";
import type { PointEntry } from "./derive.ts";
import type { LedgerDevice, Sql } from "./fleet.ts";
import type { HourRange } from "./ranges.ts";

export type Written = {
  /** Entries that stand in the derived hours. */
  entries: number;
  added: number;
  changed: number;
  removed: number;
  /** Centre-hours in which an entry was added, changed or removed. */
  touched: { centreId: string; hourMs: number }[];
};

type Stored = {
  pointId: number;
  hourMs: number;
  method: string;
  energyMilliWh: string;
  coveredS: number;
  readings: number;
  firstUs: number;
  lastUs: number;
  notes: string[];
};

/** Makes the ledger of these devices and hours say what was derived, and changes nothing that says it already. */
export async function writeEntries(
  sql: Sql,
  ranges: HourRange[],
  entries: PointEntry[],
  devices: ReadonlyMap<string, LedgerDevice>,
  now: Date,
): Promise<Written> {
  const centreOf = new Map<number, string>();
  const asked = ranges.flatMap(({ deviceId, fromMs, toMs }) => {
    const device = devices.get(deviceId)!;
    return [...device.counters, ...(device.power ? [device.power] : [])].map(({ id }) => {
      centreOf.set(id, device.centreId);
      return { p: id, f: new Date(fromMs), t: new Date(toMs) };
    });
  });
  const stored = await sql<Stored[]>`
    select l.point_id as "pointId", (extract(epoch from l.hour) * 1000)::float8 as "hourMs", l.method, l.energy_milli_wh as "energyMilliWh",
      l.covered_s as "coveredS", l.readings, (extract(epoch from l.first_reading_at) * 1000000)::float8 as "firstUs",
      (extract(epoch from l.last_reading_at) * 1000000)::float8 as "lastUs", l.notes
    from jsonb_to_recordset(${JSON.stringify(asked)}::text::jsonb) as g(p int, f timestamptz, t timestamptz)
    join energy_ledger l on l.point_id = g.p and l.hour >= g.f and l.hour < g.t`;
  const keyOf = (entry: { pointId: number; hourMs: number; method: string }) =>
    `${entry.pointId} ${entry.hourMs} ${entry.method}`;
  const standing = new Map(stored.map((row) => [keyOf(row), row]));
  const derived = new Set(entries.map(keyOf));
  const added = entries.filter((entry) => !standing.has(keyOf(entry)));
  const changed = entries.filter((entry) => {
    const row = standing.get(keyOf(entry));
    return row !== undefined && !isSame(row, entry);
  });
  const removed = stored.filter((row) => !derived.has(keyOf(row)));
  if (removed.length) {
    const keys = removed.map(({ pointId, hourMs, method }) => ({ p: pointId, h: new Date(hourMs), m: method }));
    await sql`
      delete from energy_ledger l using jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as g(p int, h timestamptz, m text)
      where l.point_id = g.p and l.hour = g.h and l.method = g.m`;
  }
  if (added.length + changed.length) await upsert(sql, [...added, ...changed], now);
  const touched = new Map(
    [...added, ...changed, ...removed].map(({ pointId, hourMs }) => {
      const centreId = centreOf.get(pointId)!;
      return [`${centreId} ${hourMs}`, { centreId, hourMs }];
    }),
  );
  return {
    entries: entries.length,
    added: added.length,
    changed: changed.length,
    removed: removed.length,
    touched: [...touched.values()],
  };
}

const isSame = (row: Stored, entry: PointEntry) =>
  Number(row.energyMilliWh) === entry.energyMilliWh &&
  row.coveredS === entry.coveredS &&
  row.readings === entry.readings &&
  row.firstUs === entry.firstReadingUs &&
  row.lastUs === entry.lastReadingUs &&
  row.notes.join("\n") === entry.notes.join("\n");

async function upsert(sql: Sql, entries: PointEntry[], now: Date): Promise<void> {
  const rows = entries.map((entry) => ({
    p: entry.pointId,
    h: new Date(entry.hourMs),
    m: entry.method,
    e: entry.energyMilliWh,
    c: entry.coveredS,
    r: entry.readings,
    f: isoOfUs(entry.firstReadingUs),
    l: isoOfUs(entry.lastReadingUs),
    n: entry.notes,
  }));
  await sql`
    insert into energy_ledger (point_id, hour, method, energy_milli_wh, covered_s, readings, first_reading_at, last_reading_at, notes, derived_at)
    select p, h, m, e, c, r, f, l, array(select jsonb_array_elements_text(n)), ${now.toISOString()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g(p int, h timestamptz, m text, e bigint, c float8, r int, f timestamptz, l timestamptz, n jsonb)
    on conflict (point_id, hour, method) do update set energy_milli_wh = excluded.energy_milli_wh, covered_s = excluded.covered_s,
      readings = excluded.readings, first_reading_at = excluded.first_reading_at, last_reading_at = excluded.last_reading_at,
      notes = excluded.notes, derived_at = excluded.derived_at`;
}
