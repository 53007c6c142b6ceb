import type { Database } from "../client.ts";
import { type Quality, qualities } from "../schema/telemetry.ts";

/** A measured series and where it stands. */
export type PointRow = {
  pointId: number;
  point: string;
  quantity: string;
  unit: string;
  kind: "gauge" | "counter" | "state";
  deviceId: string;
  deviceRole: string;
  rackId: string | null;
  centreId: string;
  simulated: boolean;
};
/** Times are ISO 8601 UTC with microseconds, as kept. */
export type LatestRow = PointRow & {
  value: number | null;
  quality: Quality | null;
  time: string | null;
  receivedAt: string | null;
};
export type ReadingRow = { time: string; receivedAt: string; value: number | null; quality: Quality };

const named = (code: number): Quality => qualities[code] ?? "clock_suspect";

/** Points of a centre in the order of their ids, each with its newest reading; `after`: the last id of the page before. */
export async function latestReadings(
  db: Database,
  centreId: string,
  page: { after: number; limit: number },
): Promise<LatestRow[]> {
  const rows = await db.sql<(Omit<LatestRow, "quality"> & { quality: number | null })[]>`
    select p.id as "pointId", p.name as point, p.quantity, p.unit, p.kind, d.id as "deviceId", d.role as "deviceRole", d.rack_id as "rackId",
      d.centre_id as "centreId", d.simulated, l.value, l.quality, ${isoText(db, "l.time")} as time, ${isoText(db, "l.received_at")} as "receivedAt"
    from point p join device d on d.id = p.device_id left join point_latest l on l.point_id = p.id
    where d.centre_id = ${centreId} and d.retired_at is null and p.retired_at is null and p.id > ${page.after}
    order by p.id limit ${page.limit}`;
  return rows.map((row) => ({ ...row, quality: row.quality === null ? null : named(row.quality) }));
}

/** A point, also a retired one: its history stays. */
export async function findPoint(db: Database, pointId: number): Promise<PointRow | undefined> {
  const [row] = await db.sql<PointRow[]>`
    select p.id as "pointId", p.name as point, p.quantity, p.unit, p.kind, d.id as "deviceId", d.role as "deviceRole", d.rack_id as "rackId",
      d.centre_id as "centreId", d.simulated
    from point p join device d on d.id = p.device_id where p.id = ${pointId}`;
  return row;
}

/** Readings of a point over [from, to), oldest first; `after`: the last time of the page before. */
export async function pointReadings(
  db: Database,
  pointId: number,
  range: { from: Date; to: Date; after?: string; limit: number },
): Promise<ReadingRow[]> {
  const rows = await db.sql<(Omit<ReadingRow, "quality"> & { quality: number })[]>`
    select ${isoText(db, "time")} as time, ${isoText(db, "received_at")} as "receivedAt", value, quality from reading
    where point_id = ${pointId} and time >= ${range.from.toISOString()} and time < ${range.to.toISOString()}
      ${range.after === undefined ? db.sql`` : db.sql`and time > ${range.after}::timestamptz`}
    order by time limit ${range.limit}`;
  return rows.map((row) => ({ ...row, quality: named(row.quality) }));
}

const isoText = (db: Database, column: "l.time" | "l.received_at" | "time" | "received_at") =>
  db.sql.unsafe(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
