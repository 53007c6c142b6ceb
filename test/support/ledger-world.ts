import type { Database } from "#db/client.ts";
import { centre, type DeviceRole, device, point } from "#db/schema/fleet.ts";
import { type Quality, qualities } from "#db/schema/telemetry.ts";
import { isoOfUs } from "#domain/units.ts";

export type TestReading = { pointId: number; timeUs: number; value: number | null; quality?: Quality };

/** A centre in zone `zone`, PUE category 2. */
export async function addCentre(db: Database, id: string, zone: string): Promise<void> {
  const names = { en: id, "zh-Hant": id, "zh-Hans": id };
  await db.orm.insert(centre).values({
    id,
    name: names,
    locality: names,
    country: "CN",
    jurisdiction: "CN",
    latitude: 36,
    longitude: 101,
    timeZone: "Asia/Shanghai",
    gridZone: zone,
    tier: "core",
    pueCategory: 2,
    powerCapW: 1e7,
    tariff: { adderUsdPerMwh: 10, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1.5" },
    targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
    engine: { kind: "local" },
    simulated: true,
  });
}

export type TestMeter = {
  id: string;
  centreId: string;
  role: DeviceRole;
  /** Point names by quantity, e.g. energyImport. */
  quantities: string[];
  intervalS?: number;
  ratedPowerW?: number | null;
  rolloverAt?: number;
  supply?: "on-site" | "grid-contract";
};

/** @returns point ids by quantity. */
export async function addMeter(db: Database, meter: TestMeter): Promise<Record<string, number>> {
  await db.orm.insert(device).values({
    id: meter.id,
    centreId: meter.centreId,
    role: meter.role,
    supply: meter.supply ?? null,
    protocol: "mqtt-json",
    address: { topic: `hs/${meter.id}` },
    profile: "test",
    intervalS: meter.intervalS ?? 10,
    ratedPowerW: meter.ratedPowerW === undefined ? 1e6 : meter.ratedPowerW,
    simulated: true,
  });
  const ids: Record<string, number> = {};
  for (const quantity of meter.quantities) {
    const isPower = quantity === "activePower";
    const [row] = await db.orm
      .insert(point)
      .values({
        deviceId: meter.id,
        name: `${quantity}${isPower ? "W" : "Wh"}`,
        quantity,
        unit: isPower ? "W" : "Wh",
        kind: isPower ? "gauge" : "counter",
        rolloverAt: isPower ? null : (meter.rolloverAt ?? null),
      })
      .returning({ id: point.id });
    ids[quantity] = row!.id;
  }
  return ids;
}

/** Writes readings as the pipeline does: repeated ones are no-ops, others corrections, hours marked in the same transaction. */
export async function writeReadings(db: Database, readings: TestReading[]): Promise<void> {
  const rows = readings.map(({ pointId, timeUs, value, quality }) => ({
    p: pointId,
    t: isoOfUs(timeUs),
    v: value,
    q: qualities.indexOf(quality ?? "good"),
  }));
  const text = JSON.stringify(rows);
  await db.sql.begin(async (sql) => {
    await sql`
      insert into reading (point_id, time, received_at, value, quality)
      select p, t, now(), v, q from jsonb_to_recordset(${text}::text::jsonb) as g(p int, t timestamptz, v float8, q smallint)
      on conflict (point_id, time) do update set value = excluded.value, quality = excluded.quality, received_at = excluded.received_at`;
    await sql`
      insert into energy_dirty_hour (point_id, hour, marked_at)
      select p, date_trunc('hour', t, 'UTC'), clock_timestamp() from jsonb_to_recordset(${text}::text::jsonb) as g(p int, t timestamptz) group by 1, 2
      on conflict (point_id, hour) do update set marked_at = excluded.marked_at`;
  });
}
