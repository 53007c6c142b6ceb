import type pg from "pg";
import { qualityCode } from "./rows.ts";
import { microseconds } from "./sql.ts";
import type { ReadingRow } from "./types.ts";

const hourUs = 3_600_000_000;

/**
 * What follows from new readings, in their transaction: the newest of each point, and the hours whose energy must be
 * derived again. Keys go in order, so that two writers never wait for each other in a circle.
 */
export async function noteReadings(client: pg.ClientBase, rows: ReadingRow[], nowMs: number): Promise<void> {
  const newest = new Map<number, ReadingRow>();
  const hours = new Map<number, number[]>();
  for (const row of rows) {
    const { pointId, timeUs } = row;
    const before = newest.get(pointId);
    if (!before || timeUs >= before.timeUs) newest.set(pointId, row);
    const hour = Math.floor(timeUs / hourUs);
    const marked = hours.get(pointId);
    if (!marked) hours.set(pointId, [hour]);
    else if (marked.at(-1) !== hour && !marked.includes(hour)) marked.push(hour);
  }
  await updateNewest(client, [...newest.values()]);
  await markDirty(client, hours, nowMs);
}

/** Of two values of one instant the later word stands, as in `reading`. */
async function updateNewest(client: pg.ClientBase, rows: ReadingRow[]): Promise<void> {
  await client.query({
    name: "hs-point-latest",
    text: `insert into point_latest as l (point_id, time, received_at, value, quality)
      select point_id, ${microseconds("time_us")}, ${microseconds("received_us")}, value, quality
      from unnest($1::int[], $2::bigint[], $3::bigint[], $4::float8[], $5::smallint[]) as i(point_id, time_us, received_us, value, quality)
      order by point_id
      on conflict (point_id) do update set time = excluded.time, received_at = excluded.received_at, value = excluded.value, quality = excluded.quality
      where excluded.time > l.time or (excluded.time = l.time and excluded.value is distinct from l.value)`,
    values: [
      rows.map(({ pointId }) => pointId),
      rows.map(({ timeUs }) => timeUs),
      rows.map(({ receivedAtUs }) => receivedAtUs),
      rows.map(({ value }) => value),
      rows.map(({ quality }) => qualityCode[quality]),
    ],
  });
}

/**
 * Marks hours of points that count energy. A mark moves forward each time, by a whole millisecond at least: a ledger that
 * deletes the mark which it read, by its time, never deletes one that came meanwhile.
 */
async function markDirty(client: pg.ClientBase, hours: Map<number, number[]>, nowMs: number): Promise<void> {
  const points: number[] = [];
  const starts: number[] = [];
  for (const [pointId, marked] of hours) {
    for (const hour of marked) {
      points.push(pointId);
      starts.push(hour * hourUs);
    }
  }
  await client.query({
    name: "hs-dirty-hours",
    text: `insert into energy_dirty_hour as d (point_id, hour, marked_at)
      select i.point_id, ${microseconds("i.hour_us")}, ${microseconds("$3")}
      from unnest($1::int[], $2::bigint[]) as i(point_id, hour_us) join point p on p.id = i.point_id
      where p.quantity like 'energy%' or p.quantity = 'activePower'
      order by i.point_id, i.hour_us
      on conflict (point_id, hour) do update set marked_at = greatest(excluded.marked_at, d.marked_at + interval '1 millisecond')`,
    values: [points, starts, Math.floor(nowMs) * 1_000],
  });
}

/** Keeps readings of a device whose clock is off beside the others, with both times; a repetition is a no-op. */
export async function keepSuspects(client: pg.ClientBase, rows: ReadingRow[]): Promise<void> {
  await client.query(
    `insert into reading_clock_suspect (point_id, device_time, received_at, value)
     select point_id, ${microseconds("time_us")}, ${microseconds("received_us")}, value
     from unnest($1::int[], $2::bigint[], $3::bigint[], $4::float8[]) as i(point_id, time_us, received_us, value)
     on conflict (point_id, device_time) do nothing`,
    [
      rows.map(({ pointId }) => pointId),
      rows.map(({ timeUs }) => timeUs),
      rows.map(({ receivedAtUs }) => receivedAtUs),
      rows.map(({ value }) => value),
    ],
  );
}
