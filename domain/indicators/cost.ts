import type { EnergyParts, ZoneHour } from "./types.ts";

/** Both USD/MWh: grid fee and taxes on top of the zone's price; what energy from own or direct-line plants costs. */
export type EnergyTariff = { adderUsdPerMwh: number; ownSupplyUsdPerMwh: number };

/**
 * Cost of an hour's energy, integer micro-USD: grid energy × (the zone's price + the centre's adder) + energy of plants on
 * site or by a direct line × their price. No standard; the tariff stands in the fleet file. A generator's fuel is not in
 * it, export earns nothing, and a negative price is kept.
 * @returns null when grid energy was used and the zone has no price.
 */
export function costMicroUsd(parts: EnergyParts, zone: ZoneHour, tariff: EnergyTariff): number | null {
  const grid = parts.grid ?? 0;
  const own = (parts.hydro ?? 0) + (parts.wind ?? 0) + (parts.solar ?? 0);
  if (grid !== 0 && zone.priceUsdPerMwh === undefined) return null;
  const gridPrice = grid === 0 ? 0 : zone.priceUsdPerMwh! + tariff.adderUsdPerMwh;
  // mWh ÷ 1e9 = MWh; USD × 1e6 = µUSD
  return Math.round((grid * gridPrice + own * tariff.ownSupplyUsdPerMwh) / 1e3) + 0;
}
