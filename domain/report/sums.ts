import { directGPerKwh } from "../indicators/factors.ts";
import { kwhOfMilliWh } from "../units.ts";
import { type MixEnergy, mixParts, type ReportHour, ReportRefused } from "./types.ts";

/** Shares and ratios are kept to six decimals; the integers beside them are exact. */
export const round6 = (value: number) => Math.round(value * 1e6) / 1e6;
/** Grams as integer milligrams, so that sums do not depend on their order. */
export const milligrams = (grams: number) => Math.round(grams * 1_000);

/** Direct emissions of an hour's generators, milligrams: what the ledger's carbon figures hold beside Scope 2. */
export const scope1Mg = (row: ReportHour) =>
  milligrams(kwhOfMilliWh(row.generatorMilliWh ?? 0) * directGPerKwh.generator);

/** A ratio of sums over the hours in which both are known. */
export type Ratio = { value: number; hours: number };

/**
 * Figures of a set of hours. Energy in milliwatt-hours, mass in milligrams CO₂e, money in micro-USD: all integers.
 * null: no hour knows it. `…Hours`: how many hours stand in the figure.
 */
export type Sums = {
  /** Hours of the period, times centres. */
  hours: number;
  facilityMilliWh: number | null;
  facilityHours: number;
  itMilliWh: number | null;
  itHours: number;
  /** E_DC / E_IT (ISO/IEC 30134-2), of the hours in which both are known. */
  pue: (Ratio & { facilityMilliWh: number; itMilliWh: number }) | null;
  /** Clean energy / E_DC. */
  cleanShare: (Ratio & { cleanMilliWh: number; facilityMilliWh: number }) | null;
  /** Direct emissions of generators, of the hours with a location-based figure. */
  scope1Mg: number | null;
  scope2LocationMg: number | null;
  locationHours: number;
  scope2ContractMg: number | null;
  contractHours: number;
  /** Scope 1 and Scope 2 location-based / E_IT, kg/kWh (ISO/IEC 30134-8). */
  cue: Ratio | null;
  /** Parts sum to facilityMilliWh exactly; energy of unknown origin stands in `unknown`. */
  mix: MixEnergy | null;
  costMicroUsd: number | null;
  costHours: number;
  heatReuseMilliWh: number | null;
  heatReuseHours: number;
  /** Reused / E_DC (ISO/IEC 30134-6), of the hours in which both are known. */
  erf: Ratio | null;
  /** Share of the period's hours that was measured. */
  coverage: number;
  /** Share of the facility energy that is estimated. */
  estimatedShare: number;
  simulatedHours: number;
};

type Known = { [K in keyof ReportHour]: ReportHour[K] extends number | null ? K : never }[keyof ReportHour];

/** @param hours how many centre-hours the period has, whether known or not. */
export function sumHours(rows: ReportHour[], hours: number): Sums {
  const sorted = rows.toSorted((a, b) => a.hourMs - b.hourMs || (a.centreId < b.centreId ? -1 : 1));
  const having = (...keys: Known[]) => sorted.filter((row) => keys.every((key) => row[key] !== null));
  const sum = (of: ReportHour[], pick: (row: ReportHour) => number) => of.reduce((total, row) => total + pick(row), 0);
  const total = (key: Known, pick = (row: ReportHour) => row[key] as number) => {
    const known = having(key);
    return { value: known.length ? sum(known, pick) : null, hours: known.length };
  };
  const facility = total("facilityMilliWh");
  const it = total("itMilliWh");
  const location = total("carbonLocationG", (row) => milligrams(row.carbonLocationG!) - scope1Mg(row));
  const direct = total("carbonLocationG", scope1Mg);
  const contract = total("carbonContractG", (row) => milligrams(row.carbonContractG!) - scope1Mg(row));
  const cost = total("costMicroUsd");
  const heat = total("heatReuseMilliWh");
  const ratio = (top: Known, bottom: Known, pick = (row: ReportHour) => row[top] as number) => {
    const both = having(top, bottom);
    const below = sum(both, (row) => row[bottom] as number);
    const above = sum(both, pick);
    return below > 0 ? { value: round6(above / below), hours: both.length, above, below } : null;
  };
  const pue = ratio("facilityMilliWh", "itMilliWh");
  const clean = ratio("cleanShare", "facilityMilliWh", (row) => Math.round(row.cleanShare! * row.facilityMilliWh!));
  const cue = ratio("carbonLocationG", "itMilliWh", (row) => milligrams(row.carbonLocationG!));
  const erf = ratio("heatReuseMilliWh", "facilityMilliWh");
  const estimated = ratio("estimatedShare", "facilityMilliWh", (row) => row.estimatedShare * row.facilityMilliWh!);
  return {
    hours,
    facilityMilliWh: facility.value,
    facilityHours: facility.hours,
    itMilliWh: it.value,
    itHours: it.hours,
    pue: pue && { value: pue.value, hours: pue.hours, facilityMilliWh: pue.above, itMilliWh: pue.below },
    cleanShare: clean && {
      value: clean.value,
      hours: clean.hours,
      cleanMilliWh: clean.above,
      facilityMilliWh: clean.below,
    },
    scope1Mg: direct.value,
    scope2LocationMg: location.value,
    locationHours: location.hours,
    scope2ContractMg: contract.value,
    contractHours: contract.hours,
    cue: cue && { value: cue.value, hours: cue.hours },
    mix: sumMix(having("facilityMilliWh")),
    costMicroUsd: cost.value,
    costHours: cost.hours,
    heatReuseMilliWh: heat.value,
    heatReuseHours: heat.hours,
    erf: erf && { value: erf.value, hours: erf.hours },
    coverage: hours > 0 ? round6(Math.min(1, sum(sorted, (row) => row.coverage) / hours)) : 0,
    estimatedShare: estimated?.value ?? 0,
    simulatedHours: sorted.filter((row) => row.simulated).length,
  };
}

/** @throws ReportRefused mixDoesNotSum: an hour whose parts are not its facility energy would make every total wrong. */
function sumMix(rows: ReportHour[]): MixEnergy | null {
  if (rows.length === 0) return null;
  const total = Object.fromEntries(mixParts.map((part) => [part, 0])) as MixEnergy;
  for (const row of rows) {
    if (row.mix === null) {
      total.unknown += row.facilityMilliWh!;
      continue;
    }
    let parts = 0;
    for (const part of mixParts) {
      total[part] += row.mix[part];
      parts += row.mix[part];
    }
    if (parts !== row.facilityMilliWh) {
      const hour = new Date(row.hourMs).toISOString();
      throw new ReportRefused(
        "mixDoesNotSum",
        `The energy mix of ${row.centreId} at ${hour} sums to ${parts} mWh, its facility energy is ${row.facilityMilliWh} mWh. Rebuild the ledger of that hour: hs ledger rebuild.`,
        { centreId: row.centreId, hour, parts, facility: row.facilityMilliWh! },
      );
    }
  }
  return total;
}
