import type { HourRow } from "#db/queries/fleet.ts";
import type { Format } from "../use-format.ts";
import { type Mix, sourcesOf } from "./power-now.ts";

export const hourMs = 3_600_000;
export const floorHour = (atMs: number) => Math.floor(atMs / hourMs) * hourMs;

/** Sums of derived hours. Ratios are ratios of sums, never means of ratios. null: nothing to compute from. */
export type HoursSummary = {
  pue: number | null;
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  cleanShare: number | null;
  /** gCO₂e per kWh of facility energy. */
  locationGPerKwh: number | null;
  contractGPerKwh: number | null;
  usdPerMwh: number | null;
  /** Share of the expected energy-hours that were measured. */
  coverage: number;
  estimatedShare: number;
  hours: number;
  /** Hours that stand in `pue` and in `cleanShare`. */
  pueHours: number;
  cleanHours: number;
  expectedHours: number;
};

type Needed = "facilityMilliWh" | "itMilliWh" | "cleanShare" | "carbonLocationG" | "carbonContractG" | "costMicroUsd";

/** Sums a column and the facility energy over the hours in which both are known. */
function weighted(rows: HourRow[], column: Needed): { sum: number; facility: number } | null {
  const known = rows.filter((row) => row[column] !== null && row.facilityMilliWh !== null);
  if (known.length === 0) return null;
  return {
    sum: known.reduce(
      (sum, row) => sum + (row[column] as number) * (column === "cleanShare" ? (row.facilityMilliWh as number) : 1),
      0,
    ),
    facility: known.reduce((sum, row) => sum + (row.facilityMilliWh as number), 0),
  };
}

/** `expectedHours`: how many centre-hours the window holds. */
export function summarise(rows: HourRow[], expectedHours: number): HoursSummary {
  const per = (column: Needed, factor: number) => {
    const part = weighted(rows, column);
    return part && part.facility > 0 ? (part.sum / part.facility) * factor : null;
  };
  const withIt = weighted(rows, "itMilliWh");
  const sumOf = (column: "facilityMilliWh" | "itMilliWh") => {
    const known = rows.filter((row) => row[column] !== null);
    return known.length ? known.reduce((sum, row) => sum + (row[column] as number), 0) : null;
  };
  return {
    pue: withIt && withIt.sum > 0 ? withIt.facility / withIt.sum : null,
    facilityMilliWh: sumOf("facilityMilliWh"),
    itMilliWh: sumOf("itMilliWh"),
    cleanShare: per("cleanShare", 1),
    // g per mWh × 1e6 mWh per kWh
    locationGPerKwh: per("carbonLocationG", 1e6),
    contractGPerKwh: per("carbonContractG", 1e6),
    // µUSD per mWh × 1e9 mWh per MWh ÷ 1e6 µUSD per USD
    usdPerMwh: per("costMicroUsd", 1e3),
    coverage: expectedHours > 0 ? Math.min(1, rows.reduce((sum, row) => sum + row.coverage, 0) / expectedHours) : 0,
    estimatedShare: rows.length ? rows.reduce((sum, row) => sum + row.estimatedShare, 0) / rows.length : 0,
    hours: rows.length,
    pueHours: rows.filter((row) => row.facilityMilliWh !== null && row.itMilliWh !== null).length,
    cleanHours: rows.filter((row) => row.facilityMilliWh !== null && row.cleanShare !== null).length,
    expectedHours,
  };
}

/** Up to when the newest hour with figures was measured: its end, or for the running hour when it was derived; null: there is none. */
export function measuredUntilMs(rows: HourRow[]): number | null {
  return rows.reduce<number | null>((newest, row) => {
    if (row.facilityMilliWh === null) return newest;
    const until = Math.min(row.hour.getTime() + hourMs, row.derivedAt.getTime());
    return newest === null || until > newest ? until : newest;
  }, null);
}

/** The stored mix of an hour in the console's sources, milliwatt-hours; null when it is not known. */
export const mixOfHour = (row: Pick<HourRow, "mix">): Mix | null => (row.mix ? sourcesOf(row.mix) : null);

/** A time of today alone; with its date when it is older than a day. */
export const sinceText = (atMs: number, format: Format) =>
  format.nowMs - atMs < 24 * hourMs ? format.time(atMs) : format.short(atMs);

/** Bucket width that keeps a chart below `maximum` columns: 1, 2, 3, 6, 12 or 24 h. */
export function bucketHours(fromMs: number, toMs: number, maximum = 100): number {
  const hours = (toMs - fromMs) / hourMs;
  return [1, 2, 3, 6, 12, 24].find((width) => hours / width <= maximum) ?? 24 * Math.ceil(hours / 24 / maximum);
}

/** Window of `length` consecutive hours with the lowest mean; null when there are fewer. */
export function bestWindow(
  values: { timeMs: number; value: number }[],
  length: number,
): { fromMs: number; toMs: number; mean: number } | null {
  let best: { fromMs: number; toMs: number; mean: number } | null = null;
  for (let start = 0; start + length <= values.length; start++) {
    const part = values.slice(start, start + length);
    const first = part[0] as { timeMs: number };
    const last = part[length - 1] as { timeMs: number };
    if (last.timeMs - first.timeMs !== (length - 1) * hourMs) continue;
    const mean = part.reduce((sum, { value }) => sum + value, 0) / length;
    if (!best || mean < best.mean) best = { fromMs: first.timeMs, toMs: last.timeMs + hourMs, mean };
  }
  return best;
}
