import { type AddressInfo, createServer, type Socket } from "node:net";
import { pino } from "pino";
import { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { centre, device, gateway, point } from "#db/schema/fleet.ts";
import type { ReadingRow, Sink } from "../../pipeline/types.ts";
import { profileOf } from "../../profiles/index.ts";
import { type Frame, FrameReader } from "./frame.ts";
import { Gateway } from "./gateway.ts";
import { modbusMetrics } from "./metrics.ts";

/** A log that writes nothing. */
export const silentLog = pino({ level: "silent" });

/** A sink that keeps what it is given. */
export function fakeSink() {
  const rows: ReadingRow[] = [];
  const failures: { deviceId: string; error: string }[] = [];
  const seen: string[] = [];
  const sink: Pick<Sink, "seen" | "failed"> = {
    seen: (deviceId) => void seen.push(deviceId),
    failed: (deviceId, _, error) => void failures.push({ deviceId, error }),
  };
  const write = (more: ReadingRow[]) => rows.push(...more) > 0;
  return { sink, write, rows, failures, seen };
}

export type ServerReply = { transactionId?: number; unitId?: number; pdu: number[] };

/** A Modbus TCP server that says whatever `answer` says, right or wrong; undefined is silence. */
export async function startHostileServer(answer: (frame: Frame, nth: number) => ServerReply[] | undefined) {
  const sockets = new Set<Socket>();
  let requests = 0;
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    const reader = new FrameReader();
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const frame of reader.push(chunk)) {
        for (const { transactionId, unitId, pdu } of answer(frame, requests++) ?? []) {
          const header = Buffer.alloc(7);
          header.writeUInt16BE((transactionId ?? frame.transactionId) & 0xffff, 0);
          header.writeUInt16BE(pdu.length + 1, 4);
          header.writeUInt8(unitId ?? frame.unitId, 6);
          socket.write(Buffer.concat([header, Buffer.from(pdu)]));
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    requests: () => requests,
    dropConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A gateway on a local port with short patience. */
export function testGateway(port: number, requestTimeoutMs = 200) {
  const registry = new Registry();
  const gateway = new Gateway({
    id: "gw",
    clock: Date.now,
    random: () => 0.5,
    log: silentLog,
    metrics: modbusMetrics(registry),
    requestTimeoutMs,
    connectTimeoutMs: 1_000,
    maxOpenRequests: 8,
  });
  const connected = new Promise<void>((resolve) => gateway.onConnected(resolve));
  gateway.setAddress("127.0.0.1", port);
  return { gateway, connected, registry, total: (name: string) => totalOf(registry, name) };
}

async function totalOf(registry: Registry, name: string): Promise<Record<string, number>> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
  return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome ?? labels.gateway ?? "", value]));
}

/** Waits until `condition` holds. @throws Error after `withinMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export type SeedDevice = { id: string; profile: string; unitId: number; intervalS: number; ratedPowerW?: number };

/** Makes the database's fleet one centre with these devices behind gateway `gw`. */
export async function seedModbusFleet(
  db: Database,
  devices: SeedDevice[],
  address: { host: string; port: number | null },
): Promise<void> {
  await db.orm.delete(point);
  await db.orm.delete(device);
  await db.orm.delete(gateway);
  const name = { en: "Test", "zh-Hant": "測試", "zh-Hans": "测试" };
  await db.orm
    .insert(centre)
    .values({
      id: "c",
      name,
      locality: name,
      country: "CN",
      jurisdiction: "CN",
      latitude: 0,
      longitude: 0,
      timeZone: "Asia/Shanghai",
      gridZone: "CN-GD",
      tier: "edge",
      pueCategory: 2,
      powerCapW: 1e6,
      tariff: { adderUsdPerMwh: 0, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1" },
      targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
      engine: { kind: "local" },
      simulated: true,
    })
    .onConflictDoNothing();
  await db.orm.insert(gateway).values({ id: "gw", centreId: "c", protocol: "modbus-tcp", ...address });
  for (const { id, profile, unitId, intervalS, ratedPowerW } of devices) {
    await db.orm.insert(device).values({
      id,
      centreId: "c",
      role: "other",
      protocol: "modbus-tcp",
      gatewayId: "gw",
      address: { unitId },
      profile,
      intervalS,
      ratedPowerW,
      simulated: true,
    });
    await db.orm.insert(point).values(
      profileOf(profile).points.map(({ name: pointName, quantity, unit, kind, minimum, maximum, rolloverAt }) => ({
        deviceId: id,
        name: pointName,
        quantity,
        unit,
        kind,
        minimum,
        maximum,
        rolloverAt,
      })),
    );
  }
}
