import type { Place } from "./sun.ts";

/**
 * What the weather of a place is like: rounded means of the public climate normals, good enough to be believed, not to
 * build by. Months from January.
 */
export type Climate = {
  name: string;
  latitude: number;
  longitude: number;
  altitudeM: number;
  /** Mean of the month, °C. */
  temperatureC: number[];
  /** Half the difference of a day's warmest and coldest hour, K. */
  dailySwingK: number;
  /** Mean relative humidity of the month, %. */
  humidityPercent: number[];
  /** Mean share of sky that is covered, 0 … 1. */
  cloud: number;
  /** Mean capacity factor of a wind farm at a good site here. */
  windCapacityFactor: number;
};

const climates: Climate[] = [
  {
    name: "Guangzhou",
    latitude: 23.1,
    longitude: 113.3,
    altitudeM: 20,
    temperatureC: [14, 15.5, 18.3, 22.5, 26, 27.9, 28.9, 28.7, 27.4, 24.6, 20.4, 15.6],
    dailySwingK: 3.6,
    humidityPercent: [72, 77, 81, 82, 81, 82, 79, 79, 76, 70, 68, 67],
    cloud: 0.62,
    windCapacityFactor: 0.26,
  },
  {
    name: "Gonghe, Qinghai",
    latitude: 36.3,
    longitude: 100.6,
    altitudeM: 2_835,
    temperatureC: [-9.6, -5.6, 0.4, 6.2, 10.6, 13.7, 15.9, 15.3, 10.9, 4.6, -2.9, -8.3],
    dailySwingK: 6.8,
    humidityPercent: [42, 39, 40, 43, 51, 58, 62, 62, 63, 57, 49, 44],
    cloud: 0.42,
    windCapacityFactor: 0.28,
  },
  {
    name: "Hami, Xinjiang",
    latitude: 42.8,
    longitude: 93.5,
    altitudeM: 740,
    temperatureC: [-9.8, -3.6, 5.1, 13.7, 20.3, 25.4, 27, 25.2, 18.7, 9.8, 0.6, -7.7],
    dailySwingK: 7.2,
    humidityPercent: [60, 48, 33, 29, 31, 34, 37, 39, 40, 44, 51, 60],
    cloud: 0.34,
    windCapacityFactor: 0.42,
  },
  {
    name: "Frankfurt",
    latitude: 50.1,
    longitude: 8.7,
    altitudeM: 110,
    temperatureC: [1.9, 2.8, 6.5, 10.8, 15, 18.4, 20.4, 20, 15.5, 10.6, 5.9, 2.8],
    dailySwingK: 4.4,
    humidityPercent: [84, 79, 73, 67, 67, 67, 66, 69, 76, 82, 86, 86],
    cloud: 0.66,
    windCapacityFactor: 0.27,
  },
  {
    name: "Singapore",
    latitude: 1.35,
    longitude: 103.8,
    altitudeM: 15,
    temperatureC: [26.8, 27.3, 27.8, 28.2, 28.6, 28.5, 28.2, 28.1, 28, 27.9, 27.2, 26.8],
    dailySwingK: 3.2,
    humidityPercent: [83, 80, 80, 81, 80, 78, 78, 78, 79, 80, 83, 84],
    cloud: 0.7,
    windCapacityFactor: 0.14,
  },
  {
    name: "Dubai",
    latitude: 25.2,
    longitude: 55.3,
    altitudeM: 10,
    temperatureC: [19.4, 20.5, 23, 27, 31.4, 33.6, 35.7, 36, 33.5, 30.2, 25.5, 21.4],
    dailySwingK: 5,
    humidityPercent: [65, 64, 61, 54, 51, 57, 55, 56, 59, 60, 60, 64],
    cloud: 0.18,
    windCapacityFactor: 0.2,
  },
];

const lapseKPerM = 0.0065;

/** The climate of the nearest known place, its temperatures brought to the altitude asked for. */
export function climateAt(place: Place): Climate {
  const nearest = climates.reduce((best, next) => (distance(next, place) < distance(best, place) ? next : best));
  const shiftK = (nearest.altitudeM - place.altitudeM) * lapseKPerM;
  return { ...nearest, temperatureC: nearest.temperatureC.map((value) => value + shiftK) };
}

/** Squared degrees, longitude shrunk to the latitude: enough to compare. */
function distance(a: { latitude: number; longitude: number }, b: Place): number {
  const longitude = (Math.abs(a.longitude - b.longitude + 540) % 360) - 180;
  return (a.latitude - b.latitude) ** 2 + (longitude * Math.cos((b.latitude * Math.PI) / 180)) ** 2;
}

/** A monthly series at a share of the year, joined smoothly between the middles of the months. */
export function ofMonths(values: readonly number[], yearShare: number): number {
  const at = yearShare * 12 - 0.5;
  const month = Math.floor(at);
  const part = (1 - Math.cos(Math.PI * (at - month))) / 2;
  const of = (index: number) => values[((index % 12) + 12) % 12]!;
  return of(month) * (1 - part) + of(month + 1) * part;
}
