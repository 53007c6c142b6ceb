import { qualities } from "#db/schema/telemetry.ts";
import { qualityCode } from "./rows.ts";
import type { ReadingRow } from "./types.ts";

/* A batch of readings as the spool keeps it: a version byte, then 29 bytes a row, little-endian. */

const version = 1;
const rowBytes = 29;

/** Missing (null) is kept as NaN; a value that is no number is missing, as in `checkReadings`. */
export function encodeBatch(rows: ReadingRow[]): Uint8Array {
  const bytes = new Uint8Array(1 + rows.length * rowBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = version;
  let at = 1;
  for (const { pointId, timeUs, receivedAtUs, value, quality } of rows) {
    view.setInt32(at, pointId, true);
    view.setFloat64(at + 4, timeUs, true);
    view.setFloat64(at + 12, receivedAtUs, true);
    const isKnown = value !== null && Number.isFinite(value);
    view.setFloat64(at + 20, isKnown ? value : Number.NaN, true);
    bytes[at + 28] = qualityCode[isKnown || value === null || quality === "clock_suspect" ? quality : "sentinel"];
    at += rowBytes;
  }
  return bytes;
}

/** @throws RangeError for bytes that are no batch of this version. */
export function decodeBatch(bytes: Uint8Array): ReadingRow[] {
  if (bytes[0] !== version || (bytes.length - 1) % rowBytes !== 0)
    throw new RangeError(`no batch of version ${version}: ${bytes.length} bytes, version ${bytes[0]}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: (bytes.length - 1) / rowBytes }, (_, index) => {
    const at = 1 + index * rowBytes;
    const value = view.getFloat64(at + 20, true);
    return {
      pointId: view.getInt32(at, true),
      timeUs: view.getFloat64(at + 4, true),
      receivedAtUs: view.getFloat64(at + 12, true),
      value: Number.isNaN(value) ? null : value,
      quality: qualities[bytes[at + 28]!]!,
    };
  });
}
