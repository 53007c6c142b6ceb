import { type Climate, climateAt, ofMonths } from "./climate.ts";
import { fractal, type Stream, smooth, streamOf } from "./noise.ts";
import { type Place, solarHour, sunElevationSine, yearShare } from "./sun.ts";
import { clamp, dayMs, hourMs } from "./units.ts";

export type Weather = {
  dryBulbC: number;
  wetBulbC: number;
  /** 0 … 100. */
  humidityPercent: number;
  /** Covered share of the sky, 0 … 1. */
  cloud: number;
  /** Share of the full sun (1,000 W/m²) on a field of modules, 0 … 1.1. */
  sun: number;
  /** Share of its rating that a wind farm gives, 0 … 1. */
  wind: number;
};

/** Weather of one place, by season, hour and smooth seeded noise. */
export type WeatherModel = (timeMs: number) => Weather;

export function weatherModel(seed: number, place: Place): WeatherModel {
  const climate = climateAt(place);
  // One weather for a region: places of the same climate within half a degree share it.
  const region = `${climate.name} ${Math.round(place.latitude * 2)} ${Math.round(place.longitude * 2)}`;
  const streams = {
    spell: streamOf(seed, `spell ${region}`),
    hour: streamOf(seed, `hour ${region}`),
    cloud: streamOf(seed, `cloud ${region}`),
    moist: streamOf(seed, `moist ${region}`),
    wind: streamOf(seed, `wind ${region}`),
  };
  return (timeMs) => {
    const season = yearShare(timeMs);
    const cloud = clamp(climate.cloud + 0.55 * fractal(streams.cloud, timeMs, 1.6 * dayMs, 4), 0, 1);
    const spellK = 4.2 * smooth(streams.spell, timeMs, 4 * dayMs) + 0.9 * smooth(streams.hour, timeMs, 3 * hourMs);
    const swingK =
      climate.dailySwingK * (1.25 - 0.55 * cloud) * Math.cos(((solarHour(place, timeMs) - 15) / 12) * Math.PI);
    const dryBulbC = ofMonths(climate.temperatureC, season) + spellK + swingK;
    const humidityPercent = clamp(
      ofMonths(climate.humidityPercent, season) -
        1.7 * swingK +
        9 * smooth(streams.moist, timeMs, 1.5 * dayMs) +
        12 * (cloud - climate.cloud),
      12,
      97,
    );
    return {
      dryBulbC,
      wetBulbC: wetBulbC(dryBulbC, humidityPercent),
      humidityPercent,
      cloud,
      sun: sunShare(place, timeMs, cloud),
      wind: windShare(streams.wind, climate, timeMs),
    };
  };
}

/**
 * Wet bulb from dry bulb and relative humidity, °C, by Stull (2011): within about 0.3 K for 5–99 % and −20 … 50 °C at
 * sea level; never above the dry bulb.
 */
export function wetBulbC(dryBulbC: number, humidityPercent: number): number {
  const rh = humidityPercent;
  const wet =
    dryBulbC * Math.atan(0.151977 * Math.sqrt(rh + 8.313659)) +
    Math.atan(dryBulbC + rh) -
    Math.atan(rh - 1.676331) +
    0.00391838 * rh ** 1.5 * Math.atan(0.023101 * rh) -
    4.686035;
  return Math.min(wet, dryBulbC);
}

/** Clear sky by the sun's height and the altitude, dimmed by cloud (Kasten and Czeplak 1980). */
function sunShare(place: Place, timeMs: number, cloud: number): number {
  const height = sunElevationSine(place, timeMs);
  if (height <= 0) return 0;
  return height ** 1.15 * (1 + 0.03 * (place.altitudeM / 1_000)) * (1 - 0.75 * cloud ** 3.4);
}

/** Noise of spells of wind and gusts through the S of a turbine's power curve; spring blows most. */
export function windShare(stream: Stream, climate: Climate, timeMs: number): number {
  const mean = climate.windCapacityFactor;
  const blow = fractal(stream, timeMs, 1.9 * dayMs, 6) + 0.12 * Math.sin(2 * Math.PI * (yearShare(timeMs) - 0.05));
  // The logistic of a spread of noise draws the mean to a half: the middle is set so that it comes out at `mean`.
  const middle = 1.45 * Math.log(mean / (1 - mean));
  return 1 / (1 + Math.exp(-(middle + 4.2 * blow)));
}
