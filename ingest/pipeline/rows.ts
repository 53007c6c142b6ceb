import { getTableColumns } from "drizzle-orm";
import { gpuSample, type Quality, qualities } from "#db/schema/telemetry.ts";
import { BinaryCopy } from "./copy-binary.ts";
import { InvalidRowError } from "./errors.ts";
import { type GpuField, type GpuSampleRow, gpuFields, type ReadingRow } from "./types.ts";

export const qualityCode = Object.fromEntries(qualities.map((quality, code) => [quality, code])) as Record<
  Quality,
  number
>;

const mostInt4 = 2 ** 31 - 1;

/**
 * Readings as they may be stored. NaN and infinity are no measurement of anything: they become missing (`sentinel`), the
 * other rows stand.
 * @throws InvalidRowError for a key, time or quality that no table takes.
 */
export function checkReadings(rows: ReadingRow[]): ReadingRow[] {
  let checked = rows;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const { value } = row;
    checkFrame("reading of point", row.pointId, row);
    if (value === null || Number.isFinite(value)) continue;
    if (typeof value !== "number") throw new InvalidRowError(`reading of point ${row.pointId}: a value is a number`);
    if (checked === rows) checked = [...rows];
    checked[at] = { ...row, value: null, quality: row.quality === "clock_suspect" ? row.quality : "sentinel" };
  }
  return checked;
}

/** @throws InvalidRowError for a key, time or quality that no table takes. */
export function checkGpuSamples(rows: GpuSampleRow[]): GpuSampleRow[] {
  for (const row of rows) checkFrame("sample of GPU", row.gpuId, row);
  return rows;
}

function checkFrame(what: string, id: number, row: { timeUs: number; receivedAtUs: number; quality: Quality }): void {
  if (!Number.isInteger(id) || id < 1 || id > mostInt4) throw new InvalidRowError(`${what} ${id}: no such key`);
  if (!Number.isSafeInteger(row.timeUs) || !Number.isSafeInteger(row.receivedAtUs)) {
    throw new InvalidRowError(`${what} ${id}: times are whole microseconds, not ${row.timeUs} and ${row.receivedAtUs}`);
  }
  if (qualityCode[row.quality] === undefined) throw new InvalidRowError(`${what} ${id}: no quality "${row.quality}"`);
}

export const readingColumns = "point_id, time, received_at, value, quality";

/** Rows of `reading` for COPY; with `numbered`, preceded by their place in the batch. */
export function encodeReadings(rows: ReadingRow[], numbered = false): Buffer {
  const copy = new BinaryCopy(64 + rows.length * 60);
  for (let at = 0; at < rows.length; at++) {
    const { pointId, timeUs, receivedAtUs, value, quality } = rows[at]!;
    copy.row(numbered ? 6 : 5);
    if (numbered) copy.int4(at + 1);
    copy.int4(pointId);
    copy.timestamp(timeUs);
    copy.timestamp(receivedAtUs);
    if (value === null) copy.none();
    else copy.float8(value);
    copy.int2(qualityCode[quality]);
  }
  return copy.finish();
}

const columns = getTableColumns(gpuSample);
const gpuColumns = gpuFields.map((field) => ({
  field,
  column: columns[field].name,
  write: writers(columns[field].getSQLType()),
}));
export const gpuFieldColumns = gpuColumns.map(({ column }) => column);
export const gpuSampleColumns = ["gpu_id", "time", "received_at", "quality", ...gpuFieldColumns].join(", ");

/** Rows of `gpu_sample` for COPY; with `numbered`, preceded by their place in the batch. A value that its column cannot hold is missing. */
export function encodeGpuSamples(rows: GpuSampleRow[], numbered = false): Buffer {
  const copy = new BinaryCopy(64 + rows.length * 260);
  for (let at = 0; at < rows.length; at++) {
    const { gpuId, timeUs, receivedAtUs, quality, values } = rows[at]!;
    copy.row(gpuColumns.length + (numbered ? 5 : 4));
    if (numbered) copy.int4(at + 1);
    copy.int4(gpuId);
    copy.timestamp(timeUs);
    copy.timestamp(receivedAtUs);
    copy.int2(qualityCode[quality]);
    for (const { field, write } of gpuColumns) {
      const value = values[field];
      if (value == null || !write(copy, value)) copy.none();
    }
  }
  return copy.finish();
}

/** Writes a value of this column type; false when it does not fit. */
function writers(type: string): (copy: BinaryCopy, value: number) => boolean {
  const when = (fits: (value: number) => boolean, write: (copy: BinaryCopy, value: number) => void) => {
    return (copy: BinaryCopy, value: number) => {
      if (!fits(value)) return false;
      write(copy, value);
      return true;
    };
  };
  switch (type) {
    case "real":
      return when(fitsReal, (copy, value) => copy.float4(value));
    case "double precision":
      return when(Number.isFinite, (copy, value) => copy.float8(value));
    case "bigint":
      return when(Number.isSafeInteger, (copy, value) => copy.int8(value));
    case "smallint":
      return when(
        (value) => Number.isInteger(value) && Math.abs(value) < 2 ** 15,
        (copy, value) => copy.int2(value),
      );
    default:
      throw new TypeError(`no encoder for a column of ${type}`);
  }
}

function fitsReal(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

/** A field of a sample as its `real` column holds it; null: missing. */
export function realOf({ values }: GpuSampleRow, field: GpuField): number | null {
  const value = values[field];
  return value != null && fitsReal(value) ? value : null;
}
