import { readFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt from "mqtt";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedBroker, startEmbeddedBroker } from "#cli/embedded/mqtt-broker.ts";
import { freePort } from "#cli/embedded/ports.ts";
import { profilePoints } from "#cli/profiles.ts";
import { applyFleet } from "#db/config/apply-fleet.ts";
import { type Env, parseEnv } from "#db/config/env.ts";
import { parseFleetFile } from "#db/config/fleet-file.ts";
import type { RunningRole } from "#db/config/role.ts";
import { temporaryFolder } from "#test/support/console-process.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { startHostileServer, until } from "./adapters/modbus/testing.ts";
import { startIngest } from "./role.ts";

const log = pino({ level: "silent" });

describe("the ingest role", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let broker: EmbeddedBroker;
  let publisher: mqtt.MqttClient;
  let meter: Awaited<ReturnType<typeof startHostileServer>>;
  let watts = 41_234;
  let env: Env;
  let role: RunningRole;
  let metrics: Registry;

  const start = async () => {
    metrics = new Registry();
    role = await startIngest({ db: database.db, env, log, clock: Date.now, metrics });
    await until(() => role.notReady() === undefined, 10_000, `ready, but: ${role.notReady()}`);
  };
  const newest = async (deviceId: string, name: string) =>
    (
      await database.db.sql<{ value: number }[]>`select l.value from point_latest l join point p on p.id = l.point_id
      where p.device_id = ${deviceId} and p.name = ${name}`
    )[0]?.value;
  const stale = async (id: string) =>
    (await database.db.sql`select stale from source_health where device_id = ${id}`)[0]?.stale;
  const apply = (racks: number) =>
    applyFleet(database.db, parseFleetFile(fleetOf(meter.port, racks), "test.yaml"), profilePoints, new Date());
  /** At times of their own: two values of one millisecond would be a correction. */
  const publish = (rack: number, inlet: number, atMs = Date.now()) =>
    publisher.publishAsync(`hs/plant/r-${rack}/inlet`, JSON.stringify({ time: new Date(atMs).toISOString(), inlet }), {
      qos: 1,
    });

  beforeAll(async () => {
    database = await cloneDatabase();
    folder = await temporaryFolder();
    broker = await startEmbeddedBroker({ port: await freePort(21_883) });
    publisher = await mqtt.connectAsync(broker.url);
    meter = await startHostileServer((frame) => {
      const count = frame.pdu[4]!;
      const registers = Buffer.alloc(count * 2);
      if (frame.pdu[2] === 0) {
        registers.writeFloatBE(watts, 0);
        registers.writeFloatBE(230, 4);
        registers.writeBigUInt64BE(1_000_000n, 16);
      }
      return [{ pdu: [frame.pdu[0]!, count * 2, ...registers] }];
    });
    env = parseEnv({ DATA_DIR: folder.path, MQTT_URL: broker.url, NODE_ENV: "test" });
    await apply(1);
    await start();
  });
  afterAll(async () => {
    await role?.stop();
    await publisher?.endAsync(true);
    await meter?.stop();
    await broker?.stop();
    await folder?.remove();
    await database?.drop();
  });

  it("brings what devices say over both wires into the database within moments", async () => {
    await until(async () => (await newest("grid", "activePowerW")) === 41_234, 3_000, "the meter");
    watts = 52_345;
    await publish(1, 23.4);
    const begun = performance.now();
    await until(async () => (await newest("grid", "activePowerW")) === 52_345, 3_000, "the meter's change");
    await until(async () => (await newest("inlet-1", "inletTemperatureC")) === 23.4, 1_000, "the sensor");
    console.log(`change to database: ${Math.round(performance.now() - begun)} ms at most`);
    expect(await newest("grid", "energyImportWh")).toBe(1_000_000);
    const marks = await database.db
      .sql`select distinct p.name from energy_dirty_hour m join point p on p.id = m.point_id order by 1`;
    const entries = await database.db.sql`select 1 from energy_ledger`;
    expect(marks.length + entries.length, "hours are marked, or already derived").toBeGreaterThan(0);
  });

  it("follows the fleet file without a restart", async () => {
    await publish(2, 31.5);
    await apply(2);
    await until(
      async () => {
        await publish(2, 31.5);
        return (await newest("inlet-2", "inletTemperatureC")) === 31.5;
      },
      5_000,
      "the new rack's sensor",
    );
    watts = 60_000;
    await until(async () => (await newest("grid", "activePowerW")) === 60_000, 3_000, "the meter goes on");
  });

  it("says which device is silent, and that it lives again", async () => {
    await until(async () => (await stale("inlet-1")) === true, 9_000, "silence of the sensor");
    expect(await stale("grid")).toBe(false);
    await publish(1, 22);
    await until(async () => (await stale("inlet-1")) === false, 3_000, "life");
  });

  it("stops in time, and what was published meanwhile is there after the next start", async () => {
    const id = await readFile(join(folder.path, "mqtt-client-id"), "utf8");
    const begun = performance.now();
    await role.stop();
    await role.stop();
    expect(performance.now() - begun).toBeLessThan(5_000);
    const before = await database.db.sql`select count(*)::int as rows from reading`;
    const startMs = Date.now();
    for (let at = 0; at < 20; at++) await publish(1, 24 + at / 10, startMs + at);
    await start();
    expect(await readFile(join(folder.path, "mqtt-client-id"), "utf8")).toBe(id);
    const kept = async () =>
      (
        await database.db.sql<{ value: number }[]>`select r.value from reading r join point p on p.id = r.point_id
        where p.device_id = 'inlet-1' and r.value between 24 and 26 order by r.value`
      ).map(({ value }) => value);
    await until(async () => (await kept()).length >= 20, 10_000, "all that was published");
    expect(await kept()).toEqual(Array.from({ length: 20 }, (_, at) => 24 + at / 10));
    expect(before[0]?.rows).toBeGreaterThan(0);
  });

  it("goes on when the database ends the connections of the time-series path", async () => {
    await database.db
      .sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'hs-test-ts'`;
    watts = 70_000;
    await until(async () => (await newest("grid", "activePowerW")) === 70_000, 10_000, "the meter goes on");
    await apply(3);
    await until(
      async () => {
        await publish(3, 19.5);
        return (await newest("inlet-3", "inletTemperatureC")) === 19.5;
      },
      15_000,
      "the fleet is still followed",
    );
    await until(() => role.notReady() === undefined, 10_000, `ready again, but: ${role.notReady()}`);
  }, 40_000);
});

const fleetOf = (port: number, racks: number) => `version: 1
centres:
  - id: plant
    name: { en: Plant, zh-Hant: 廠房, zh-Hans: 厂房 }
    locality: { en: Somewhere, zh-Hant: 某地, zh-Hans: 某地 }
    country: DE
    jurisdiction: EU
    place: { latitude: 50.1, longitude: 8.7 }
    timeZone: Europe/Berlin
    gridZone: DE
    tier: regional
    pueCategory: 2
    powerCapKw: 200
    tariff: { computeHsPerGpuHour: "1" }
    engine: { kind: local }
    gateways: [{ id: gw, protocol: modbus-tcp, host: 127.0.0.1, port: ${port} }]
    halls:
      - id: hall
        name: Hall
        cooling: air
        racks:
          - id: r-{1..${racks}}
            row: A
            powerLimitKw: 40
            gpuClass: H100
            gpus: 8
            devices:
              - { id: "inlet-{1}", role: rack_environment, protocol: mqtt-json, profile: temperature-json, address: { topic: "hs/plant/r-{1}/inlet" }, intervalS: 1 }
    devices:
      - { id: grid, role: grid, protocol: modbus-tcp, profile: generic-meter-float32, address: { gateway: gw, unitId: 1 }, intervalS: 1 }
`;
