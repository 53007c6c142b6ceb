import { hourMs } from "../units.ts";
import { countedQuantities, type EnergyRole } from "./roles.ts";
import type { MeteredEnergy } from "./types.ts";

/** One energy point of a meter in one hour. */
export type PointHour = {
  quantity: string;
  entries: MeteredEnergy[];
  /** Newest reading that gave energy up to the end of the hour; null: none ever. */
  lastHeardMs: number | null;
};

/** One meter in one hour. */
export type MeterHour = {
  deviceId: string;
  role: EnergyRole;
  supply: string | null;
  simulated: boolean;
  intervalS: number;
  /** false: it may be missing (taken out of service within the hour). */
  required: boolean;
  points: PointHour[];
};

/** What a meter says of the hour. */
export type MeterReadout = {
  meter: MeterHour;
  /** Milliwatt-hours by quantity; `activePower` is signed. Only what has energy in the hour. */
  energy: Record<string, number>;
  /** Period of the hour in which its energy is known; null: no energy at all. */
  known: { fromMs: number; toMs: number; seconds: number } | null;
  coveredS: number;
  /** Part of the energy whose place in time, or whose size, is estimated. */
  estimatedMilliWh: number;
  totalMilliWh: number;
  lastHeardMs: number | null;
};

/** A counter that lost something knows only what was measured; else it knows everything between its readings. */
const lossy = /^(reset|jump) /;

/**
 * Reads a meter's hour. Its counters count; where none of them has energy in the hour, its integrated power does. A
 * counter that the device has but has never given anything is one that it does not implement, and is not waited for.
 */
export function readMeter(meter: MeterHour, hour: number): MeterReadout {
  const has = meter.points.map(({ quantity }) => quantity);
  const wanted = countedQuantities(meter.role, has);
  const counters = meter.points.filter(({ quantity }) => wanted.includes(quantity));
  const counted = counters.some(({ entries }) => entries.length > 0);
  const used = (counted ? counters : meter.points.filter(({ quantity }) => quantity === "activePower")).filter(
    ({ entries, lastHeardMs }) => !counted || entries.length > 0 || lastHeardMs !== null,
  );
  const spans = used.map(({ entries }) => spanOf(entries, hour));
  const present = spans.filter((span) => span !== null);
  const complete = present.length > 0 && present.length === spans.length;
  const heard = meter.points.map(({ lastHeardMs }) => lastHeardMs).filter((ms) => ms !== null);
  const entries = used.flatMap((point) => point.entries);
  const sum = (of: MeteredEnergy[]) => of.reduce((all, { energyMilliWh }) => all + Math.abs(energyMilliWh), 0);
  return {
    meter,
    energy: Object.fromEntries(
      used
        .filter((point) => point.entries.length > 0)
        .map((point) => [point.quantity, point.entries.reduce((all, { energyMilliWh }) => all + energyMilliWh, 0)]),
    ),
    known: complete
      ? {
          fromMs: Math.max(...present.map(({ fromMs }) => fromMs)),
          toMs: Math.min(...present.map(({ toMs }) => toMs)),
          seconds: Math.min(...present.map(({ seconds }) => seconds)),
        }
      : null,
    coveredS: used.length
      ? Math.min(...used.map((point) => point.entries.reduce((all, { coveredS }) => all + coveredS, 0)))
      : 0,
    estimatedMilliWh: sum(entries.filter(({ method }) => method === "estimated" || method === "counter_spread")),
    totalMilliWh: sum(entries),
    lastHeardMs: heard.length ? Math.max(...heard) : null,
  };
}

function spanOf(entries: MeteredEnergy[], hour: number) {
  if (entries.length === 0) return null;
  const fromMs = Math.max(hour, Math.min(...entries.map(({ firstReadingMs }) => firstReadingMs)));
  const toMs = Math.min(hour + hourMs, Math.max(...entries.map(({ lastReadingMs }) => lastReadingMs)));
  const measured = entries.reduce((all, { coveredS }) => all + coveredS, 0);
  const whole = entries.every(
    ({ method, notes }) => method !== "integrated" && !notes.some((note) => lossy.test(note)),
  );
  return { fromMs, toMs, seconds: whole ? (toMs - fromMs) / 1_000 : measured };
}
