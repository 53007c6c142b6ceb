import { batteryWish } from "./battery.ts";
import { type CoolingKind, coolingPowerW, coolingWaterLPerH, reusedHeatW } from "./cooling.ts";
import { clamp } from "./units.ts";
import type { Weather } from "./weather.ts";

/*
 * The balance of a centre at one moment. Powers are whole milliwatts, so that it holds exactly:
 * grid + solar + wind + hydro + discharge − charge = UPS input + cooling + lighting + losses.
 */

/** What a centre is built of; powers in W. */
export type Site = {
  altitudeM: number;
  powerCapW: number;
  halls: { cooling: CoolingKind; racks: number[]; ratedItW: number }[];
  racks: number;
  /** Ratings of the plants that feed our own bus (on site or by a direct line), by source. */
  plants: { solar: number[]; wind: number[]; hydro: number[] };
  battery: { ratedW: number; capacityWh: number } | null;
  heatReuseRatedW: number;
};

/** Shares of their ratings that the plants could give now. */
export type Available = { solar: number; wind: number; hydro: number[] };

export type CentrePower = {
  /** Feeds of each rack. */
  racks: { a: number; b: number }[];
  /** By hall. */
  upsOutput: number[];
  upsLoss: number[];
  cooling: number[];
  lighting: number;
  /** Transformer and bus bars. */
  losses: number;
  facility: number;
  plants: { solar: number[]; wind: number[]; hydro: number[] };
  charge: number;
  discharge: number;
  grid: number;
  /** Given away as heat: leaves the centre behind the meters, not a part of the balance. */
  reusedHeat: number;
  /** Millilitres an hour. */
  waterMlPerH: number;
};

/** Share of the load that always comes from the grid, so that regulation never pushes power out. */
const leastGridShare = 0.015;
/** How much of what is left a hydro station's dispatch follows. */
const hydroFollows = 0.985;
const distributionLoss = 0.011;

/**
 * @param rackW power of each rack's servers, W
 * @param feedAShare share of feed A of each rack
 * @param stored share of the battery's capacity that is full, 0 … 1
 * @param hour local solar hour
 */
export function centrePower(
  site: Site,
  weather: Weather,
  available: Available,
  rackW: ArrayLike<number>,
  feedAShare: (rack: number) => number,
  stored: number,
  hour: number,
): CentrePower {
  const racks = Array.from({ length: site.racks }, (_, at) => {
    const whole = milli(rackW[at]!);
    const a = Math.round(whole * feedAShare(at));
    return { a, b: whole - a };
  });
  const [upsOutput, upsLoss, cooling]: [number[], number[], number[]] = [[], [], []];
  let [load, itW, waterLPerH] = [0, 0, 4];
  for (const hall of site.halls) {
    const it = hall.racks.reduce((sum, at) => sum + racks[at]!.a + racks[at]!.b, 0);
    const output = it + Math.round(it * distributionLoss);
    // A double conversion UPS: what its electronics need at any load, and what grows with the load.
    const loss = milli(0.005 * hall.ratedItW) + Math.round(output * 0.019);
    const hallHeatW = (output + loss) / 1_000;
    const cool = milli(coolingPowerW(hall.cooling, hallHeatW, hall.ratedItW * 1.05, weather, site.altitudeM));
    upsOutput.push(output);
    upsLoss.push(loss);
    cooling.push(cool);
    load += output + loss + cool;
    itW += it / 1_000;
    waterLPerH += coolingWaterLPerH(hall.cooling, hallHeatW, weather);
  }
  const lighting = milli(lightingW(site, hour));
  const losses = milli(0.0012 * site.powerCapW) + Math.round((load + lighting) * 0.0055);
  const facility = load + lighting + losses;
  return {
    racks,
    upsOutput,
    upsLoss,
    cooling,
    lighting,
    losses,
    facility,
    ...supply(site, available, facility, stored, hour),
    reusedHeat: site.heatReuseRatedW > 0 ? milli(reusedHeatW(itW, weather, site.heatReuseRatedW)) : 0,
    waterMlPerH: Math.round(waterLPerH * 1_000),
  };
}

/** Plants first, then the battery, and the grid the rest; plants are turned down before anything would flow out. */
function supply(site: Site, available: Available, facility: number, stored: number, hour: number) {
  const leastGrid = Math.round(facility * leastGridShare);
  const could = (share: number, ratings: number[]) => ratings.map((ratedW) => milli(ratedW * clamp(share, 0, 1)));
  const solar = could(available.solar, site.plants.solar);
  const wind = could(available.wind, site.plants.wind);
  const hydro = site.plants.hydro.map((ratedW, at) => milli(ratedW * clamp(available.hydro[at] ?? 0, 0, 1)));
  const surplusW = Math.max(0, total(solar) + total(wind) - (facility - leastGrid)) / 1_000;
  const { battery } = site;
  const wish = battery ? batteryWish(hour, stored, battery.ratedW, surplusW) : { chargeW: 0, dischargeW: 0 };
  const charge = milli(wish.chargeW);
  let room = facility + charge - leastGrid;
  const taken = (plants: number[], follows = 1) => {
    const given = turnDown(plants, Math.floor(room * follows));
    room -= total(given);
    return given;
  };
  const plants = { solar: taken(solar), wind: taken(wind), hydro: taken(hydro, hydroFollows) };
  const discharge = charge > 0 ? 0 : Math.min(milli(wish.dischargeW), room);
  return { plants, charge, discharge, grid: room - discharge + leastGrid };
}

/** Plants of one source, turned down together so that they give at most `limit`. */
function turnDown(plants: number[], limit: number): number[] {
  const sum = total(plants);
  if (sum <= limit) return plants;
  return plants.map((power) => Math.floor((power / sum) * limit));
}

/** Lights, offices, guards: the day's people, and what always burns. */
function lightingW(site: Site, hour: number): number {
  const people = Math.max(0, Math.cos(((hour - 14) / 12) * Math.PI));
  return site.powerCapW * (0.0022 + 0.0028 * people);
}

const milli = (watts: number) => Math.round(watts * 1_000);
const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
