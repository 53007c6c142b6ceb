import { type Climate, climateAt, ofMonths } from "./climate.ts";
import { fractal, streamOf } from "./noise.ts";
import { type Place, yearShare } from "./sun.ts";
import { clamp, dayMs } from "./units.ts";
import { type Weather, windShare } from "./weather.ts";

/** Losses of a field of modules, its cables and inverters. */
const solarYield = 0.86;
const solarPerK = -0.0038;

/** Share of its rating that a field of modules gives: the sun on it, less what heat takes (25 °C is the rating's). */
export function solarShare(weather: Weather): number {
  const moduleC = weather.dryBulbC + 28 * weather.sun;
  return clamp(weather.sun * solarYield * (1 + solarPerK * (moduleC - 25)), 0, 1);
}

/** Yellow River below a great reservoir: low water in late winter, full in summer and autumn. Months from January. */
const regulatedRiver = [0.8, 0.76, 0.78, 0.84, 0.92, 0.98, 1, 1, 1, 0.97, 0.9, 0.84];

export type ShareModel = (timeMs: number) => number;

/** Share of its rating that a run of hydro units can give, by season and the plan of the river. */
export function hydroModel(seed: number, name: string): ShareModel {
  const stream = streamOf(seed, `hydro ${name}`);
  return (timeMs) =>
    clamp(ofMonths(regulatedRiver, yearShare(timeMs)) * (1 + 0.05 * fractal(stream, timeMs, 2 * dayMs, 3)), 0, 1);
}

/** A wind farm elsewhere in the region: of the same climate, with a wind of its own. */
export function farWindModel(seed: number, name: string, place: Place): ShareModel {
  const stream = streamOf(seed, `far wind ${name}`);
  const climate: Climate = climateAt(place);
  return (timeMs) => windShare(stream, climate, timeMs);
}
