import type { Database } from "#db/client.ts";
import { hourMs, hourStart } from "../placement/horizon.ts";
import { type KnownSeries, unknownSeries } from "./assemble.ts";

/** Forecasts issued before this many hours are too old to be anybody's last good one. */
const lastGoodHours = 72;
const persistenceDays = 8;

type Row = { key: string; series: string; timeMs: number; issuedAtMs: number; value: number };

/** Reads what is known of some series of some zones and centres, at `nowMs`. Answers with a look-up by key and series. */
export async function readSeries(
  db: Database,
  keys: string[],
  series: string[],
  fromMs: number,
  hours: number,
  nowMs: number,
): Promise<(key: string, series: string) => KnownSeries> {
  const [from, to, now] = [iso(fromMs), iso(fromMs + hours * hourMs), iso(nowMs)];
  const [forecasts, seen, means] = await Promise.all([
    db.sql<Row[]>`
      select distinct on (key, series, time) key, series, extract(epoch from time)::float8 * 1000 as "timeMs",
        extract(epoch from issued_at)::float8 * 1000 as "issuedAtMs", value from forecast
      where key = any(${keys}) and series = any(${series}) and time >= ${from} and time < ${to}
        and issued_at <= ${now} and issued_at > ${iso(nowMs - lastGoodHours * hourMs)}
      order by key, series, time, issued_at desc`,
    // A centre's own series are kept as forecasts only: what was last foretold for an hour that is past stands for it.
    db.sql<{ key: string; series: string; hour: number; value: number }[]>`
      select distinct on (key, series, hour) key, series, hour, value from (
        select zone as key, series, extract(hour from time at time zone 'UTC')::int as hour, time, value, ${now}::timestamptz as issued_at from zone_series
          where zone = any(${keys}) and series = any(${series}) and time < ${now} and time >= ${iso(nowMs - persistenceDays * 24 * hourMs)}
        union all
        select key, series, extract(hour from time at time zone 'UTC')::int, time, value, issued_at from forecast
          where key = any(${keys}) and series = any(${series}) and time < ${now} and time >= ${iso(nowMs - persistenceDays * 24 * hourMs)} and issued_at <= ${now}
      ) known order by key, series, hour, time desc, issued_at desc`,
    db.sql<{ key: string; series: string; mean: number }[]>`
      select zone as key, series, avg(value) as mean from zone_series
      where zone = any(${keys}) and series = any(${series}) and time < ${now} and time >= ${iso(nowMs - 366 * 24 * hourMs)} group by 1, 2`,
  ]);
  const known = new Map<
    string,
    { forecast: Map<number, { value: number; issuedAtMs: number }>; sameHour: Map<number, number>; mean: number | null }
  >();
  const of = (key: string, name: string) => {
    const id = JSON.stringify([key, name]);
    const entry = known.get(id) ?? { forecast: new Map(), sameHour: new Map(), mean: null };
    known.set(id, entry);
    return entry;
  };
  for (const row of forecasts)
    of(row.key, row.series).forecast.set(hourStart(row.timeMs), {
      value: row.value,
      issuedAtMs: row.issuedAtMs,
    });
  for (const row of seen) of(row.key, row.series).sameHour.set(row.hour, row.value);
  for (const row of means) of(row.key, row.series).mean = row.mean;
  return (key, name) => known.get(JSON.stringify([key, name])) ?? unknownSeries;
}

/** Instants go to `db.sql` as text and come back as milliseconds: drizzle takes its Date conversion away. */
const iso = (timeMs: number) => new Date(timeMs).toISOString();
