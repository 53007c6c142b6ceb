import type { FleetCentreRow, ZoneValue } from "#db/queries/fleet.ts";
import { supplyRates } from "#scheduler/placement/footprint.ts";
import { bestWindow, floorHour, hourMs } from "./hours.ts";
import type { PowerNow, ZoneMix } from "./power-now.ts";

/** `carbon`: of a kWh that the centre draws, its own supply counted; `gridCarbon`: of a kWh from its grid. gCO₂e. */
export type OutlookHour = {
  timeMs: number;
  carbon: number | null;
  gridCarbon: number | null;
  /** Of the grid, with the centre's fees. */
  usdPerMwh: number | null;
};
export type Window = { fromMs: number; toMs: number; mean: number } | null;
export type Outlook = {
  /** As metered: the grid's share of what is drawn now × its intensity; null: a supply meter or the zone is silent. */
  now: { carbon: number | null; usdPerMwh: number | null };
  hours: OutlookHour[];
  cleanest: Window;
  cheapest: Window;
  issuedAtMs: number | null;
};
/** What an outlook needs of a centre. */
export type OutlookCentre = Pick<FleetCentreRow, "id" | "gridZone" | "adderUsdPerMwh" | "ownSupplyUsdPerMwh"> & {
  power: PowerNow;
  /** The newest known load, W, that own supply is set against. */
  loadW: number | null;
  ownCoverAtMost: number | undefined;
};

const windowHours = 4;

/** The zone at this hour: what its grid is made of, and its price. */
export function zoneNow(
  values: ZoneValue[],
  zone: string,
): { mix: ZoneMix; usdPerMwh: number | null; carbonGPerKwh: number | null } {
  const actual = new Map(
    values
      .filter((value) => value.zone === zone && value.issuedAtMs === null)
      .map(({ series, value }) => [series, value]),
  );
  return {
    mix: Object.fromEntries([...actual].filter(([series]) => series.startsWith("mix"))) as ZoneMix,
    usdPerMwh: actual.get("priceUsdPerMwh") ?? null,
    carbonGPerKwh: actual.get("carbonLocationGPerKwh") ?? null,
  };
}

/**
 * The next 24 whole hours of a centre as forecast, counted as the scheduler counts them: location-based carbon with what
 * its own supply takes off the grid at the load of now. Where no load is known the grid stands alone.
 */
export function outlook(values: ZoneValue[], centre: OutlookCentre, nowMs: number): Outlook {
  const forecasts = values.filter(
    (value) => value.issuedAtMs !== null && (value.zone === centre.gridZone || value.zone === centre.id),
  );
  const of = (key: string, series: string) =>
    new Map(
      forecasts
        .filter((value) => value.zone === key && value.series === series)
        .map(({ timeMs, value }) => [timeMs, value]),
    );
  const carbon = of(centre.gridZone, "carbonLocationGPerKwh");
  const price = of(centre.gridZone, "priceUsdPerMwh");
  const own = of(centre.id, "ownSupplyW");
  const first = floorHour(nowMs) + hourMs;
  const hours = Array.from({ length: 24 }, (_, index): OutlookHour => {
    const timeMs = first + index * hourMs;
    const usd = price.get(timeMs);
    const gridCarbon = carbon.get(timeMs) ?? null;
    const rates = supplyRates(
      {
        carbonLocationGPerKwh: gridCarbon,
        carbonResidualGPerKwh: null,
        priceUsdPerMwh: null,
        ownSupplyW: own.get(timeMs) ?? null,
        cleanSupplyW: null,
      },
      centre,
      centre.loadW ?? 0,
    );
    return {
      timeMs,
      carbon: rates.locationGPerKwh,
      gridCarbon,
      usdPerMwh: usd === undefined ? null : usd + centre.adderUsdPerMwh,
    };
  });
  const known = (pick: (hour: OutlookHour) => number | null) =>
    hours.flatMap((hour) => {
      const value = pick(hour);
      return value === null ? [] : [{ timeMs: hour.timeMs, value }];
    });
  const zone = zoneNow(values, centre.gridZone);
  const { facilityW, byRole } = centre.power;
  const gridShare = facilityW !== null && facilityW > 0 ? Math.max(0, byRole.grid ?? 0) / facilityW : null;
  return {
    now: {
      carbon: zone.carbonGPerKwh === null || gridShare === null ? null : gridShare * zone.carbonGPerKwh,
      usdPerMwh: zone.usdPerMwh === null ? null : zone.usdPerMwh + centre.adderUsdPerMwh,
    },
    hours,
    cleanest: bestWindow(
      known((hour) => hour.carbon),
      windowHours,
    ),
    cheapest: bestWindow(
      known((hour) => hour.usdPerMwh),
      windowHours,
    ),
    issuedAtMs: forecasts.reduce<number | null>(
      (newest, { issuedAtMs }) => (issuedAtMs !== null && issuedAtMs > (newest ?? 0) ? issuedAtMs : newest),
      null,
    ),
  };
}
