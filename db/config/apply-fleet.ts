import { type AnyColumn, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Database, Orm } from "../client.ts";
import { channels } from "../notify.ts";
import { centre, device, gateway, gpu, hall, point, rack } from "../schema/fleet.ts";
import type { Fleet, FleetCentre } from "./fleet-file.ts";

/** A point as a profile gives it to every device that uses the profile. */
export type FleetPoint = {
  name: string;
  quantity: string;
  unit: string;
  kind: "gauge" | "counter" | "state";
  minimum: number | null;
  maximum: number | null;
  rolloverAt: number | null;
};

type Transaction = Parameters<Parameters<Orm["transaction"]>[0]>[0];

/** Any constant: processes that start together apply the fleet one after the other. */
const lockKey = 4_851_002;
/** Rows of one statement; PostgreSQL takes 65,535 parameters. */
const rowsAtOnce = 1_000;

/**
 * Writes the fleet into centre, hall, rack, gpu, gateway, device and point, all or nothing. What left the file is retired
 * at `now`, what comes back lives again under its old id, and what is unchanged is not written. Tells `channels.fleet`
 * when anything changed.
 *
 * What others write stays: the port of a gateway with `port: auto`, a GPU's uuid and drained reason, a counter's modulus
 * that only its device knows.
 * @throws whatever `profilePoints` throws for an unknown profile, before anything is written.
 */
