import { kwhOfMilliWh } from "../units.ts";
import { ownSupplyG } from "./carbon-location.ts";
import { directGPerKwh } from "./factors.ts";
import { apportion } from "./mix.ts";
import type { ContractClaims, EnergyParts, ZoneHour } from "./types.ts";

/**
 * Contract-based (market-based) emissions, gCO₂e (GHG Protocol Scope 2 Guidance, 6.3 and table 6.3; ESRS E1-6, 49b):
 * grid energy under contract × its own factor, the rest × the zone's residual factor. Matched within the hour: a contract
 * covers at most the grid energy of its own hour and its surplus goes nowhere. Plants on site or on a direct line and a
 * generator count as in the location-based figure.
 * @returns null when the residual factor is needed and missing, or when a contract's meter is silent.
 */
export function carbonContractG(parts: EnergyParts, claims: ContractClaims, zone: ZoneHour): number | null {
  if (!claims) return null;
  const grid = parts.grid ?? 0;
  const given = [claims.hydro, claims.wind, claims.solar];
  const covered = Math.min(
    grid,
    given.reduce((sum, value) => sum + value, 0),
  );
  if (grid > covered && zone.carbonResidualGPerKwh === undefined) return null;
  const [hydro, wind, solar] = apportion(covered, given) as [number, number, number];
  return (
    kwhOfMilliWh(hydro) * directGPerKwh.hydro +
    kwhOfMilliWh(wind) * directGPerKwh.wind +
    kwhOfMilliWh(solar) * directGPerKwh.solar +
    kwhOfMilliWh(grid - covered) * (zone.carbonResidualGPerKwh ?? 0) +
    ownSupplyG(parts)
  );
}
