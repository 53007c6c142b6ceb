import { dayMs, hourMs } from "./units.ts";

export type Place = { latitude: number; longitude: number; altitudeM: number };

const radians = Math.PI / 180;

/** Local mean solar time, hours 0 … 24. */
export function solarHour(place: Place, timeMs: number): number {
  const hour = (timeMs % dayMs) / hourMs + place.longitude / 15;
  return ((hour % 24) + 24) % 24;
}

/** Share of the year that has passed, 0 … 1, from 1 January UTC. */
export function yearShare(timeMs: number): number {
  const year = new Date(timeMs).getUTCFullYear();
  const start = Date.UTC(year, 0, 1);
  return (timeMs - start) / (Date.UTC(year + 1, 0, 1) - start);
}

/** Sine of the sun's elevation (declination by Cooper 1969); negative: below the horizon. */
export function sunElevationSine(place: Place, timeMs: number): number {
  const declination = 23.45 * radians * Math.sin(2 * Math.PI * (yearShare(timeMs) + 284 / 365));
  const hourAngle = (solarHour(place, timeMs) - 12) * 15 * radians;
  const latitude = place.latitude * radians;
  return Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}
