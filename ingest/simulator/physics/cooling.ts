import { clamp, ramp } from "./units.ts";
import type { Weather } from "./weather.ts";

export type CoolingKind = "air" | "hybrid" | "liquid";

/**
 * How a hall is cooled. `fans`: fans and pumps at full heat, share of the heat. Below the wet bulb `freeBelowC` no
 * compressor runs, above `fullAboveC` all do. `water`: litres that evaporate for each kWh of heat on a hot day.
 */
const kinds: Record<CoolingKind, { fans: number; freeBelowC: number; fullAboveC: number; water: number }> = {
  air: { fans: 0.078, freeBelowC: 2, fullAboveC: 11, water: 1.25 },
  hybrid: { fans: 0.054, freeBelowC: 15, fullAboveC: 24, water: 0.75 },
  liquid: { fans: 0.042, freeBelowC: 18, fullAboveC: 26, water: 0.45 },
};

/** Electric power that carries `heatW` out of a hall. `fullHeatW`: what it is built for. */
export function coolingPowerW(
  kind: CoolingKind,
  heatW: number,
  fullHeatW: number,
  weather: Weather,
  altitudeM: number,
): number {
  const { fans, freeBelowC, fullAboveC } = kinds[kind];
  const load = clamp(heatW / fullHeatW, 0, 1);
  // Fans run faster the nearer the air is to the limit, pumps have a floor, and thin air needs more of it.
  const speed = (0.62 + 0.38 * ramp(weather.wetBulbC, freeBelowC - 22, freeBelowC + 4)) * (0.8 + 0.2 * load);
  const air = fans * speed * (1 + 0.05 * (altitudeM / 1_000));
  return heatW * (air + ramp(weather.wetBulbC, freeBelowC, fullAboveC) / compressorCop(weather.wetBulbC));
}

/** Coefficient of performance of a water-cooled chiller, falling with the wet bulb. */
const compressorCop = (wetBulbC: number) => clamp(7.4 - 0.09 * wetBulbC, 3, 8);

/** Water that the cooling uses, litres an hour: evaporation on warm days, a little bleed always. */
export function coolingWaterLPerH(kind: CoolingKind, heatW: number, weather: Weather): number {
  return (heatW / 1_000) * kinds[kind].water * (0.06 + 0.94 * ramp(weather.dryBulbC, 4, 24));
}

/** Heat handed to district heating and greenhouses, W: what is asked for in this cold, at most a share of what there is. */
export function reusedHeatW(heatW: number, weather: Weather, ratedW: number, shareOfHeat = 0.42): number {
  const asked = 0.12 + 0.88 * ramp(20 - weather.dryBulbC, 0, 18);
  return Math.min(ratedW, heatW * shareOfHeat * asked);
}
