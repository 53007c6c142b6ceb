import type { EnergyParts, ZoneHour } from "./types.ts";

/**
 * Cost of grid energy, integer micro-USD: energy bought in the hour × (the zone's price + the centre's adder for grid fee
 * and taxes, both USD/MWh). No standard; the tariff stands in the fleet file. Own plants cost nothing by the hour, export
 * earns nothing, and a negative price is kept.
 * @returns null when grid energy was used and the zone has no price.
 */
export function costMicroUsd(parts: EnergyParts, zone: ZoneHour, adderUsdPerMwh: number): number | null {
  const grid = parts.grid ?? 0;
  if (grid === 0) return 0;
  if (zone.priceUsdPerMwh === undefined) return null;
  // mWh ÷ 1e9 = MWh; USD × 1e6 = µUSD
  return Math.round((grid * (zone.priceUsdPerMwh + adderUsdPerMwh)) / 1e3) + 0;
}
