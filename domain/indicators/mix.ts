import { facilityMilliWh } from "./facility.ts";
import { type ContractClaims, type EnergyMix, type EnergyParts, mixSources, type ZoneHour } from "./types.ts";

/** Shares that sum to 1 within this are a whole mix, off by rounding. */
const roundingOfShares = 0.005;

/**
 * Facility energy by source, milliwatt-hours (ESRS E1-5, 37: consumption by source; the parts sum to the total exactly).
 *
 * 1. What the sources gave is scaled to the facility energy: what was exported and what charged the battery leaves pro
 *    rata. Discharge is `storage`: where it came from is not followed (decision 1).
 * 2. Of the grid's part, clean energy under contract is that source, at most as much as the grid gave (decision 4).
 * 3. The rest of the grid is split by the zone's mix of the hour; a share that the zone does not state is `unknown`, and
 *    all of it is where a contract's meter is silent.
 * Integers are kept by the largest remainder.
 * @returns null when less than nothing was consumed: more flowed out than in.
 */
export function energyMix(parts: EnergyParts, claims: ContractClaims, zone: ZoneHour): EnergyMix | null {
  const facility = facilityMilliWh(parts);
  if (facility < 0) return null;
  const net = (plus: keyof EnergyParts, minus: keyof EnergyParts) =>
    Math.max(0, (parts[plus] ?? 0) - (parts[minus] ?? 0));
  const [grid, hydro, wind, solar, generator, storage] = apportion(facility, [
    net("grid", "gridExport"),
    parts.hydro ?? 0,
    parts.wind ?? 0,
    parts.solar ?? 0,
    parts.generator ?? 0,
    net("batteryDischarge", "batteryCharge"),
  ]) as [number, number, number, number, number, number];
  const claimed = claims ? [claims.hydro, claims.wind, claims.solar] : [0, 0, 0];
  const contracted = Math.min(
    grid,
    claimed.reduce((sum, value) => sum + value, 0),
  );
  const [claimHydro, claimWind, claimSolar] = apportion(contracted, claimed) as [number, number, number];
  const rest = splitByZone(grid - contracted, claims ? zone : {});
  return {
    ...rest,
    hydro: hydro + claimHydro + rest.hydro,
    wind: wind + claimWind + rest.wind,
    solar: solar + claimSolar + rest.solar,
    generator,
    storage,
  };
}

function splitByZone(milliWh: number, zone: ZoneHour): EnergyMix {
  const stated = {
    hydro: zone.mixHydro ?? 0,
    wind: zone.mixWind ?? 0,
    solar: zone.mixSolar ?? 0,
    otherRenewable: zone.mixOtherRenewable ?? 0,
    nuclear: zone.mixNuclear ?? 0,
    fossil: zone.mixFossil ?? 0,
  };
  const sum = Object.values(stated).reduce((total, share) => total + share, 0);
  // Shares above 1 are no mix at all; nothing says which of them is wrong.
  const usable = sum <= 1 + roundingOfShares && Object.values(stated).every((share) => share >= 0);
  const shares: EnergyMix = usable
    ? { ...stated, generator: 0, storage: 0, unknown: sum >= 1 - roundingOfShares ? 0 : 1 - sum }
    : { hydro: 0, wind: 0, solar: 0, otherRenewable: 0, nuclear: 0, fossil: 0, generator: 0, storage: 0, unknown: 1 };
  const split = apportion(
    milliWh,
    mixSources.map((source) => shares[source]),
  );
  return Object.fromEntries(mixSources.map((source, at) => [source, split[at]])) as EnergyMix;
}

/**
 * Splits an integer in proportion to weights by the largest remainder: the parts are integers and sum to it. All 0 when
 * no weight is positive.
 */
export function apportion(total: number, weights: number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (!(sum > 0)) return weights.map(() => 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const parts = exact.map(Math.floor);
  let left = total - parts.reduce((all, part) => all + part, 0);
  const byRemainder = exact.map((_, at) => at).sort((a, b) => remainder(b) - remainder(a) || a - b);
  function remainder(at: number) {
    return exact[at]! - parts[at]!;
  }
  const sorted = byRemainder.filter((at) => weights[at]! > 0);
  for (let at = 0; left !== 0; at = (at + 1) % sorted.length) {
    const step = left > 0 ? 1 : -1;
    if (step < 0 && parts[sorted[at]!]! === 0) continue;
    parts[sorted[at]!]! += step;
    left -= step;
  }
  return parts;
}
