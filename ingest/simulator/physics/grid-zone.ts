import { ofMonths } from "./climate.ts";
import { fractal, type Stream, streamOf } from "./noise.ts";
import { type Place, solarHour, sunElevationSine, yearShare } from "./sun.ts";
import { clamp, dayMs, ramp } from "./units.ts";

/** A grid zone at one hour. Shares sum to 1; intensities are of combustion (gCO₂/kWh), the residual without what contracts took. */
export type ZoneHour = {
  mixHydro: number;
  mixWind: number;
  mixSolar: number;
  mixNuclear: number;
  mixOtherRenewable: number;
  mixFossil: number;
  carbonLocationGPerKwh: number;
  carbonResidualGPerKwh: number;
  priceUsdPerMwh: number;
};
export const zoneSeriesNames = [
  "mixHydro",
  "mixWind",
  "mixSolar",
  "mixNuclear",
  "mixOtherRenewable",
  "mixFossil",
  "carbonLocationGPerKwh",
  "carbonResidualGPerKwh",
  "priceUsdPerMwh",
] as const satisfies (keyof ZoneHour)[];

/** Yearly shares without the fossil rest, and the mean price, USD/MWh. */
type ZoneKind = { hydro: number; wind: number; solar: number; nuclear: number; other: number; priceUsdPerMwh: number };

/** Rounded yearly mixes of Chinese provinces as publicly reported; anything else is like the world. */
const zones: Record<string, ZoneKind> = {
  "CN-GD": { hydro: 0.23, wind: 0.06, solar: 0.06, nuclear: 0.15, other: 0.02, priceUsdPerMwh: 63 },
  "CN-QH": { hydro: 0.54, wind: 0.13, solar: 0.19, nuclear: 0, other: 0.01, priceUsdPerMwh: 31 },
  "CN-XJ": { hydro: 0.08, wind: 0.17, solar: 0.08, nuclear: 0, other: 0.01, priceUsdPerMwh: 33 },
};
const elsewhere: ZoneKind = { hydro: 0.15, wind: 0.09, solar: 0.06, nuclear: 0.09, other: 0.03, priceUsdPerMwh: 70 };

/** China 2023, fossil power (esg.md, "Factors"). */
const fossilGPerKwh = 827.3;
/** Share of clean energy that somebody has contracted and the residual mix must not count again. */
const contractedShare = 0.62;
const river = [0.72, 0.7, 0.78, 0.9, 1.08, 1.22, 1.28, 1.26, 1.2, 1.08, 0.92, 0.86];
/** Mean of the sun's positive sine over a year, roughly. */
const meanSun = 0.25;

export type ZoneModel = (timeMs: number) => ZoneHour;

/** A zone's mix, carbon and price by season, hour and smooth seeded noise. `place`: where its load centre is. */
export function zoneModel(seed: number, zone: string, place: Place): ZoneModel {
  const kind = zones[zone] ?? elsewhere;
  const stream = (name: string): Stream => streamOf(seed, `${name} ${zone}`);
  const [windStream, cloudStream, loadStream, priceStream] = [
    stream("zone wind"),
    stream("zone cloud"),
    stream("zone load"),
    stream("zone price"),
  ];
  return (timeMs) => {
    const hour = solarHour(place, timeMs);
    const demand = demandAt(hour) * (1 + 0.04 * fractal(loadStream, timeMs, 3 * dayMs, 3));
    const sun = Math.max(0, sunElevationSine(place, timeMs)) / meanSun;
    const wind = kind.wind * clamp(1 + 0.75 * fractal(windStream, timeMs, 2 * dayMs, 3), 0.1, 2);
    const solar = kind.solar * sun * (0.85 + 0.3 * fractal(cloudStream, timeMs, dayMs, 2));
    const hydro = kind.hydro * ofMonths(river, yearShare(timeMs)) * (0.55 + 0.45 * demand);
    const clean = hydro + wind + solar + kind.nuclear + kind.other;
    // Thermal plants follow the rest of the load and never all stop.
    const fossil = Math.max(0.04 * demand, demand - clean);
    const total = clean + fossil;
    const [mixHydro, mixWind, mixSolar] = [hydro / total, wind / total, solar / total];
    const [mixNuclear, mixOtherRenewable] = [kind.nuclear / total, kind.other / total];
    const mixFossil = 1 - mixHydro - mixWind - mixSolar - mixNuclear - mixOtherRenewable;
    const carbon = mixFossil * fossilGPerKwh;
    const meanFossil = 1 - kind.hydro - kind.wind - kind.solar - kind.nuclear - kind.other;
    const scarcity = 0.62 * (mixFossil - meanFossil) + 1.05 * (demand - 1);
    return {
      mixHydro,
      mixWind,
      mixSolar,
      mixNuclear,
      mixOtherRenewable,
      mixFossil,
      carbonLocationGPerKwh: carbon,
      carbonResidualGPerKwh: carbon / (1 - contractedShare * (1 - mixFossil)),
      priceUsdPerMwh:
        kind.priceUsdPerMwh * Math.max(0.25, 1 + scarcity + 0.07 * fractal(priceStream, timeMs, dayMs / 3, 2)),
    };
  };
}

/** Load of a zone over the day around 1: low before dawn, a morning shoulder, the peak in the evening. */
function demandAt(hour: number): number {
  const day = ramp(hour, 5.5, 9.5) * (1 - ramp(hour, 21.5, 24));
  const evening = ramp(hour, 16.5, 19.5) * (1 - ramp(hour, 20.5, 22.5));
  return 0.84 + 0.18 * day + 0.13 * evening;
}
