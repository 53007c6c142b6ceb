import type { Database } from "#db/client.ts";
import { hourMs } from "#domain/units.ts";
import { type CentreHourKey, deriveCentreHours, settleMs } from "./centre-hours.ts";
import { deriveEntries } from "./derive.ts";
import { type LedgerDevice, type LedgerFleet, readLedgerFleet, type Sql } from "./fleet.ts";
import { takeTurn } from "./lock.ts";
import { clearMarks, clearZoneMarks, readMarks, readZoneMarks } from "./marks.ts";
import { rangesOf } from "./ranges.ts";
import { type Beginnings, widen } from "./widen.ts";
import { writeEntries } from "./write.ts";

/** Dirty hours taken in one pass: some hundred milliseconds of work, then others get their turn. */
const marksPerPass = 4_000;
const zoneMarksPerPass = 200;
/** How far back hours without any reading are noticed. */
const lookBackMs = 48 * hourMs;

/** What a worker remembers between passes. None of it is needed to be right: losing it costs a little work. */
export type PassMemory = {
  beginnings: Beginnings;
  runningAtMs: number;
  settledAtMs: number;
  /** Earliest hour changed since the last sweep, by centre: later silent meters are "silent since" another moment. */
  changedFrom: Map<string, number>;
};
export const newPassMemory = (): PassMemory => ({
  beginnings: new Map(),
  runningAtMs: Number.NEGATIVE_INFINITY,
  settledAtMs: Number.NEGATIVE_INFINITY,
  changedFrom: new Map(),
});

export type PassResult = {
  /** false: another worker was at it. */
  ran: boolean;
  /** There is more to do at once. */
  more: boolean;
  entries: number;
  centreIds: string[];
};
const idle: PassResult = { ran: false, more: false, entries: 0, centreIds: [] };

export type PassOptions = {
  /** The running hour is derived at most this often. */
  runningEveryMs: number;
};

/**
 * One pass: dirty hours → ledger entries → centre-hours, in one transaction and by one worker at a time. Marks that were
 * set again while it worked stay.
 */
export async function ledgerPass(
  db: Database,
  memory: PassMemory,
  nowMs: number,
  { runningEveryMs }: PassOptions,
): Promise<PassResult> {
  const now = new Date(nowMs);
  const running = nowMs - memory.runningAtMs >= runningEveryMs;
  const settle = nowMs - memory.settledAtMs >= 30_000;
  const [waiting] = await db.sql<{ marks: boolean; zones: boolean }[]>`
    select exists (select 1 from energy_dirty_hour where hour <= ${running ? "infinity" : new Date(nowMs - hourMs).toISOString()}::timestamptz) as marks,
      exists (select 1 from zone_dirty_hour) as zones`;
  if (!waiting?.marks && !waiting?.zones && !settle) return { ...idle, ran: true };
  let commit = () => {};
  const result = await db.sql.begin(async (sql): Promise<PassResult> => {
    if (!(await takeTurn(sql))) return idle;
    const fleet = await readLedgerFleet(sql);
    const marks = await readMarks(sql, now, running, marksPerPass);
    const derived = await deriveMarked(sql, marks, fleet, memory.beginnings, now);
    const full = marks.length === marksPerPass;
    const zones = full ? [] : await readZoneMarks(sql, zoneMarksPerPass);
    const keys = new Map<string, CentreHourKey>();
    const add = (more: CentreHourKey[]) => {
      for (const key of more) keys.set(`${key.centreId} ${key.hourMs}`, key);
    };
    add(derived.touched);
    add(await knownHoursOfZones(sql, zones));
    const changedFrom = new Map(memory.changedFrom);
    for (const { centreId, hourMs: hour } of derived.touched)
      changedFrom.set(centreId, Math.min(hour, changedFrom.get(centreId) ?? hour));
    if (!full) add(await silentHoursAfter(sql, changedFrom));
    if (settle && !full) add(await hoursToSettle(sql, now));
    await deriveCentreHours(sql, [...keys.values()], fleet, now);
    await clearZoneMarks(sql, zones);
    await clearMarks(sql, marks);
    commit = () => {
      derived.remember();
      memory.changedFrom = full ? changedFrom : new Map();
      if (running && !full) memory.runningAtMs = nowMs;
      if (settle && !full) memory.settledAtMs = nowMs;
    };
    return {
      ran: true,
      more: full || zones.length === zoneMarksPerPass,
      entries: derived.entries,
      centreIds: [...new Set([...keys.values()].map(({ centreId }) => centreId))].sort(),
    };
  });
  commit();
  return result;
}

async function deriveMarked(
  sql: Sql,
  marks: { pointId: number; hourMs: number }[],
  fleet: LedgerFleet,
  beginnings: Beginnings,
  now: Date,
) {
  const devices = new Map<string, LedgerDevice>(fleet.devices.map((device) => [device.id, device]));
  const dirty = marks.flatMap(({ pointId, hourMs: hour }) => {
    const device = fleet.deviceOfPoint.get(pointId);
    return device ? [{ deviceId: device.id, hourMs: hour }] : [];
  });
  if (dirty.length === 0) return { touched: [], entries: 0, remember: () => {} };
  const { ranges, remember } = await widen(sql, rangesOf(dirty), devices, beginnings, now.getTime());
  const entries = await deriveEntries(sql, ranges, devices, now.getTime());
  const { touched } = await writeEntries(sql, ranges, entries, devices, now);
  return { touched, entries: entries.length, remember };
}

/** Centre-hours that exist already: those to come will read the zone's values themselves. */
async function knownHoursOfZones(sql: Sql, zones: { zone: string; hourMs: number }[]): Promise<CentreHourKey[]> {
  if (zones.length === 0) return [];
  const rows = zones.map(({ zone, hourMs: hour }) => ({ z: zone, h: new Date(hour) }));
  return sql<CentreHourKey[]>`
    select h.centre_id as "centreId", (extract(epoch from h.hour) * 1000)::float8 as "hourMs"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g(z text, h timestamptz)
    join centre c on c.grid_zone = g.z join centre_hour h on h.centre_id = c.id and h.hour = g.h`;
}

async function silentHoursAfter(sql: Sql, from: Map<string, number>): Promise<CentreHourKey[]> {
  if (from.size === 0) return [];
  const rows = [...from].map(([c, hour]) => ({ c, h: new Date(hour) }));
  return sql<CentreHourKey[]>`
    select h.centre_id as "centreId", (extract(epoch from h.hour) * 1000)::float8 as "hourMs"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g(c text, h timestamptz)
    join centre_hour h on h.centre_id = g.c and h.hour > g.h and h.not_computable is not null`;
}

/** Hours that ended since they were derived, and hours in which a centre that was heard before said nothing at all. */
async function hoursToSettle(sql: Sql, now: Date): Promise<CentreHourKey[]> {
  const first = new Date(Math.floor((now.getTime() - lookBackMs) / hourMs) * hourMs).toISOString();
  const last = new Date(now.getTime() - hourMs - settleMs).toISOString();
  return sql<CentreHourKey[]>`
    select c.id as "centreId", (extract(epoch from s.hour) * 1000)::float8 as "hourMs"
    from centre c cross join generate_series(${first}::timestamptz, ${last}::timestamptz, interval '1 hour') as s(hour)
    left join centre_hour h on h.centre_id = c.id and h.hour = s.hour
    where c.retired_at is null and case when h.hour is null
      then exists (select 1 from centre_hour e where e.centre_id = c.id and e.hour < s.hour)
      else h.derived_at < s.hour + make_interval(secs => ${(hourMs + settleMs) / 1_000}) end`;
}
