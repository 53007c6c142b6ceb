import { hourMs } from "#domain/units.ts";
import type { Sql } from "./fleet.ts";

/** A dirty hour as it was read. `markedAt` is kept as text, to the microsecond: a later mark differs from it. */
export type Mark = { pointId: number; hourMs: number; markedAt: string };

/** Dirty hours, newest first: people look at the newest. The running hour only when `running`. */
export async function readMarks(sql: Sql, now: Date, running: boolean, limit: number): Promise<Mark[]> {
  const newest = running ? "infinity" : new Date(now.getTime() - hourMs).toISOString();
  return sql<Mark[]>`
    select point_id as "pointId", (extract(epoch from hour) * 1000)::float8 as "hourMs", marked_at::text as "markedAt"
    from energy_dirty_hour where hour <= ${newest}::timestamptz order by hour desc, point_id limit ${limit}`;
}

/** Takes marks away, except those that were set again since they were read. The last act of a transaction: it locks. */
export async function clearMarks(sql: Sql, marks: Mark[]): Promise<void> {
  if (marks.length === 0) return;
  const rows = marks.map(({ pointId, hourMs: hour, markedAt }) => ({ p: pointId, h: new Date(hour), m: markedAt }));
  await sql`
    delete from energy_dirty_hour d using jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g(p int, h timestamptz, m timestamptz)
    where d.point_id = g.p and d.hour = g.h and d.marked_at = g.m`;
}

export type ZoneMark = { zone: string; hourMs: number; markedAt: string };

export async function readZoneMarks(sql: Sql, limit: number): Promise<ZoneMark[]> {
  return sql<ZoneMark[]>`
    select zone, (extract(epoch from hour) * 1000)::float8 as "hourMs", marked_at::text as "markedAt"
    from zone_dirty_hour order by hour desc, zone limit ${limit}`;
}

export async function clearZoneMarks(sql: Sql, marks: ZoneMark[]): Promise<void> {
  if (marks.length === 0) return;
  const rows = marks.map(({ zone, hourMs: hour, markedAt }) => ({ z: zone, h: new Date(hour), m: markedAt }));
  await sql`
    delete from zone_dirty_hour d using jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g(z text, h timestamptz, m timestamptz)
    where d.zone = g.z and d.hour = g.h and d.marked_at = g.m`;
}
