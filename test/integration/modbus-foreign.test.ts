import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { device, point } from "#db/schema/fleet.ts";
import { startModbusAdapter } from "#ingest/adapters/modbus/adapter.ts";
import { fakeSink, seedModbusFleet, silentLog, until } from "#ingest/adapters/modbus/testing.ts";
import { cloneDatabase } from "#test/support/database.ts";

/** A device that nobody here wrote: a server by pymodbus 3.0 (Debian: python3-pymodbus). */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import pymodbus.server, pymodbus.payload"]).status === 0,
);
if (!python)
  console.log(
    "No python with pymodbus: the foreign Modbus server is not tested. Debian: apt install python3-pymodbus.",
  );

describe.skipIf(!python)("a pymodbus server", () => {
  let server: ChildProcess;
  let obeyed = 0;
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  const spy = fakeSink();
  let adapter: Awaited<ReturnType<typeof startModbusAdapter>>;
  let ids: Map<string, number>;

  const write = async (command: Record<string, unknown>) => {
    const before = obeyed;
    server.stdin!.write(`${JSON.stringify(command)}\n`);
    await until(() => obeyed > before, 15_000, "pymodbus obeys");
  };
  const newest = (name: string) => spy.rows.filter((row) => row.pointId === ids.get(name)).at(-1);

  beforeAll(async () => {
    database = await cloneDatabase();
    const port = await freePort();
    const script = join(import.meta.dirname, "../fixtures/pymodbus_server.py");
    server = spawn(python!, [script, "127.0.0.1", String(port), "1,2,3"], { stdio: ["pipe", "pipe", "ignore"] });
    createInterface({ input: server.stdout! }).on("line", () => obeyed++);
    await write({ unit: 1, fc: 3, address: 0, type: "float32", values: [42_000.5, 230.25, 182.75] });
    await write({ unit: 1, fc: 3, address: 8, type: "uint64", values: [9_876_543_210] });
    await write({ unit: 2, fc: 4, address: 0, type: "uint32", values: [2_305], order: "CDAB" });
    await write({ unit: 2, fc: 4, address: 2, type: "int32", values: [-1_500, 123_456], order: "CDAB" });
    await write({ unit: 2, fc: 4, address: 6, type: "int16", values: [-950] });
    await write({ unit: 2, fc: 4, address: 7, type: "uint16", values: [5_001] });
    await write({ unit: 2, fc: 4, address: 10, type: "uint32", values: [4_294_967_294], order: "CDAB" });
    await write({ unit: 3, fc: 3, address: 0, type: "int16", values: [-74, -32_768] });
    const devices = [
      { id: "pdu", profile: "generic-meter-float32", unitId: 1, intervalS: 1 },
      { id: "cooling", profile: "generic-meter-int32-input", unitId: 2, intervalS: 1 },
      { id: "weather", profile: "weather-station", unitId: 3, intervalS: 1 },
      { id: "not-sunspec", profile: "sunspec-meter-203", unitId: 3, intervalS: 1 },
    ];
    await seedModbusFleet(database.db, devices, { host: "127.0.0.1", port });
    ids = new Map((await database.db.orm.select().from(point)).map((row) => [`${row.deviceId}.${row.name}`, row.id]));
    adapter = await startModbusAdapter({
      db: database.db,
      devices: await database.db.orm.select().from(device),
      sink: spy.sink,
      write: spy.write,
      clock: Date.now,
      log: silentLog,
      metrics: new Registry(),
    });
  });
  afterAll(async () => {
    await adapter?.stop();
    server?.kill();
    await database?.drop();
  });

  it("is read in floats, 64-bit counters, scaled integers with swapped words, and sentinels", async () => {
    const expected: Record<string, number | null> = {
      "pdu.activePowerW": 42_000.5,
      "pdu.voltageV": 230.25,
      "pdu.currentA": 182.75,
      "pdu.energyImportWh": 9_876_543_210,
      "cooling.voltageV": 230.5,
      "cooling.currentA": -1.5,
      "cooling.activePowerW": 12_345.6,
      "cooling.powerFactor": -0.95,
      "cooling.frequencyHz": 50.01,
      "cooling.energyImportWh": 42_949_672_940,
      "weather.outdoorTemperatureC": -7.4,
      "weather.wetBulbTemperatureC": null,
    };
    await until(() => Object.keys(expected).every((name) => newest(name)), 10_000, "every point has a reading");
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, newest(name)?.value]))).toEqual(expected);
    expect(newest("weather.wetBulbTemperatureC")?.quality).toBe("sentinel");
  });

  it("shows a change within 3 s", async () => {
    await write({ unit: 1, fc: 3, address: 0, type: "float32", values: [61_234.5] });
    await until(() => newest("pdu.activePowerW")?.value === 61_234.5, 3_000, "the new power");
    await write({ unit: 2, fc: 4, address: 4, type: "int32", values: [222_222], order: "CDAB" });
    await until(() => newest("cooling.activePowerW")?.value === 22_222.2, 3_000, "the new power of the other unit");
  });

  it("a device that is not what its profile says is reported, and disturbs no other", async () => {
    await until(() => spy.failures.length > 0, 5_000, "the report");
    expect(new Set(spy.failures.map(({ deviceId }) => deviceId))).toEqual(new Set(["not-sunspec"]));
    expect(spy.failures[0]?.error).toBe("gateway gw: no SunSpec marker at 40000, 50000, 0");
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
