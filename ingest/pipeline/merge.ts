import type pg from "pg";
import { copyInto } from "./copy-into.ts";
import { encodeGpuSamples, encodeReadings, gpuFieldColumns, gpuSampleColumns, readingColumns } from "./rows.ts";
import { microseconds } from "./sql.ts";
import type { GpuSampleRow, ReadingRow } from "./types.ts";

/*
 * The slow way in, taken when plain COPY met a key that is there already: by a temporary table, so that a repetition is
 * a no-op and a different value is a correction.
 */

export type Merged = {
  /** New keys. */
  inserted: number;
  /** Values that gave way to a different one. */
  corrected: number;
};

/**
 * Adds readings, some of which may be there already, also within `rows`. The later of two different values of one key
 * stands, the earlier goes to reading_correction.
 */
export async function mergeReadings(client: pg.ClientBase, rows: ReadingRow[], nowUs: number): Promise<Merged> {
  await client.query(`create temporary table if not exists hs_incoming_reading (seq integer, point_id integer, time timestamptz,
    received_at timestamptz, value double precision, quality smallint) on commit delete rows`);
  await copyInto(client, "hs_incoming_reading", `seq, ${readingColumns}`, encodeReadings(rows, true));
  const inserted = await client.query(`
    insert into reading (${readingColumns})
    select distinct on (point_id, time) ${readingColumns} from hs_incoming_reading order by point_id, time, seq
    on conflict (point_id, time) do nothing`);
  if (inserted.rowCount === rows.length) return { inserted: rows.length, corrected: 0 };
  // The temporary table has no statistics: nothing may tempt the planner to read all of `reading`.
  await client.query("set local enable_hashjoin = off; set local enable_mergejoin = off");
  // A key's chain: what stood (or was just written), then what came, in order of arrival; only changes of value count.
  const corrected = await client.query(
    `with stood as (
      select r.*, 0 as seq from (select distinct point_id, time from hs_incoming_reading) k
      cross join lateral (select ${readingColumns} from reading r where r.point_id = k.point_id and r.time = k.time offset 0) r
    ), chain as (
      select *, lag(value) over key as before, row_number() over key = 1 as first
      from (select * from stood union all select ${readingColumns}, seq from hs_incoming_reading) all_rows
      window key as (partition by point_id, time order by seq)
    ), steps as (
      select *, lag(value) over key as previous_value, lag(quality) over key as previous_quality,
        lag(received_at) over key as previous_received_at, lead(seq) over key is null as last
      from chain where first or value is distinct from before
      window key as (partition by point_id, time order by seq)
    ), standing as (
      update reading r set value = s.value, quality = s.quality, received_at = s.received_at
      from steps s where s.last and not s.first and r.point_id = s.point_id and r.time = s.time
        and r.time >= ${microseconds("$1")} and r.time <= ${microseconds("$2")}
    )
    insert into reading_correction (point_id, time, previous_value, previous_quality, previous_received_at, corrected_at)
    select point_id, time, previous_value, previous_quality, previous_received_at, ${microseconds("$3")}
    from steps where not first order by point_id, time, seq`,
    [smallest(rows), largest(rows), nowUs],
  );
  return { inserted: inserted.rowCount ?? 0, corrected: corrected.rowCount ?? 0 };
}

/** Adds GPU samples, some of which may be there already; the newest word on a key stands, without a history. */
export async function mergeGpuSamples(client: pg.ClientBase, rows: GpuSampleRow[]): Promise<Merged> {
  await client.query(
    `create temporary table if not exists hs_incoming_gpu (seq integer, like gpu_sample) on commit delete rows`,
  );
  await copyInto(client, "hs_incoming_gpu", `seq, ${gpuSampleColumns}`, encodeGpuSamples(rows, true));
  const list = (of: (column: string) => string) => gpuFieldColumns.map(of).join(", ");
  const written = await client.query(`
    insert into gpu_sample as s (${gpuSampleColumns})
    select distinct on (gpu_id, time) ${gpuSampleColumns} from hs_incoming_gpu order by gpu_id, time, seq desc
    on conflict (gpu_id, time) do update set (received_at, quality, ${list((column) => column)})
      = (excluded.received_at, excluded.quality, ${list((column) => `excluded.${column}`)})
    where (${list((column) => `s.${column}`)}) is distinct from (${list((column) => `excluded.${column}`)})`);
  return { inserted: written.rowCount ?? 0, corrected: 0 };
}

const smallest = (rows: ReadingRow[]) => rows.reduce((least, { timeUs }) => Math.min(least, timeUs), Infinity);
const largest = (rows: ReadingRow[]) => rows.reduce((most, { timeUs }) => Math.max(most, timeUs), -Infinity);
