import type { ZoneValue } from "#db/queries/fleet.ts";
import { bestWindow, floorHour, hourMs } from "./hours.ts";
import type { ZoneMix } from "./power-now.ts";

export type OutlookHour = { timeMs: number; carbon: number | null; usdPerMwh: number | null };
export type Window = { fromMs: number; toMs: number; mean: number } | null;
export type Outlook = { hours: OutlookHour[]; cleanest: Window; cheapest: Window; issuedAtMs: number | null };

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

/** The next 24 whole hours of a zone as forecast: carbon (location-based) and price with the centre's adder. */
export function outlook(values: ZoneValue[], zone: string, adderUsdPerMwh: number, nowMs: number): Outlook {
  const forecasts = values.filter((value) => value.zone === zone && value.issuedAtMs !== null);
  const of = (series: string) =>
    new Map(forecasts.filter((value) => value.series === series).map(({ timeMs, value }) => [timeMs, value]));
  const carbon = of("carbonLocationGPerKwh");
  const price = of("priceUsdPerMwh");
  const first = floorHour(nowMs) + hourMs;
  const hours = Array.from({ length: 24 }, (_, index) => {
    const timeMs = first + index * hourMs;
    const usd = price.get(timeMs);
    return { timeMs, carbon: carbon.get(timeMs) ?? null, usdPerMwh: usd === undefined ? null : usd + adderUsdPerMwh };
  });
  const known = (pick: (hour: OutlookHour) => number | null) =>
    hours.flatMap((hour) => {
      const value = pick(hour);
      return value === null ? [] : [{ timeMs: hour.timeMs, value }];
    });
  return {
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
