import { peakUsage, type UsageProfile } from "./capacity.ts";
import { hourMs, hourParts, outlookIndex } from "./horizon.ts";
import { predictPue } from "./pue.ts";
import type { CentreInputs, HourOutlook, PlacementJob } from "./types.ts";

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

/** What a kWh (MWh) that a centre draws emits and costs in one hour. null: no outlook. */
export type SupplyRates = {
  locationGPerKwh: number | null;
  contractGPerKwh: number | null;
  /** Energy alone, without the carbon tax. */
  usdPerMwh: number | null;
};

/**
 * Rates of an hour at a facility load, as the ledger will account them: the centre's own supply covers its share of the
 * whole load, at most as much of it as it was seen to (`ownCoverAtMost`), and what it covers takes nothing from the grid.
 * Location-based: the grid's share × the zone's intensity. Contract-based: what contracts
 * cover of the grid's share counts zero as well, the rest at the residual intensity (GHG Protocol Scope 2 guidance, both views). Cost: the grid's share ×
 * (price + the centre's adder) + the own share × its price.
 */
export function supplyRates(
  hour: Pick<HourOutlook, Exclude<keyof HourOutlook, "wetBulbC">> | undefined,
  centre: Pick<CentreInputs, "adderUsdPerMwh" | "ownSupplyUsdPerMwh" | "ownCoverAtMost">,
  loadW: number,
): SupplyRates {
  const coveredBy = (supplyW: number | null | undefined) =>
    loadW > 0 ? Math.min(1, Math.max(0, supplyW ?? 0) / loadW) : 0;
  const own = Math.min(centre.ownCoverAtMost ?? 1, coveredBy(hour?.ownSupplyW));
  const claimedW = Math.max(0, (hour?.cleanSupplyW ?? 0) - Math.max(0, hour?.ownSupplyW ?? 0));
  const covered = Math.min(1, own + coveredBy(claimedW));
  const location = hour?.carbonLocationGPerKwh ?? null;
  const price = hour?.priceUsdPerMwh ?? null;
  const gridUsd = price === null ? null : (1 - own) * (price + centre.adderUsdPerMwh);
  return {
    locationGPerKwh: location === null ? null : (1 - own) * location,
    contractGPerKwh: location === null ? null : (1 - covered) * (hour?.carbonResidualGPerKwh ?? location),
    usdPerMwh: gridUsd === null || own === 0 ? gridUsd : gridUsd + own * centre.ownSupplyUsdPerMwh,
  };
}

/**
 * Energy, carbon and cost of running a job from `startMs`, hour by hour: IT energy × PUE of the hour's wet bulb and load ×
 * the hour's rates. The carbon tax on location-based carbon is a part of the cost (WP-F11), integer micro-USD.
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
    const { pue, loadW, rates } = hourOf(job, centre, usage, index, horizonStartMs);
    const partItWh = (jobW * seconds) / 3_600;
    const partWh = partItWh * pue;
    itWh += partItWh;
    facilityWh += partWh;
    peakFacilityW = Math.max(peakFacilityW, loadW);
    const { locationGPerKwh, contractGPerKwh, usdPerMwh } = rates;
    if (locationGPerKwh === null || contractGPerKwh === null) knowsCarbon = false;
    else {
      locationG += (partWh / 1_000) * locationGPerKwh;
      contractG += (partWh / 1_000) * contractGPerKwh;
    }
    if (usdPerMwh === null) knowsPrice = false;
    else energyUsd += (partWh / 1e6) * usdPerMwh;
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

/** What an hour counts in a score for each kWh (MWh) that the job's IT draws: PUE, own supply and carbon tax in it. */
export type CountedHour = { locationG: number | null; contractG: number | null; usd: number | null };

/** The rates behind `footprint`, hour by hour of the outlook, with the job running: what a page shows beside a score. */
export function countedHours(
  job: PlacementJob,
  centre: CentreInputs,
  usage: UsageProfile,
  horizonStartMs: number,
): CountedHour[] {
  return centre.hours.map((_, index) => {
    const { pue, rates } = hourOf(job, centre, usage, index, horizonStartMs);
    const { locationGPerKwh, contractGPerKwh, usdPerMwh } = rates;
    const per = (value: number | null) => (value === null ? null : value * pue);
    // g/kWh × USD/t ÷ 1,000 = USD/MWh.
    const tax = ((locationGPerKwh ?? 0) * centre.carbonTaxUsdPerTonne) / 1_000;
    return {
      locationG: per(locationGPerKwh),
      contractG: per(contractGPerKwh),
      usd: per(usdPerMwh === null ? null : usdPerMwh + tax),
    };
  });
}

/** PUE, facility load and rates of one hour of the horizon while the job runs. */
function hourOf(
  job: PlacementJob,
  centre: CentreInputs,
  usage: UsageProfile,
  index: number,
  horizonStartMs: number,
): { pue: number; loadW: number; rates: SupplyRates } {
  const hour = centre.hours[outlookIndex(index, centre.hours.length)];
  const fromMs = horizonStartMs + index * hourMs;
  const itLoadW = centre.baseItW + peakUsage(usage, fromMs, fromMs + hourMs).powerW + job.gpus * job.powerPerGpuW;
  const pue = predictPue(centre.pue, hour?.wetBulbC ?? null, itLoadW);
  return { pue, loadW: itLoadW * pue, rates: supplyRates(hour, centre, itLoadW * pue) };
}

/** Thousandths: what is shown and compared is what is stored. */
const round = (value: number) => Math.round(value * 1_000) / 1_000;
