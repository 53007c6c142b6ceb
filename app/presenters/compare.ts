import { coverageLimit } from "#domain/report/coverage-limit.ts";
import type { HoursSummary } from "./hours.ts";

/** A figure against the period before: by how much it changed, or of how few hours the period before is known. */
export type Change = { by: number } | { known: number; of: number };
export type Compared = "pue" | "cleanShare";

/**
 * Change of a ratio against the period before. Hours differ in load, weather and grid: unless at least 95 % of the earlier
 * period's hours can say, the two are not the same thing and no change is given. null: there is no figure now.
 */
export function changeOf(figure: Compared, now: HoursSummary, before: HoursSummary): Change | null {
  const [value, earlier] = [now[figure], before[figure]];
  if (value === null) return null;
  const known = figure === "pue" ? before.pueHours : before.cleanHours;
  if (earlier === null || known < coverageLimit * before.expectedHours) return { known, of: before.expectedHours };
  return { by: value - earlier };
}
