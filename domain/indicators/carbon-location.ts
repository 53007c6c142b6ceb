import { kwhOfMilliWh } from "../units.ts";
import { directGPerKwh } from "./factors.ts";
import type { EnergyParts, ZoneHour } from "./types.ts";

/**
 * Location-based emissions, gCO₂e (GHG Protocol Scope 2 Guidance, 6.2 and table 6.2; ESRS E1-6, 49a): grid energy of the
 * hour × the zone's average factor of the hour, whatever is contracted. Energy from plants on site or on a direct line
 * counts at its own factor of combustion (0 for hydro, wind and sun), a generator at its fuel's (its part is Scope 1).
 * Grid energy is what was bought: export is not taken off, and what charged the battery counts here, not at discharge.
 * @returns null when grid energy was used and the zone has no factor.
 */
export function carbonLocationG(parts: EnergyParts, zone: ZoneHour): number | null {
  const grid = parts.grid ?? 0;
  if (grid > 0 && zone.carbonLocationGPerKwh === undefined) return null;
  return kwhOfMilliWh(grid) * (zone.carbonLocationGPerKwh ?? 0) + ownSupplyG(parts);
}

/** Emissions of what does not come over the grid, gCO₂e. */
export function ownSupplyG(parts: EnergyParts): number {
  return (["hydro", "wind", "solar", "generator"] as const).reduce(
    (sum, source) => sum + kwhOfMilliWh(parts[source] ?? 0) * directGPerKwh[source],
    0,
  );
}
