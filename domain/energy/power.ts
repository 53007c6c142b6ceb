import { gapLimitUs } from "./gap.ts";
import { HourBook, hoursBetween } from "./hours.ts";
import type { EnergyEntry, EnergyReading, MeterTraits } from "./types.ts";

/**
 * Energy by hour of a meter that has no counter: the trapezoid under its power readings (W), only across gaps of at most
 * three intervals (telemetry.md, "Energy" 2). Beyond them nothing is invented, whatever the readings' quality: the hour
 * carries its coverage. Signed as the power is. Rounded once an hour: off by at most half a milliwatt-hour each.
 */
export function powerEntries(readings: EnergyReading[], traits: Pick<MeterTraits, "intervalS">): EnergyEntry[] {
  const book = new HourBook();
  const limitUs = gapLimitUs(traits.intervalS);
  for (const [at, to] of readings.entries()) {
    book.count(to.timeUs, 1);
    const from = readings[at - 1];
    if (!from || to.timeUs - from.timeUs > limitUs) continue;
    const slope = (to.value - from.value) / (to.timeUs - from.timeUs);
    const powerAt = (timeUs: number) => from.value + slope * (timeUs - from.timeUs);
    const estimated = from.quality === "estimated" || to.quality === "estimated";
    for (const part of hoursBetween(from.timeUs, to.timeUs)) {
      const us = part.toUs - part.fromUs;
      book.add(part.hour, estimated ? "estimated" : "integrated", {
        // W · µs ÷ 3.6e6 = mWh
        energyMilliWh: (((powerAt(part.fromUs) + powerAt(part.toUs)) / 2) * us) / 3.6e6,
        coveredUs: estimated ? 0 : us,
        firstUs: from.timeUs,
        lastUs: to.timeUs,
      });
    }
  }
  return book.entries();
}
