import type { Database } from "#db/client.ts";
import type { LedgerMethod } from "#domain/energy/types.ts";
import { leafValues } from "#domain/evidence/leaf.ts";
import { buildEvidenceTree } from "#domain/evidence/tree.ts";
import { hourMs } from "#domain/units.ts";
import { takeTurn } from "./lock.ts";

/** An hour is frozen no sooner than this after its end. */
const closedForMs = 10 * 60_000;
/** A complete hour must not have changed for this long: history comes in batches. */
const quietMs = 15_000;
/** Centre-hours in one transaction: some milliseconds of hashing each. */
const batchSize = 8;

/** Oldest open hours that are looked at; one that is not ready yet is soon, so that none blocks those behind it. */
const lookAt = 60;

type Entry = {
  centreId: string;
  hourMs: number;
  pointId: number;
  deviceId: string;
  point: string;
  method: LedgerMethod;
  energyMilliWh: string;
  coveredS: number;
  readings: number;
  firstReadingUs: number;
  lastReadingUs: number;
  notes: string[];
  simulated: boolean;
};

/**
 * Freezes the evidence of hours that ended ten minutes ago, are not dirty and have been quiet: every counter of the centre
 * has its entry, or nothing came for ten minutes. Leaves and root are written once; a later restatement of the ledger
 * stands beside them and never in their place. @returns how many roots were made.
 */
export async function freezeEvidence(db: Database, nowMs: number): Promise<number> {
  return db.sql.begin(async (sql) => {
    if (!(await takeTurn(sql))) return 0;
    const hours = await sql<{ centreId: string; hour: string }[]>`
      with points as materialized (
        select p.id, d.centre_id from point p join device d on d.id = p.device_id where p.retired_at is null and p.unit = 'Wh' and p.kind = 'counter'
          and d.retired_at is null and d.role in ('grid', 'hydro', 'wind', 'solar', 'generator', 'battery', 'ups', 'rack_feed', 'cooling', 'lighting', 'heat_reuse')
      ), open as materialized (
        select h.centre_id, h.hour from centre_hour h left join evidence_root r on r.centre_id = h.centre_id and r.hour = h.hour
        where r.hour is null and (h.parts <> '{}' or h.coverage > 0) and h.hour <= ${new Date(nowMs - hourMs - closedForMs).toISOString()} order by h.hour limit ${lookAt}
      )
      select o.centre_id as "centreId", o.hour::text as hour from open o cross join lateral (
        select max(l.derived_at) as derived, count(distinct l.point_id) filter (where l.point_id in (select id from points where centre_id = o.centre_id)) as points
        from energy_ledger l join point p on p.id = l.point_id join device d on d.id = p.device_id where l.hour = o.hour and d.centre_id = o.centre_id
      ) l
      where l.derived <= (case when l.points >= (select count(*) from points where centre_id = o.centre_id)
          then ${new Date(nowMs - quietMs).toISOString()}::timestamptz else ${new Date(nowMs - closedForMs).toISOString()}::timestamptz end)
        and not exists (select 1 from energy_dirty_hour m join point p on p.id = m.point_id join device d on d.id = p.device_id
          where m.hour = o.hour and d.centre_id = o.centre_id)
      order by o.hour, o.centre_id limit ${batchSize}`;
    for (const { centreId, hour } of hours) {
      const entries = await sql<Entry[]>`
        select d.centre_id as "centreId", (extract(epoch from l.hour) * 1000)::float8 as "hourMs", l.point_id as "pointId", d.id as "deviceId", p.name as point,
          l.method, l.energy_milli_wh as "energyMilliWh", l.covered_s as "coveredS", l.readings,
          (extract(epoch from l.first_reading_at) * 1000000)::float8 as "firstReadingUs", (extract(epoch from l.last_reading_at) * 1000000)::float8 as "lastReadingUs",
          l.notes, d.simulated
        from energy_ledger l join point p on p.id = l.point_id join device d on d.id = p.device_id
        where d.centre_id = ${centreId} and l.hour = ${hour}::timestamptz order by d.id, p.name, l.method`;
      const byValues = new Map(
        entries.map((entry) => {
          const values = leafValues({ ...entry, energyMilliWh: Number(entry.energyMilliWh) });
          return [values, entry] as const;
        }),
      );
      const { root, leaves } = buildEvidenceTree([...byValues.keys()]);
      const rows = leaves.map(({ values, hash }, index) => {
        const { pointId, method } = byValues.get(values)!;
        return { i: index, p: pointId, m: method, v: values, h: hash.slice(2) };
      });
      await sql`insert into evidence_root (centre_id, hour, root, leaves, built_at)
        values (${centreId}, ${hour}::timestamptz, decode(${root.slice(2)}, 'hex'), ${leaves.length}, ${new Date(nowMs).toISOString()})`;
      await sql`
        insert into evidence_leaf (centre_id, hour, index, point_id, method, values, hash)
        select ${centreId}, ${hour}::timestamptz, i, p, m, v, decode(h, 'hex')
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g(i int, p int, m text, v jsonb, h text)`;
    }
    return hours.length;
  });
}
