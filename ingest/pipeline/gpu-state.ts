import type pg from "pg";
import { qualityCode, realOf } from "./rows.ts";
import { microseconds } from "./sql.ts";
import type { GpuSampleRow } from "./types.ts";

/**
 * Faults that a sample carries as a number which stays: each change of it is an event, also back to 0, so that one which
 * never clears is one event, and one that comes again is another.
 */
const faults: { kind: GpuEventKind; codeOf: (row: GpuSampleRow) => number | null | undefined }[] = [
  { kind: "xid", codeOf: ({ xid }) => xid },
  { kind: "ecc_double", codeOf: ({ values }) => values.eccDoubleVolatile },
  { kind: "remap_failed", codeOf: ({ values }) => values.rowsRemappedFailed },
];
/** `gpu_event.kind`. code: the XID; the count of double-bit ECC errors since the driver was loaded; 1 for a failed row remapping. */
export const gpuEventKinds = ["xid", "ecc_double", "remap_failed"] as const;
export type GpuEventKind = (typeof gpuEventKinds)[number];

const mostInt4 = 2 ** 31 - 1;
const codeOr = (code: number | null | undefined) =>
  typeof code === "number" && Number.isInteger(code) && Math.abs(code) <= mostInt4 ? code : null;

/** What follows from new GPU samples, in their transaction: fault events, the newest of each GPU, and its uuid. */
export async function noteGpuSamples(client: pg.ClientBase, rows: GpuSampleRow[]): Promise<void> {
  await addEvents(client, rows);
  const newest = new Map<number, GpuSampleRow>();
  const newestXid = new Map<number, GpuSampleRow>();
  for (const row of rows) {
    // A clock that is off says nothing of what is newest.
    if (row.quality === "clock_suspect") continue;
    if (row.timeUs >= (newest.get(row.gpuId)?.timeUs ?? -Infinity)) newest.set(row.gpuId, row);
    if (codeOr(row.xid) !== null && row.timeUs >= (newestXid.get(row.gpuId)?.timeUs ?? -Infinity)) {
      newestXid.set(row.gpuId, row);
    }
  }
  await updateNewest(client, [...newest.values()], (gpuId) => codeOr(newestXid.get(gpuId)?.xid));
  await updateUuids(client, [...newest.values()]);
}

/** An event where the code differs from the sample before, or from the last event before it; none yet counts as 0. */
async function addEvents(client: pg.ClientBase, rows: GpuSampleRow[]): Promise<void> {
  const codes = rows.flatMap((row) =>
    faults.flatMap(({ kind, codeOf }) => {
      const code = codeOr(codeOf(row));
      return code === null ? [] : [{ row, kind, code }];
    }),
  );
  if (codes.length === 0) return;
  await client.query({
    name: "hs-gpu-events",
    text: `with sent as (
        select gpu_id, ${microseconds("time_us")} as time, ${microseconds("received_us")} as received_at, kind, code
        from unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[], $5::int[]) as i(gpu_id, time_us, received_us, kind, code)
      ), faulty as (
        select distinct gpu_id, kind from gpu_event where gpu_id = any($1::int[])
        union select gpu_id, kind from sent where code <> 0
      ), candidates as (
        select *, lag(code) over (partition by gpu_id, kind order by time) as before from sent join faulty using (gpu_id, kind)
      )
      insert into gpu_event (gpu_id, time, kind, code, received_at)
      select distinct on (c.gpu_id, c.time, c.kind) c.gpu_id, c.time, c.kind, c.code, c.received_at from candidates c
      left join lateral (select e.code from gpu_event e where c.before is null and e.gpu_id = c.gpu_id and e.kind = c.kind and e.time < c.time
        order by e.time desc limit 1) last on true
      where c.code <> coalesce(c.before, last.code, 0)
      order by c.gpu_id, c.time, c.kind
      on conflict (gpu_id, time, kind) do nothing`,
    values: [
      codes.map(({ row }) => row.gpuId),
      codes.map(({ row }) => row.timeUs),
      codes.map(({ row }) => row.receivedAtUs),
      codes.map(({ kind }) => kind),
      codes.map(({ code }) => code),
    ],
  });
}

async function updateNewest(
  client: pg.ClientBase,
  rows: GpuSampleRow[],
  xidOf: (gpuId: number) => number | null,
): Promise<void> {
  if (rows.length === 0) return;
  await client.query({
    name: "hs-gpu-latest",
    text: `insert into gpu_latest as l (gpu_id, time, received_at, quality, power_w, temperature_c, utilization_percent,
        ecc_double_volatile, rows_remapped_pending, last_xid)
      select gpu_id, ${microseconds("time_us")}, ${microseconds("received_us")}, quality, power, temperature, utilization, ecc, pending, xid
      from unnest($1::int[], $2::bigint[], $3::bigint[], $4::smallint[], $5::real[], $6::real[], $7::real[], $8::float8[], $9::smallint[], $10::int[])
        as i(gpu_id, time_us, received_us, quality, power, temperature, utilization, ecc, pending, xid)
      order by gpu_id
      on conflict (gpu_id) do update set time = excluded.time, received_at = excluded.received_at, quality = excluded.quality,
        power_w = excluded.power_w, temperature_c = excluded.temperature_c, utilization_percent = excluded.utilization_percent,
        ecc_double_volatile = excluded.ecc_double_volatile, rows_remapped_pending = excluded.rows_remapped_pending,
        last_xid = coalesce(excluded.last_xid, l.last_xid)
      where excluded.time >= l.time`,
    values: [
      rows.map(({ gpuId }) => gpuId),
      rows.map(({ timeUs }) => timeUs),
      rows.map(({ receivedAtUs }) => receivedAtUs),
      rows.map(({ quality }) => qualityCode[quality]),
      rows.map((row) => realOf(row, "powerW")),
      rows.map((row) => realOf(row, "temperatureC")),
      rows.map((row) => realOf(row, "utilizationPercent")),
      rows.map(({ values }) => (Number.isFinite(values.eccDoubleVolatile) ? values.eccDoubleVolatile : null)),
      rows.map(({ values }) => smallOr(values.rowsRemappedPending)),
      rows.map(({ gpuId }) => xidOf(gpuId)),
    ],
  });
}

const smallOr = (value: number | null | undefined) =>
  typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 15 ? value : null;

/** A GPU says who it is: after an exchange the place keeps its key and gets the new uuid. */
async function updateUuids(client: pg.ClientBase, rows: GpuSampleRow[]): Promise<void> {
  const known = rows.filter(({ uuid }) => uuid);
  if (known.length === 0) return;
  await client.query({
    name: "hs-gpu-uuid",
    text: `update gpu set uuid = i.uuid from unnest($1::int[], $2::text[]) as i(id, uuid) where gpu.id = i.id and gpu.uuid <> i.uuid`,
    values: [known.map(({ gpuId }) => gpuId), known.map(({ uuid }) => uuid!.replaceAll("\0", ""))],
  });
}
