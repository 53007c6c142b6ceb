import type { ReadingNow } from "../../presenters/centre-devices.ts";
import type { Format } from "../../use-format.ts";

/** Digits by unit; power stays in full watts: this is the list in which a person compares with the meter's own display. */
const digits: Record<string, number> = {
  W: 0,
  VA: 0,
  V: 1,
  A: 1,
  Hz: 2,
  "%": 1,
  "°C": 1,
  L: 0,
  "L/min": 1,
  "1": 3,
};

/** A point's newest value as text, or undefined where the device gave none. Energy counters are told in kWh. */
export function readingText(reading: Pick<ReadingNow, "value" | "unit">, format: Format): string | undefined {
  const { value, unit } = reading;
  if (value === null) return undefined;
  if (unit === "Wh") return format.withUnit(value / 1_000, "kWh", 1);
  if (unit === "%") return format.percent(value / 100, 1);
  if (unit === "1") return format.number(value, 3);
  return format.withUnit(value, unit, digits[unit] ?? 2);
}
