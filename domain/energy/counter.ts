import { isoOfUs } from "../units.ts";
import { HourBook, hourOfUs, hoursBetween } from "./hours.ts";
import { separateOutliers } from "./outliers.ts";
import { type Step, stepBetween } from "./step.ts";
import type { EnergyEntry, EnergyReading, LedgerMethod, MeterTraits } from "./types.ts";

/**
 * A counter's energy by hour, milliwatt-hours (telemetry.md, "Energy" 1).
 *
 * The counter's value at an hour's edge is interpolated between the two readings around it and rounded once, so that
 * the hours sum exactly to the counter's whole difference. A difference across a gap that spans hours is shared by time
 * under its own method, `counter_spread`; inside an hour it is exact and stays `counter`, and only the seconds of the gap
 * are not covered. A difference to or from an `estimated` reading is an entry of its own, never mixed with measured ones.
 */
export function counterEntries(readings: EnergyReading[], traits: MeterTraits): EnergyEntry[] {
  const { accepted, outliers } = separateOutliers(readings);
  const book = new HourBook();
  for (const { kind, before, reading } of outliers) book.note(hourOfUs(reading.timeUs), noteOf(kind, before, reading));
  for (const [at, reading] of accepted.entries()) {
    book.count(reading.timeUs, 1 + (reading.bridged ?? 0));
    if (at > 0) addStep(book, stepBetween(accepted[at - 1]!, reading, traits));
  }
  return book.entries();
}

function addStep(book: HourBook, step: Step): void {
  const { from, to, energyMilliWh, gap, lost, fault } = step;
  const us = to.timeUs - from.timeUs;
  const until = (timeUs: number) =>
    timeUs === to.timeUs ? energyMilliWh : Math.round(energyMilliWh * ((timeUs - from.timeUs) / us));
  const spansHours = to.timeUs > hourOfUs(from.timeUs) + 3_600_000_000;
  const estimated = from.quality === "estimated" || to.quality === "estimated";
  const method: LedgerMethod = estimated ? "estimated" : gap && spansHours ? "counter_spread" : "counter";
  for (const part of hoursBetween(from.timeUs, to.timeUs)) {
    if (fault && (lost || hourOfUs(to.timeUs) === part.hour)) book.note(part.hour, noteOf(fault, from, to));
    if (lost && energyMilliWh === 0) continue;
    book.add(part.hour, method, {
      energyMilliWh: until(part.toUs) - until(part.fromUs),
      coveredUs: gap || lost || estimated ? 0 : part.toUs - part.fromUs,
      firstUs: from.timeUs,
      lastUs: to.timeUs,
    });
  }
}

const noteOf = (kind: string, from: EnergyReading, to: EnergyReading) =>
  `${kind} ${isoOfUs(to.timeUs)} ${from.value}→${to.value} Wh`;
