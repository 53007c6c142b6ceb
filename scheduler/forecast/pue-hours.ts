import type { Database } from "#db/client.ts";
import { hourMs } from "../placement/horizon.ts";
import type { PueHour } from "./pue-model.ts";

const days = 14;

/** Measured hours of the last two weeks by centre, each with the wet bulb met in it: metered, else as last forecast. */
export async function readPueHours(db: Database, centreIds: string[], nowMs: number): Promise<Map<string, PueHour[]>> {
  const rows = await db.sql<
    {
      centreId: string;
      hourMs: number;
      pue: number;
      itMilliWh: string;
      facilityMilliWh: string;
      wetBulbC: number | null;
    }[]
  >`
    select h.centre_id as "centreId", extract(epoch from h.hour)::float8 * 1000 as "hourMs", h.pue, h.it_milli_wh as "itMilliWh", h.facility_milli_wh as "facilityMilliWh",
      coalesce(metered.value, foretold.value) as "wetBulbC"
    from centre_hour h
    left join lateral (select p.id from device d join point p on p.device_id = d.id
      where d.centre_id = h.centre_id and p.quantity = 'wetBulbTemperature' and d.retired_at is null order by p.id limit 1) wet on true
    left join lateral (select r.value from reading r
      where r.point_id = wet.id and r.time >= h.hour and r.time < h.hour + interval '1 hour' and r.value is not null order by r.time limit 1) metered on true
    left join lateral (select f.value from forecast f
      where f.key = h.centre_id and f.series = 'wetBulbC' and f.time = h.hour order by f.issued_at desc limit 1) foretold on true
    where h.centre_id = any(${centreIds}) and h.pue is not null and h.hour >= ${new Date(nowMs - days * 24 * hourMs).toISOString()}
      and h.hour <= ${new Date(nowMs - hourMs).toISOString()}`;
  const hours = new Map<string, PueHour[]>(centreIds.map((id) => [id, []]));
  for (const row of rows) {
    hours.get(row.centreId)!.push({
      pue: row.pue,
      itWh: Number(row.itMilliWh) / 1_000,
      facilityWh: Number(row.facilityMilliWh) / 1_000,
      wetBulbC: row.wetBulbC,
      ageHours: (nowMs - row.hourMs) / hourMs,
    });
  }
  return hours;
}
