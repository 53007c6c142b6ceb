/** Roles whose energy enters the balance (docs/architecture.md, "Points"); the text of db/schema/fleet.ts. */
export const supplyRoles = ["grid", "hydro", "wind", "solar", "generator", "battery"] as const;
export const loadRoles = ["ups", "rack_feed", "cooling", "lighting", "heat_reuse"] as const;
export type EnergyRole = (typeof supplyRoles)[number] | (typeof loadRoles)[number];

/** Counters of energy by role. Of several in one entry the first that the device has counts. */
const counters: Record<EnergyRole, string[][]> = {
  grid: [["energyImport"], ["energyExport"]],
  hydro: [["energyProduced", "energyImport"]],
  wind: [["energyProduced", "energyImport"]],
  solar: [["energyProduced", "energyImport"]],
  generator: [["energyProduced", "energyImport"]],
  battery: [["energyCharged"], ["energyDischarged"]],
  ups: [["energyImport"]],
  rack_feed: [["energyImport"]],
  cooling: [["energyImport"]],
  lighting: [["energyImport"]],
  heat_reuse: [["energyImport"]],
};

export const isEnergyRole = (role: string): role is EnergyRole => role in counters;

/** Which of a device's quantities count for its role; none: only its power can be integrated. */
export function countedQuantities(role: EnergyRole, has: readonly string[]): string[] {
  return counters[role].flatMap((choice) => choice.find((quantity) => has.includes(quantity)) ?? []);
}

/** Where IT energy is measured: PUE1 at the UPS output, PUE2 and PUE3 at the racks' feeds. */
export const itRoleOf = (pueCategory: number): EnergyRole => (pueCategory === 1 ? "ups" : "rack_feed");

/** A clean source that is bought over the grid: a claim on grid energy, not a supply of its own (decision 4). */
export const isContract = (role: EnergyRole, supply: string | null): role is "hydro" | "wind" | "solar" =>
  supply === "grid-contract" && (role === "hydro" || role === "wind" || role === "solar");
