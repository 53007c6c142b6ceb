import type { Database } from "#db/client.ts";
import type { centre } from "#db/schema/fleet.ts";

/** What a watt-hour of IT energy took at a centre in one hour. null: not known. */
export type HourFactors = {
  pue: number;
  pueSource: "centre hour" | "last 24 hours" | "target";
  carbonLocationGPerKwh: number | null;
  carbonContractGPerKwh: number | null;
  microUsdPerKwh: number | null;
};

type Centre = typeof centre.$inferSelect;
type HourRow = {
  hourMs: number;
  pue: number | null;
  facilityMilliWh: string | null;
  locationG: number | null;
  contractG: number | null;
  costMicroUsd: string | null;
};

/** Factors of some hours: the centre's own hour, else its last 24 hours' PUE and the grid zone's intensity and price. */
export async function readHourFactors(
  db: Database,
  place: Centre,
  hoursMs: number[],
): Promise<Map<number, HourFactors>> {
  const hours = hoursMs.map((ms) => new Date(ms).toISOString());
  const first = new Date(Math.min(...hoursMs, Date.UTC(9999, 0))).toISOString();
  const [own, recent, zone] = await Promise.all([
    db.sql<HourRow[]>`
      select extract(epoch from hour)::float8 * 1000 as "hourMs", pue, facility_milli_wh as "facilityMilliWh", carbon_location_g as "locationG", carbon_contract_g as "contractG", cost_micro_usd as "costMicroUsd"
      from centre_hour where centre_id = ${place.id} and hour = any(${hours}::text[]::timestamptz[])`,
    db.sql<{ pue: number | null }[]>`
      select sum(facility_milli_wh)::float8 / nullif(sum(it_milli_wh), 0)::float8 as pue from centre_hour
      where centre_id = ${place.id} and pue is not null and hour < ${first} and hour >= ${first}::timestamptz - interval '24 hours'`,
    db.sql<{ series: string; timeMs: number; value: number }[]>`
      select series, extract(epoch from time)::float8 * 1000 as "timeMs", value from zone_series where zone = ${place.gridZone}
        and series in ('carbonLocationGPerKwh', 'priceUsdPerMwh') and time = any(${hours}::text[]::timestamptz[])`,
  ]);
  const zoneValue = (series: string, ms: number) =>
    zone.find((row) => row.series === series && row.timeMs === ms)?.value ?? null;
  return new Map(
    hoursMs.map((ms): [number, HourFactors] => {
      const hour = own.find((row) => row.hourMs === ms);
      const kwh = Number(hour?.facilityMilliWh ?? 0) / 1e6;
      const price = zoneValue("priceUsdPerMwh", ms);
      const perKwh = (value: number | string | null | undefined) =>
        kwh > 0 && value !== null && value !== undefined ? Number(value) / kwh : null;
      return [
        ms,
        {
          ...(hour?.pue
            ? { pue: hour.pue, pueSource: "centre hour" as const }
            : recent[0]?.pue
              ? { pue: recent[0].pue, pueSource: "last 24 hours" as const }
              : { pue: place.targets.pue, pueSource: "target" as const }),
          carbonLocationGPerKwh: perKwh(hour?.locationG) ?? zoneValue("carbonLocationGPerKwh", ms),
          carbonContractGPerKwh: perKwh(hour?.contractG),
          microUsdPerKwh:
            perKwh(hour?.costMicroUsd) ?? (price === null ? null : (price + place.tariff.adderUsdPerMwh) * 1_000),
        },
      ];
    }),
  );
}

export type RunFootprint = {
  facilityMilliWh: number;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  pueSource: string;
};

/** IT energy by hour × PUE, carbon and cost of that hour. A figure with an unknown hour is unknown as a whole. */
export function facilityShare(
  parts: readonly { hourMs: number; itMilliWh: number }[],
  factors: ReadonlyMap<number, HourFactors>,
): RunFootprint {
  const known = parts.map((part) => ({
    facilityMilliWh: part.itMilliWh * factors.get(part.hourMs)!.pue,
    factor: factors.get(part.hourMs)!,
  }));
  const weigh = (of: (factor: HourFactors) => number | null): number | null =>
    known.reduce<number | null>((sum, { facilityMilliWh, factor }) => {
      const value = of(factor);
      return sum === null || value === null ? null : sum + (facilityMilliWh / 1e6) * value;
    }, 0);
  const cost = weigh((factor) => factor.microUsdPerKwh);
  return {
    facilityMilliWh: Math.round(known.reduce((sum, { facilityMilliWh }) => sum + facilityMilliWh, 0)),
    carbonLocationG: weigh((factor) => factor.carbonLocationGPerKwh),
    carbonContractG: weigh((factor) => factor.carbonContractGPerKwh),
    costMicroUsd: cost === null ? null : Math.round(cost),
    pueSource: [...new Set(known.map(({ factor }) => factor.pueSource))].join(" and ") || "none",
  };
}
