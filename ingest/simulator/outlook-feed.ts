import type { Database } from "#db/client.ts";
import type { CentreSimulation } from "./centre-simulation.ts";
import { foretell } from "./physics/forecast.ts";
import { type ZoneModel, zoneModel, zoneSeriesNames } from "./physics/grid-zone.ts";
import { dayMs, hourMs } from "./physics/units.ts";

/* What grid operators and weather services would say: series of each zone as they came, and forecasts of what is to come. */

const source = "simulator";
const forecastHours = 72;
/** Issues older than this teach nobody. */
const keepIssuesMs = 21 * dayMs;
const zoneForecasts = ["carbonLocationGPerKwh", "carbonResidualGPerKwh", "priceUsdPerMwh"] as const;
const centreForecasts = ["wetBulbC", "cleanSupplyW", "ownSupplyW"] as const;

/** An hour's value is that of its middle. */
const middle = (hour: number) => hour + hourMs / 2;
const floorHour = (timeMs: number) => Math.floor(timeMs / hourMs) * hourMs;

type ForecastRow = {
  key: string;
  series: string;
  issuedAtMs: number;
  timeMs: number;
  value: number;
  lower: number;
  upper: number;
};

export type OutlookFeed = {
  /** Zone series of the hours in [fromMs, toMs), and what was foretold of the centres an hour before each. */
  writePast(fromMs: number, toMs: number): Promise<void>;
  /** What is known at `nowMs`: series up to the hour that comes next, and fresh forecasts. */
  issue(nowMs: number): Promise<void>;
};

export function outlookFeed(db: Database, seed: number, centres: CentreSimulation[]): OutlookFeed {
  const zones = new Map<string, ZoneModel>();
  for (const { plan } of centres)
    if (!zones.has(plan.gridZone)) zones.set(plan.gridZone, zoneModel(seed, plan.gridZone, plan.place));

  const centreValue = (centre: CentreSimulation, series: (typeof centreForecasts)[number], timeMs: number) => {
    if (series === "wetBulbC") return centre.weatherAt(timeMs).wetBulbC;
    return series === "ownSupplyW" ? centre.ownSupplyW(timeMs) : centre.cleanSupplyW(timeMs);
  };
  const row = (key: string, series: string, actual: number, issuedAtMs: number, timeMs: number): ForecastRow => ({
    key,
    series,
    issuedAtMs,
    timeMs,
    ...foretell(seed, key, series, actual, timeMs, issuedAtMs),
  });

  const ofCentres = (issuedAtMs: number, timeMs: number) =>
    centres.flatMap((centre) =>
      centreForecasts.map((series) =>
        row(centre.plan.id, series, centreValue(centre, series, middle(timeMs)), issuedAtMs, timeMs),
      ),
    );
  const ofZones = (issuedAtMs: number, timeMs: number) =>
    [...zones].flatMap(([zone, model]) => {
      const hour = model(middle(timeMs));
      return zoneForecasts.map((series) => row(zone, series, hour[series], issuedAtMs, timeMs));
    });

  const writeSeries = (fromMs: number, toMs: number) =>
    insertSeries(
      db,
      hoursOf(fromMs, toMs).flatMap((timeMs) =>
        [...zones].flatMap(([zone, model]) => {
          const hour = model(middle(timeMs));
          return zoneSeriesNames.map((series) => ({ zone, series, timeMs, value: hour[series] }));
        }),
      ),
    );

  return {
    async writePast(fromMs, toMs) {
      await writeSeries(fromMs, toMs);
      await insertForecasts(
        db,
        hoursOf(fromMs, toMs).flatMap((timeMs) => ofCentres(timeMs - hourMs, timeMs)),
      );
    },
    async issue(nowMs) {
      const hour = floorHour(nowMs);
      // The coming hour too: what is derived in its first seconds must not find it unknown. Readers ask for the past.
      const known = await newestSeriesMs(db, [...zones.keys()]);
      await writeSeries(known === null ? hour : Math.min(hour, known + hourMs), hour + 2 * hourMs);
      const issuedAtMs = Math.floor(nowMs / 1_000) * 1_000;
      const hours = hoursOf(hour, hour + forecastHours * hourMs);
      await insertForecasts(
        db,
        hours.flatMap((timeMs) => [...ofZones(issuedAtMs, timeMs), ...ofCentres(issuedAtMs, timeMs)]),
      );
      await db.sql`delete from forecast where source = ${source} and issued_at < ${iso(nowMs - keepIssuesMs)} and time >= issued_at + interval '90 minutes'`;
    },
  };
}

function hoursOf(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((toMs - fromMs) / hourMs)) }, (_, at) => fromMs + at * hourMs);
}

async function newestSeriesMs({ sql }: Database, zones: string[]): Promise<number | null> {
  const [row] = await sql<{ newestMs: number | null }[]>`
    select case when bool_and(newest is not null) then min(newest) end as "newestMs" from (select extract(epoch from max(time))::float8 * 1000 as newest
      from unnest(${zones}::text[]) as known(zone) left join zone_series s on s.zone = known.zone group by known.zone) each`;
  return row?.newestMs ?? null;
}

type SeriesRow = { zone: string; series: string; timeMs: number; value: number };
/** Rows of one statement. */
const rowsAtOnce = 5_000;

async function insertSeries({ sql }: Database, rows: SeriesRow[]): Promise<void> {
  for (const part of parts(rows))
    await sql`insert into zone_series (zone, series, time, value, source, simulated)
      select zone, series, to_timestamp(at / 1000), value, ${source}, true
      from unnest(${part.map((row) => row.zone)}::text[], ${part.map((row) => row.series)}::text[],
        ${part.map((row) => row.timeMs)}::float8[], ${part.map((row) => row.value)}::float8[]) as given(zone, series, at, value)
      on conflict do nothing`;
}

async function insertForecasts({ sql }: Database, rows: ForecastRow[]): Promise<void> {
  for (const part of parts(rows))
    await sql`insert into forecast (key, series, issued_at, time, value, lower, upper, source, simulated)
      select key, series, to_timestamp(issued / 1000), to_timestamp(at / 1000), value, lower, upper, ${source}, true
      from unnest(${part.map((row) => row.key)}::text[], ${part.map((row) => row.series)}::text[],
        ${part.map((row) => row.issuedAtMs)}::float8[], ${part.map((row) => row.timeMs)}::float8[],
        ${part.map((row) => row.value)}::float8[], ${part.map((row) => row.lower)}::float8[], ${part.map((row) => row.upper)}::float8[])
        as given(key, series, issued, at, value, lower, upper)
      on conflict do nothing`;
}

function* parts<T>(rows: T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) yield rows.slice(at, at + rowsAtOnce);
}

const iso = (timeMs: number) => new Date(timeMs).toISOString();
