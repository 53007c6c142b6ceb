import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { type device, gateway as gatewayTable, point as pointTable } from "#db/schema/fleet.ts";
import type { ReadingRow, Sink } from "../../pipeline/types.ts";
import { DeviceReader } from "./device-reader.ts";
import { Gateway } from "./gateway.ts";
import { modbusMetrics } from "./metrics.ts";
import { type KnownPoint, startPoller } from "./poller.ts";

export type DeviceRow = typeof device.$inferSelect;

export type ModbusAdapterOptions = {
  db: Database;
  /** Rows of `device`; those of other protocols and retired ones are left alone. */
  devices: DeviceRow[];
  sink: Pick<Sink, "seen" | "failed">;
  /** Takes rows, which no device says twice (`Spool`); false when it can hold no more. */
  write: (rows: ReadingRow[]) => boolean;
  /** Now, in milliseconds since 1970. */
  clock: () => number;
  log: Logger;
  metrics: Registry;
  /** 0 ≤ x < 1, for the jitter of backoffs. */
  random?: () => number;
  requestTimeoutMs?: number;
};

export type ModbusAdapter = {
  /** Works from these rows on; gateways that stay keep their connection. */
  reload(devices: DeviceRow[]): Promise<void>;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
};

const addressPollMs = 5_000;
const addressPollWhileMissingMs = 500;

/**
 * Polls every Modbus device of `devices` through its gateway and hands on what they say. A gateway's host and port
 * come from its row, which is watched: a simulator may bind its port late or move.
 */
export async function startModbusAdapter(options: ModbusAdapterOptions): Promise<ModbusAdapter> {
  const { db, sink, write, clock, log } = options;
  const metrics = modbusMetrics(options.metrics);
  const gateways = new Map<string, Gateway>();
  const moduli = new Map<number, number>();
  let pollers: { stop(): Promise<void> }[] = [];
  let addressTimer: NodeJS.Timeout | undefined;
  let stopped = false;
  let reloading: Promise<void> = Promise.resolve();

  const saveModulus = (pointId: number, modulus: number) => {
    if (moduli.get(pointId) === modulus) return;
    moduli.set(pointId, modulus);
    db.orm
      .update(pointTable)
      .set({ rolloverAt: modulus })
      .where(and(eq(pointTable.id, pointId), sql`${pointTable.rolloverAt} is distinct from ${modulus}`))
      .catch((error: unknown) => {
        moduli.delete(pointId);
        log.warn({ err: error, pointId }, "a counter's modulus could not be saved; tried again at the next poll");
      });
  };

  const watchAddresses = async () => {
    clearTimeout(addressTimer);
    let missing = false;
    try {
      const ids = [...gateways.keys()];
      const rows = ids.length ? await db.orm.select().from(gatewayTable).where(inArray(gatewayTable.id, ids)) : [];
      for (const row of rows) gateways.get(row.id)?.setAddress(row.host, row.port);
      missing = rows.length < ids.length || rows.some((row) => row.port === null || !gateways.get(row.id)?.isConnected);
    } catch (error) {
      missing = true;
      log.warn({ err: error }, "addresses of Modbus gateways could not be read; tried again soon");
    }
    if (stopped) return;
    clearTimeout(addressTimer);
    addressTimer = setTimeout(() => void watchAddresses(), missing ? addressPollWhileMissingMs : addressPollMs);
  };

  const gatewayOf = (id: string): Gateway => {
    const known = gateways.get(id);
    if (known) return known;
    const created = new Gateway({
      id,
      clock,
      random: options.random ?? Math.random,
      log,
      metrics,
      requestTimeoutMs: options.requestTimeoutMs ?? 2_000,
      connectTimeoutMs: 5_000,
      maxOpenRequests: 8,
    });
    gateways.set(id, created);
    return created;
  };

  const start = (row: DeviceRow, points: Map<string, KnownPoint>) => {
    const unitId = Number(row.address.unitId);
    if (row.gatewayId === null || !Number.isInteger(unitId) || unitId < 0 || unitId > 255) {
      sink.failed(row.id, clock() * 1000, "the device's row names no gateway or no unit id from 0 to 255");
      return;
    }
    const gateway = gatewayOf(row.gatewayId);
    let reader: DeviceReader;
    try {
      reader = new DeviceReader(
        row.profile,
        unitId,
        (request) => gateway.read(request),
        clock,
        (identity) => log.info({ device: row.id, ...identity }, "SunSpec device found"),
      );
    } catch (error) {
      log.error({ err: error, device: row.id }, "a Modbus device has no usable profile");
      sink.failed(row.id, clock() * 1000, (error as Error).message);
      return;
    }
    const { id: deviceId, gatewayId } = row;
    const intervalMs = row.intervalS * 1000;
    pollers.push(
      startPoller({
        deviceId,
        gatewayId,
        intervalMs,
        gateway,
        reader,
        points,
        sink,
        write,
        clock,
        log,
        metrics,
        rolloverAt: saveModulus,
      }),
    );
  };

  const apply = async (devices: DeviceRow[]) => {
    const ours = devices.filter((row) => row.protocol === "modbus-tcp" && row.retiredAt === null);
    const points = await pointsOf(
      db,
      ours.map((row) => row.id),
    );
    await Promise.all(pollers.map((poller) => poller.stop()));
    pollers = [];
    // A device with another profile counts in another way: what it says is saved again.
    moduli.clear();
    if (stopped) return;
    const wanted = new Set(ours.map((row) => row.gatewayId));
    for (const [id, gateway] of gateways) {
      if (wanted.has(id)) continue;
      gateway.stop();
      gateways.delete(id);
    }
    for (const row of ours) start(row, points.get(row.id) ?? new Map());
    await watchAddresses();
  };

  await apply(options.devices);
  return {
    reload(devices) {
      reloading = reloading.then(() => apply(devices));
      const result = reloading;
      reloading = reloading.catch(() => {});
      return result;
    },
    async stop() {
      stopped = true;
      clearTimeout(addressTimer);
      // Closing the connections ends the requests that pollers wait for.
      for (const gateway of gateways.values()) gateway.stop();
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}

async function pointsOf(db: Database, deviceIds: string[]): Promise<Map<string, Map<string, KnownPoint>>> {
  const byDevice = new Map<string, Map<string, KnownPoint>>();
  if (deviceIds.length === 0) return byDevice;
  const rows = await db.orm
    .select()
    .from(pointTable)
    .where(and(inArray(pointTable.deviceId, deviceIds), isNull(pointTable.retiredAt)));
  for (const { id, deviceId, name, minimum, maximum } of rows) {
    const points = byDevice.get(deviceId) ?? new Map<string, KnownPoint>();
    byDevice.set(deviceId, points.set(name, { id, minimum, maximum }));
  }
  return byDevice;
}
