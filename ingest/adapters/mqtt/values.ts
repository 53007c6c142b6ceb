import type { Quality } from "#db/schema/telemetry.ts";
import type { JudgedTime } from "../../pipeline/clock.ts";
import type { GpuFieldMapping } from "../../profiles/types.ts";
import { scaled } from "../modbus/registers.ts";
import { shown } from "./problems.ts";
import type { KnownPoint } from "./types.ts";

export type CheckedValue = { value: number | null; quality: Quality } | { problem: string };

/**
 * What a device sent for a point, in the point's unit. null is missing; true and false are 1 and 0; a number as text is
 * refused, since what writes "12,5" today writes "n/a" tomorrow. A value out of range is kept, and says so.
 */
export function pointValue(raw: unknown, scale: number, point: KnownPoint): CheckedValue {
  if (raw === null) return { value: null, quality: "sentinel" };
  const number = numberOf(raw);
  if (number === undefined) return { problem: `${shown(raw)} is not a number` };
  const value = scaled(number, scale);
  if (!Number.isFinite(value)) return { problem: `${shown(raw)} is beyond what a number can hold` };
  const outside =
    (point.minimum !== null && value < point.minimum) || (point.maximum !== null && value > point.maximum);
  return { value, quality: outside ? "out_of_range" : "good" };
}

/** The quality of a value whose time is in doubt, or was said to be history. */
export function doubted(quality: Quality, doubt: JudgedTime["quality"]): Quality {
  if (doubt === undefined) return quality;
  return doubt === "backfilled" && quality !== "good" ? quality : doubt;
}

/** A GPU's field in its own unit; null where it is missing or one of DCGM's blanks. */
export function gpuFieldValue(
  raw: unknown,
  { scale, blankFrom }: GpuFieldMapping,
): number | null | { problem: string } {
  if (raw === null) return null;
  const number = numberOf(raw);
  if (number === undefined) return { problem: `${shown(raw)} is not a number` };
  if (number >= blankFrom) return null;
  const value = scaled(number, scale);
  return Number.isFinite(value) ? value : { problem: `${shown(raw)} is beyond what a number can hold` };
}

const smallestBlank = 0x7ffffff0;

/** An XID; null where it is missing or blank. */
export function xidValue(raw: unknown): number | null | { problem: string } {
  if (raw === null || raw === undefined) return null;
  if (typeof raw !== "number" || !Number.isInteger(raw) || raw < 0) return { problem: `${shown(raw)} is not an XID` };
  return raw >= smallestBlank ? null : raw;
}

/** A GPU's uuid; null where it is missing. */
export function uuidValue(raw: unknown): string | null | { problem: string } {
  if (raw === null || raw === undefined || raw === "") return null;
  return typeof raw === "string" && raw.length <= 128 ? raw : { problem: `${shown(raw)} is not a uuid` };
}

export const isProblem = (value: unknown): value is { problem: string } => typeof value === "object" && value !== null;

function numberOf(raw: unknown): number | undefined {
  if (typeof raw === "boolean") return raw ? 1 : 0;
  return typeof raw === "number" ? raw : undefined;
}
