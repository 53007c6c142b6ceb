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
export type Neighbour = { timeUs: number; value: number; quality: number };
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
    sql.unsafe(`(select '${name}' as side, time, value, quality from reading where point_id = g.p and ${condition}
      ${bounded && bound ? `and ${bound}` : ""} and ${usable} order by time ${order} limit ${context})`);
  const rows = await sql<(Neighbour & { i: number; side: keyof Neighbours })[]>`
    select g.i, n.side, (extract(epoch from n.time) * 1000000)::float8 as "timeUs", n.value, n.quality
    from jsonb_to_recordset(${rowsOf(stretches)}::text::jsonb) as g(i int, p int, f timestamptz, t timestamptz)
    cross join lateral (
      ${side("before", "time < g.f", `time >= g.f - interval '${near} seconds'`, "desc")}
      union all ${side("first", "time >= g.f and time < g.t", "", "asc")}
      union all ${side("after", "time >= g.t", `time < g.t + interval '${near} seconds'`, "asc")}
    ) n`;
  const result = stretches.map((): Neighbours => ({ before: [], first: [], after: [] }));
  for (const { i, side: name, ...reading } of rows) result[i]![name].push(reading);
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
      g: `${gapUs} microseconds`,
    })),
  );
  const rows = await sql<{ i: number; n: number; timeUs: number; value: number; quality: number }[]>`
    with asked as materialized (
      select * from jsonb_to_recordset(${asked}::text::jsonb) as g(i int, p int, f timestamptz, t timestamptz, w float8, g interval)
    ), marked as materialized (
      select g.i, g.p, g.f, g.t, m.n, m.time from asked g cross join lateral (
        select *, row_number() over w as n, lag(time) over w as time_before, lag(value) over w as value_before,
          lag(quality) over w as quality_before, lead(time) over w as time_after
        from (select time, value, quality from reading where point_id = g.p and time >= g.f and time <= g.t and ${sql.unsafe(usable)}) r
        window w as (order by time)
      ) m
      where value < value_before or time > time_before + g.g or quality <> 0 or quality_before <> 0 or (value - value_before) * 60 > g.w
        or date_bin('1 hour', time, '2000-01-01T00:00:00Z') <> date_bin('1 hour', time_before, '2000-01-01T00:00:00Z')
        or time_before is null or time_after is null
    )
    select distinct m.i, k.n::int as n, (extract(epoch from k.time) * 1000000)::float8 as "timeUs", k.value, k.quality
    from marked m cross join lateral (
      select m.n - row_number() over (order by b.time desc) as n, b.* from (
        select time, value, quality from reading where point_id = m.p and time >= m.f and time < m.time and ${sql.unsafe(usable)} order by time desc limit 2) b
      union all select m.n - 1 + row_number() over (order by a.time) as n, a.* from (
        select time, value, quality from reading where point_id = m.p and time >= m.time and time <= m.t and ${sql.unsafe(usable)} order by time limit 3) a
    ) k order by m.i, n`;
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
