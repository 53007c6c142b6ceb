import { peakUsage, type UsageProfile } from "./capacity.ts";
import { hourMs, hourParts, outlookIndex } from "./horizon.ts";
import { predictPue } from "./pue.ts";
import type { CentreInputs, PlacementJob } from "./types.ts";

export type Footprint = {
  itWh: number;
  facilityWh: number;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  /** Highest facility power of the centre while the job runs, W. */
  peakFacilityW: number;
  shadowMicroUsd: number;
};

/**
 * Energy, carbon and cost of running a job from `startMs`, hour by hour: IT energy × PUE of the hour's wet bulb and load.
 * The centre's own supply covers its share of the whole load, as the ledger will account it; what it covers takes nothing
 * from the grid. Location-based carbon: grid energy × intensity of the zone. Contract-based: the share of the load that
 * clean supply in all covers counts zero, the rest at the residual intensity (GHG Protocol Scope 2 guidance, both views).
 * Cost: grid energy × (price + the centre's adder) + own energy × its price, and the carbon tax on location-based carbon
 * (WP-F11), integer micro-USD.
 */
export function footprint(
  job: PlacementJob,
  centre: CentreInputs,
  usage: UsageProfile,
  startMs: number,
  horizonStartMs: number,
): Footprint {
  const jobW = job.gpus * job.powerPerGpuW;
  let [itWh, facilityWh, locationG, contractG, energyUsd, shadow, peakFacilityW] = [0, 0, 0, 0, 0, 0, 0];
  let [knowsCarbon, knowsPrice] = [true, true];
  for (const { index, seconds } of hourParts(startMs, startMs + job.durationS * 1_000, horizonStartMs)) {
    const hour = centre.hours[outlookIndex(index, centre.hours.length)];
    const partStartMs = horizonStartMs + index * hourMs;
    const itLoadW = centre.baseItW + peakUsage(usage, partStartMs, partStartMs + hourMs).powerW + jobW;
    const pue = predictPue(centre.pue, hour?.wetBulbC ?? null, itLoadW);
    const partItWh = (jobW * seconds) / 3_600;
    const partWh = partItWh * pue;
    itWh += partItWh;
    facilityWh += partWh;
    peakFacilityW = Math.max(peakFacilityW, itLoadW * pue);
    const coveredBy = (supplyW: number | null | undefined) => Math.min(1, Math.max(0, supplyW ?? 0) / (itLoadW * pue));
    const own = coveredBy(hour?.ownSupplyW);
    const location = hour?.carbonLocationGPerKwh ?? null;
    if (location === null) knowsCarbon = false;
    else {
      const covered = Math.max(own, coveredBy(hour?.cleanSupplyW));
      locationG += (partWh / 1_000) * (1 - own) * location;
      contractG += (partWh / 1_000) * (1 - covered) * (hour?.carbonResidualGPerKwh ?? location);
    }
    const price = hour?.priceUsdPerMwh ?? null;
    if (price === null) knowsPrice = false;
    else {
      const gridUsd = (1 - own) * (price + centre.adderUsdPerMwh);
      energyUsd += (partWh / 1e6) * (own > 0 ? gridUsd + own * centre.ownSupplyUsdPerMwh : gridUsd);
    }
    const lambda = centre.shadowMicroUsdPerGpuHour;
    shadow += lambda.length ? ((job.gpus * seconds) / 3_600) * lambda[outlookIndex(index, lambda.length)]! : 0;
  }
  const taxUsd = knowsCarbon ? (locationG / 1e6) * centre.carbonTaxUsdPerTonne : 0;
  return {
    itWh: round(itWh),
    facilityWh: round(facilityWh),
    carbonLocationG: knowsCarbon ? round(locationG) : null,
    carbonContractG: knowsCarbon ? round(contractG) : null,
    costMicroUsd: knowsPrice ? Math.round((energyUsd + taxUsd) * 1e6) : null,
    peakFacilityW,
    shadowMicroUsd: Math.round(shadow),
  };
}

/** Thousandths: what is shown and compared is what is stored. */
const round = (value: number) => Math.round(value * 1_000) / 1_000;
