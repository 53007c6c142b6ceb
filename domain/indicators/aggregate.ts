import { type PueCategory, pueOf } from "./pue.ts";

/** An hour as it is stored; null is "not known". */
export type HourFigures = {
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  cleanShare: number | null;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  coverage: number;
  pueCategory: number;
};

export type PeriodFigures = {
  /** Ratio of sums over the hours in which both energies are known; null also when PUE categories are mixed. */
  pue: number | null;
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  cleanShare: number | null;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  /** Share of the period that was measured, 0–1. */
  coverage: number;
  /** Hours that stand in `pue`. */
  pueHours: number;
};

/**
 * Indicators of a period from its hours: ratios of sums, never means of ratios (ISO/IEC 30134-2:2016, 5.1), each over the
 * hours that know both terms. @param expectedHours how many hours the period has, whether derived or not.
 */
export function aggregateHours(hours: HourFigures[], expectedHours: number): PeriodFigures {
  const sum = (rows: HourFigures[], of: (row: HourFigures) => number) => rows.reduce((all, row) => all + of(row), 0);
  const total = (key: Exclude<keyof HourFigures, "coverage" | "pueCategory" | "cleanShare">) => {
    const known = hours.filter((row) => row[key] !== null);
    return known.length ? sum(known, (row) => row[key]!) : null;
  };
  const both = hours.filter((row) => row.facilityMilliWh !== null && row.itMilliWh !== null);
  const categories = new Set(both.map((row) => row.pueCategory));
  const clean = hours.filter((row) => row.cleanShare !== null && row.facilityMilliWh !== null);
  const cleanOf = sum(clean, (row) => row.facilityMilliWh!);
  return {
    pue:
      categories.size === 1
        ? pueOf(
            sum(both, (row) => row.facilityMilliWh!),
            sum(both, (row) => row.itMilliWh!),
            [...categories][0] as PueCategory,
          ).pue
        : null,
    facilityMilliWh: total("facilityMilliWh"),
    itMilliWh: total("itMilliWh"),
    cleanShare: cleanOf > 0 ? sum(clean, (row) => row.cleanShare! * row.facilityMilliWh!) / cleanOf : null,
    carbonLocationG: total("carbonLocationG"),
    carbonContractG: total("carbonContractG"),
    costMicroUsd: total("costMicroUsd"),
    coverage: expectedHours > 0 ? Math.min(1, sum(hours, (row) => row.coverage) / expectedHours) : 0,
    pueHours: both.length,
  };
}