export async function applyFleet(
  db: Database,
  fleet: Fleet,
  profilePoints: (profile: string) => FleetPoint[],
  now: Date,
): Promise<void> {
  const { centres } = fleet;
  const racks = centres.flatMap((entry) => entry.racks);
  const devices = centres.flatMap((entry) => entry.devices);
  const pointsByProfile = new Map(
    [...new Set(devices.map(({ profile }) => profile))].map((profile) => [profile, profilePoints(profile)]),
  );
  const points = devices.flatMap(({ id, profile }) =>
    pointsByProfile.get(profile)!.map((profilePoint) => ({ ...profilePoint, deviceId: id, retiredAt: null })),
  );

  await db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockKey})`);
    const changes = [
      await upsert(tx, centre, centreRows(fleet), [centre.id]),
      await upsert(tx, hall, centres.flatMap(hallRows), [hall.id]),
      await upsert(tx, rack, racks.map(rackRow), [rack.id]),
      await upsert(tx, gpu, racks.flatMap(gpuRows), [gpu.rackId, gpu.index], { keep: ["uuid"] }),
      await upsert(tx, gateway, centres.flatMap(gatewayRows), [gateway.id], {
        set: {
          // `auto`: the port that a simulator wrote is the best guess until it writes the next one.
          port: sql`coalesce(excluded.port, case when ${gateway.host} = excluded.host then ${gateway.port} end)`,
        },
      }),
      await forgetModuli(tx, devices),
      await upsert(tx, device, devices.map(deviceRow(fleet.simulated)), [device.id]),
      await upsert(tx, point, points, [point.deviceId, point.name], {
        set: { rolloverAt: sql`coalesce(excluded.rollover_at, ${point.rolloverAt})` },
      }),
      await retire(tx, centre, now, sql`not (${centre.id} = any(${textArray(centres.map(({ id }) => id))}))`),
      await retire(tx, hall, now, sql`not (${hall.id} = any(${textArray(centres.flatMap(hallIds))}))`),
      await retire(tx, rack, now, sql`not (${rack.id} = any(${textArray(racks.map(({ id }) => id))}))`),
      await retire(
        tx,
        gpu,
        now,
        sql`exists (select 1 from rack r where r.id = ${gpu.rackId} and (r.retired_at is not null or ${gpu.index} >= r.gpu_count))`,
      ),
      await retire(tx, device, now, sql`not (${device.id} = any(${textArray(devices.map(({ id }) => id))}))`),
      await retire(
        tx,
        point,
        now,
        sql`not exists (select 1 from unnest(${textArray(points.map(({ deviceId }) => deviceId))}, ${textArray(points.map(({ name }) => name))})
          as kept(device_id, name) where kept.device_id = ${point.deviceId} and kept.name = ${point.name})`,
      ),
    ];
    if (changes.some((rows) => rows > 0)) await tx.execute(sql`select pg_notify(${channels.fleet}, '{}')`);
  });
}

function centreRows(fleet: Fleet): (typeof centre.$inferInsert)[] {
  return fleet.centres.map((entry, position) => {
    const { id, name, locality, country, jurisdiction, place, timeZone, gridZone, tier, pueCategory } = entry;
    const identity = { id, name, locality, country, jurisdiction, timeZone, gridZone, tier, pueCategory };
    const { tariff, targets, engine } = entry;
    return {
      ...identity,
      ...place,
      powerCapW: entry.powerCapKw * 1_000,
      storageCapacityWh: (entry.storage?.capacityKwh ?? 0) * 1_000,
      tariff,
      targets,
      engine,
      simulated: fleet.simulated,
      position,
      retiredAt: null,
    };
  });
}

const hallRows = (entry: FleetCentre): (typeof hall.$inferInsert)[] =>
  entry.halls.map((row) => ({ ...row, centreId: entry.id, retiredAt: null }));
const hallIds = (entry: FleetCentre) => entry.halls.map(({ id }) => id);

const gatewayRows = (entry: FleetCentre): (typeof gateway.$inferInsert)[] =>
  entry.gateways.map(({ id, protocol, host, port }) => ({
    id,
    centreId: entry.id,
    protocol,
    host,
    port: port === "auto" ? null : port,
  }));

function rackRow(entry: FleetCentre["racks"][number]): typeof rack.$inferInsert {
  const { id, centreId, hallId, row, slot, gpuClass, reservedGpus } = entry;
  const powerLimitW = entry.powerLimitKw * 1_000;
  return {
    id,
    centreId,
    hallId,
    row,
    slot,
    powerLimitW,
    gpuClass,
    gpuCount: entry.gpus,
    reservedGpus,
    retiredAt: null,
  };
}

/** The rack's GPUs by place. A GPU's own uuid is known only when it speaks: until then it is `unknown:<rack>/<index>`. */
function gpuRows(entry: FleetCentre["racks"][number]): (typeof gpu.$inferInsert)[] {
  return Array.from({ length: entry.gpus }, (_, index) => ({
    rackId: entry.id,
    index,
    server: `${entry.id}-s${String(Math.floor(index / entry.gpusPerServer) + 1).padStart(2, "0")}`,
    uuid: `unknown:${entry.id}/${index}`,
    gpuClass: entry.gpuClass,
    ratedPowerW: entry.gpuRatedPowerW,
    retiredAt: null,
  }));
}

const deviceRow =
  (simulated: boolean) =>
  (entry: FleetCentre["devices"][number]): typeof device.$inferInsert => ({
    id: entry.id,
    centreId: entry.centreId,
    hallId: entry.hallId ?? null,
    rackId: entry.rackId ?? null,
    role: entry.role,
    feed: entry.feed ?? null,
    supply: entry.supply ?? null,
    protocol: entry.protocol,
    gatewayId: entry.gatewayId ?? null,
    address: entry.address,
    profile: entry.profile,
    intervalS: entry.intervalS,
    ratedPowerW: entry.ratedPowerKw === undefined ? null : entry.ratedPowerKw * 1_000,
    simulated,
    retiredAt: null,
  });

/** A device that gets another profile counts in another way: the modulus learnt from it says nothing any more. */
async function forgetModuli(tx: Transaction, devices: FleetCentre["devices"]): Promise<number> {
  const rows = await tx.execute(sql`
    update point set rollover_at = null
    from device, unnest(${textArray(devices.map(({ id }) => id))}, ${textArray(devices.map(({ profile }) => profile))}) as wanted(id, profile)
    where device.id = point.device_id and wanted.id = device.id and wanted.profile <> device.profile and point.rollover_at is not null
    returning 1`);
  return rows.length;
}

/**
 * Inserts rows, and updates those whose key is there already where they differ; `keep` names columns that only an insert
 * sets, `set` gives others than the new value. @returns how many rows were written.
 */
async function upsert<Table extends PgTable>(
  tx: Transaction,
  table: Table,
  rows: Table["$inferInsert"][],
  key: AnyColumn[],
  { keep = [], set = {} }: { keep?: string[]; set?: Record<string, SQL> } = {},
): Promise<number> {
  const columns = Object.entries(getTableColumns(table) as Record<string, AnyColumn>).filter(
    ([name, column]) => rows[0] && name in rows[0] && !key.includes(column) && !keep.includes(name),
  );
  const values = columns.map(([name, column]) => [name, set[name] ?? sql.raw(`excluded."${column.name}"`)] as const);
  const now = sql.join(
    columns.map(([, column]) => sql`${column}`),
    sql`, `,
  );
  const next = sql.join(
    values.map(([, value]) => value),
    sql`, `,
  );
  let written = 0;
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    const result = await tx
      .insert(table)
      .values(rows.slice(start, start + rowsAtOnce) as never)
      .onConflictDoUpdate({
        target: key as never,
        set: Object.fromEntries(values) as never,
        setWhere: sql`(${now}) is distinct from (${next})`,
      })
      .returning({ one: sql`1` });
    written += result.length;
  }
  return written;
}

async function retire(
  tx: Transaction,
  table: PgTable & { retiredAt: AnyColumn },
  now: Date,
  left: SQL,
): Promise<number> {
  const rows = await tx.execute(
    sql`update ${table} set retired_at = ${now.toISOString()} where ${table.retiredAt} is null and ${left} returning 1`,
  );
  return rows.length;
}

/** A list as one parameter. */
const textArray = (values: string[]): SQL => sql`${sql.param(values)}::text[]`;
