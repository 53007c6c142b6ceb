import type { EnergyReading, UsableQuality } from "#domain/energy/types.ts";
import { isoOfUs } from "#domain/units.ts";
import type { Sql } from "./fleet.ts";

/** Readings on each side of an hour that can change it, or that it can change (domain/energy/outliers.ts). */
export const context = 4;

/** Codes of the qualities that count (db/schema/telemetry.ts); a value beyond 9 TWh is no counter's. */
const usable = "value is not null and quality in (0, 4, 5) and abs(value) < 9.0e12";
const qualityOf: Record<number, UsableQuality> = { 0: "good", 4: "estimated", 5: "backfilled" };

/** A stretch of one point's time, [fromUs, toUs). */
export type Stretch = { pointId: number; fromUs: number; toUs: number };
export type Neighbour = { timeUs: number; value: number };
/** Usable readings next to a stretch: before it from the nearest, its own first ones, after it from the nearest. */
export type Neighbours = { before: Neighbour[]; first: Neighbour[]; after: Neighbour[] };

const rowsOf = (stretches: Stretch[]) =>
  JSON.stringify(
    stretches.map(({ pointId, fromUs, toUs }, i) => ({ i, p: pointId, f: isoOfUs(fromUs), t: isoOfUs(toUs) })),
  );

/**
 * The nearest usable readings around some stretches. They are looked for within six hours first, since that touches one
 * or two days' partitions; a series with a longer silence is searched as far as it goes.
 */
export async function neighboursOf(sql: Sql, stretches: Stretch[], nowUs: number): Promise<Neighbours[]> {
  const found = await look(sql, stretches, true);
  const far = stretches.flatMap((stretch, i) => {
    const { before, after } = found[i]!;
    const mayFollow = stretch.toUs + near * 1e6 < nowUs;
    return before.length < context || (after.length < context && mayFollow) ? [i] : [];
  });
  if (far.length) {
    const again = await look(
      sql,
      far.map((i) => stretches[i]!),
      false,
    );
    for (const [at, i] of far.entries()) found[i] = again[at]!;
  }
  return found;
}

const near = 6 * 3_600;

async function look(sql: Sql, stretches: Stretch[], bounded: boolean): Promise<Neighbours[]> {
  const side = (name: string, condition: string, bound: string, order: string) =>
    sql.unsafe(`(select '${name}' as side, time, value from reading where point_id = g.p and ${condition}
      ${bounded && bound ? `and ${bound}` : ""} and ${usable} order by time ${order} limit ${context})`);
  const rows = await sql<{ i: number; side: keyof Neighbours; timeUs: number; value: number }[]>`
    select g.i, n.side, (extract(epoch from n.time) * 1000000)::float8 as "timeUs", n.value
    from jsonb_to_recordset(${rowsOf(stretches)}::text::jsonb) as g(i int, p int, f timestamptz, t timestamptz)
    cross join lateral (
      ${side("before", "time < g.f", `time >= g.f - interval '${near} seconds'`, "desc")}
      union all ${side("first", "time >= g.f and time < g.t", "", "asc")}
      union all ${side("after", "time >= g.t", `time < g.t + interval '${near} seconds'`, "asc")}
    ) n`;
  const result = stretches.map((): Neighbours => ({ before: [], first: [], after: [] }));
  for (const { i, side: name, timeUs, value } of rows) result[i]![name].push({ timeUs, value });
  for (const { before, first, after } of result) {
    before.sort((a, b) => b.timeUs - a.timeUs);
    first.sort((a, b) => a.timeUs - b.timeUs);
    after.sort((a, b) => a.timeUs - b.timeUs);
  }
  return result;
}

/** A stretch to read whole, both ends included. `impossibleW` and `gapUs`: where a rise or a distance is remarkable. */
export type CounterStretch = Stretch & { impossibleW: number; gapUs: number };

/**
 * A counter's usable readings over each stretch, without the middle of what is unremarkable: where it rises plausibly and
 * without a gap inside one hour only the ends are read, and how many stood between (EnergyReading.bridged). An hour of
 * 3,600 readings comes as a handful. Two readings on each side of anything remarkable are kept.
 */
export async function readCounters(sql: Sql, stretches: CounterStretch[]): Promise<EnergyReading[][]> {
  const asked = JSON.stringify(
    stretches.map(({ pointId, fromUs, toUs, impossibleW, gapUs }, i) => ({
      i,
      p: pointId,
      f: isoOfUs(fromUs),
      t: isoOfUs(toUs),
      w: impossibleW,
      g: gapUs / 1e6,
    })),
  );
  const rows = await sql<{ i: number; n: number; timeUs: number; value: number; quality: number }[]>`
    select g.i, k.n, (extract(epoch from k.time) * 1000000)::float8 as "timeUs", k.value, k.quality
    from jsonb_to_recordset(${asked}::text::jsonb) as g(i int, p int, f timestamptz, t timestamptz, w float8, g float8)
    cross join lateral (
      select m.*, max(m.mark) over (order by m.time rows between 2 preceding and 2 following) as near
      from (
        select time, value, quality, row_number() over w as n,
          case when lag(time) over w is null or lead(time) over w is null or quality <> 0 or lag(quality) over w <> 0
            or value < lag(value) over w or time - lag(time) over w > make_interval(secs => g.g)
            or date_trunc('hour', time) <> date_trunc('hour', lag(time) over w)
            or (value - lag(value) over w) * 3600 > g.w * extract(epoch from time - lag(time) over w)::float8
          then 1 else 0 end as mark
        from reading where point_id = g.p and time >= g.f and time <= g.t and ${sql.unsafe(usable)}
        window w as (order by time)
      ) m
    ) k where k.near = 1 order by g.i, k.n`;
  const result = stretches.map((): EnergyReading[] => []);
  const last = stretches.map(() => 0);
  for (const { i, n, timeUs, value, quality } of rows) {
    const number = Number(n);
    const bridged = number - last[i]! - 1;
    result[i]!.push({ timeUs, value, quality: qualityOf[quality]!, ...(bridged > 0 ? { bridged } : {}) });
    last[i] = number;
  }
  return result;
}

/** A gauge's usable readings over each stretch, all of them. */
export async function readPowers(sql: Sql, stretches: Stretch[]): Promise<EnergyReading[][]> {
  const rows = await sql<{ i: number; timeUs: number; value: number; quality: number }[]>`
    select g.i, (extract(epoch from r.time) * 1000000)::float8 as "timeUs", r.value, r.quality
    from jsonb_to_recordset(${rowsOf(stretches)}::text::jsonb) as g(i int, p int, f timestamptz, t timestamptz)
    cross join lateral (select time, value, quality from reading where point_id = g.p and time >= g.f and time <= g.t and ${sql.unsafe(usable)}) r
    order by g.i, r.time`;
  const result = stretches.map((): EnergyReading[] => []);
  for (const { i, timeUs, value, quality } of rows) result[i]!.push({ timeUs, value, quality: qualityOf[quality]! });
  return result;
}
