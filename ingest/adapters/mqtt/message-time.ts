import type { TimeMapping } from "../../profiles/types.ts";
import { shown } from "./problems.ts";

export type MessageTime = { timeUs: number } | { problem: string };

const digits = /^\d{1,20}$/;
const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)? ?(Z|z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * The time that a message says, in microseconds since 1970. Digits may stand in text, since nanoseconds do not fit a JSON
 * number. ISO 8601 without a zone is UTC. Finer times are rounded.
 */
export function messageTime(raw: unknown, format: TimeMapping["format"]): MessageTime {
  const us = format === "iso" ? isoUs(raw) : (numberUs(raw, format) ?? (format === "auto" ? isoUs(raw) : undefined));
  if (us === undefined) return { problem: `${shown(raw)} is not a time (${format})` };
  const timeUs = Math.round(us);
  return timeUs >= 0 && Number.isSafeInteger(timeUs) ? { timeUs } : { problem: `${shown(raw)} is no time of this age` };
}

const usIn = { s: 1_000_000, ms: 1_000, us: 1 } as const;

function numberUs(raw: unknown, format: Exclude<TimeMapping["format"], "iso">): number | undefined {
  const isText = typeof raw === "string";
  if (isText ? !digits.test(raw) : typeof raw !== "number") return undefined;
  const number = Number(raw);
  const unit = format === "auto" ? unitOf(number) : format;
  if (unit !== "ns") return number * usIn[unit];
  return isText ? Number((BigInt(raw as string) + 500n) / 1_000n) : number / 1_000;
}

/** Seconds until the year 5138, milliseconds from 1973, microseconds from 1973, nanoseconds from 1973. */
function unitOf(number: number): "s" | "ms" | "us" | "ns" {
  if (number < 1e11) return "s";
  if (number < 1e14) return "ms";
  return number < 1e17 ? "us" : "ns";
}

function isoUs(raw: unknown): number | undefined {
  const match = typeof raw === "string" ? isoPattern.exec(raw) : null;
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = "0", fraction = "", zone = "Z"] = match;
  const [mo, d, h, mi, s] = [month, day, hour, minute, second].map(Number) as [number, number, number, number, number];
  const ms = Date.UTC(Number(year), mo - 1, d, h, mi, s);
  // Date.UTC takes the year 71 for 1971.
  if (Number(year) < 1970) return undefined;
  // Date.UTC carries the 31st of February over into March; a leap second it may.
  if (
    new Date(Date.UTC(Number(year), mo - 1, d)).getUTCDate() !== d ||
    mo < 1 ||
    mo > 12 ||
    h > 24 ||
    mi > 59 ||
    s > 60
  ) {
    return undefined;
  }
  return ms * 1_000 + Number(`0.${fraction || "0"}`) * 1e6 - zoneMinutes(zone) * 60e6;
}

function zoneMinutes(zone: string): number {
  if (zone === "Z" || zone === "z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(":", "") || "0")];
  return (zone[0] === "-" ? -1 : 1) * (hours * 60 + minutes);
}
