import type { LedgerMethod } from "../energy/types.ts";

/** Energy of one centre and hour by part, milliwatt-hours. A part that is not known is absent, never 0. */
export type EnergyParts = Partial<
  Record<
    | "grid"
    | "gridExport"
    | "hydro"
    | "wind"
    | "solar"
    | "generator"
    | "batteryCharge"
    | "batteryDischarge"
    | "it"
    | "ups"
    | "racks"
    | "cooling"
    | "lighting"
    | "heatReuse",
    number
  >
>;

/** Clean energy that a contract gives us over the grid (decision 4), milliwatt-hours. null: a meter of it is silent. */
export type ContractClaims = { hydro: number; wind: number; solar: number } | null;

export const mixSources = [
  "hydro",
  "wind",
  "solar",
  "otherRenewable",
  "nuclear",
  "fossil",
  "generator",
  "storage",
  "unknown",
] as const;
export type EnergyMix = Record<(typeof mixSources)[number], number>;

/** A grid zone's values of the hour; an absent one is not known. Shares 0–1, intensities of combustion. */
export type ZoneHour = Partial<
  Record<
    | "carbonLocationGPerKwh"
    | "carbonResidualGPerKwh"
    | "priceUsdPerMwh"
    | "mixHydro"
    | "mixWind"
    | "mixSolar"
    | "mixNuclear"
    | "mixOtherRenewable"
    | "mixFossil",
    number
  >
>;

/** A ledger entry as the indicators need it. */
export type MeteredEnergy = {
  method: LedgerMethod;
  energyMilliWh: number;
  coveredS: number;
  firstReadingMs: number;
  lastReadingMs: number;
  notes: string[];
};
