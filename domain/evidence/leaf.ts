import type { LedgerMethod } from "../energy/types.ts";
import { isoOfUs } from "../units.ts";

/** What a leaf says, in the order in which it is hashed. A leaf is the ABI encoding of these as Solidity strings. */
export const leafFields = [
  "version",
  "centreId",
  "hour",
  "deviceId",
  "point",
  "method",
  "energyMilliWh",
  "coveredMicroS",
  "readings",
  "firstReadingAt",
  "lastReadingAt",
  "notes",
  "simulated",
] as const;
export type LeafValues = string[];

export const leafVersion = "hs-energy-1";

/** One ledger entry as evidence. */
export type LeafEntry = {
  centreId: string;
  hourMs: number;
  deviceId: string;
  point: string;
  method: LedgerMethod;
  energyMilliWh: number;
  coveredS: number;
  readings: number;
  firstReadingUs: number;
  lastReadingUs: number;
  notes: string[];
  simulated: boolean;
};

/** Canonical text of an entry: integers in decimal, instants in UTC with six digits. Equal entries give equal text. */
export function leafValues(entry: LeafEntry): LeafValues {
  return [
    leafVersion,
    entry.centreId,
    new Date(entry.hourMs).toISOString(),
    entry.deviceId,
    entry.point,
    entry.method,
    String(entry.energyMilliWh),
    String(Math.round(entry.coveredS * 1e6)),
    String(entry.readings),
    isoOfUs(entry.firstReadingUs),
    isoOfUs(entry.lastReadingUs),
    entry.notes.join("; "),
    String(entry.simulated),
  ];
}

/** A leaf's values by name, for people. */
export function describeLeaf(values: LeafValues): Record<(typeof leafFields)[number], string> {
  return Object.fromEntries(leafFields.map((field, at) => [field, values[at] ?? ""])) as Record<
    (typeof leafFields)[number],
    string
  >;
}
