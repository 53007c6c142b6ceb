import { eq } from "drizzle-orm";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "#db/client.ts";
import { device, gateway, point } from "#db/schema/fleet.ts";
import { cloneDatabase } from "#test/support/database.ts";
import type { DeviceValues, SimulatedFleet } from "../../simulator/types.ts";
import { startModbusServer } from "../../simulator/wires/modbus-server.ts";
import { type ModbusAdapter, startModbusAdapter } from "./adapter.ts";
import { nextPollMs, pollPhaseMs } from "./poller.ts";
import { fakeSink, seedModbusFleet, silentLog, until } from "./testing.ts";

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
beforeAll(async () => {
  database = await cloneDatabase();
  db = database.db;
});
afterAll(() => database.drop());

const meter = { id: "grid", profile: "sunspec-meter-203", unitId: 1, intervalS: 0.2, ratedPowerW: 1e6 };
const weather = { id: "weather", profile: "weather-station", unitId: 2, intervalS: 0.2 };
const ups = { id: "ups", profile: "generic-meter-float32", unitId: 3, intervalS: 0.2 };
const all = [meter, weather, ups];

let values: Record<string, DeviceValues>;
let silent: Set<string>;
let stepUs: number;
const cleanUp: (() => unknown)[] = [];
beforeEach(async () => {
  values = {
    grid: { activePowerW: 500_000, energyImportWh: 1e9, energyExportWh: 0, frequencyHz: 50, powerFactor: 0.97 },
    weather: { outdoorTemperatureC: 31.5, wetBulbTemperatureC: null },
    ups: { activePowerW: 2e9, energyImportWh: 12_345, voltageV: 400, currentA: 10 },
  };
  silent = new Set();
  stepUs = 1;
  await seedModbusFleet(db, all, { host: "127.0.0.1", port: null });
});
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

const fleet: SimulatedFleet = {
  timeUs: () => stepUs,
  valuesOf: (deviceId) => values[deviceId] ?? {},
  gpusOf: () => [],
  isAnswering: (deviceId) => !silent.has(deviceId),
};
async function startServer(devices = all) {
  const server = await startModbusServer({ host: "127.0.0.1", port: 0, devices, fleet });
  cleanUp.push(server.stop);
  await db.orm.update(gateway).set({ port: server.port }).where(eq(gateway.id, "gw"));
  return server;
}
async function startAdapter() {
  const spy = fakeSink();
  const metrics = new Registry();
  const devices = await db.orm.select().from(device);
  const adapter = await startModbusAdapter({
    db,
    devices,
    sink: spy.sink,
    write: spy.write,
    clock: Date.now,
    log: silentLog,
    metrics,
    random: () => 0.5,
    requestTimeoutMs: 200,
  });
  cleanUp.push(() => adapter.stop());
  const ids = new Map((await db.orm.select().from(point)).map((row) => [`${row.deviceId}.${row.name}`, row.id]));
  const rowsOf = (name: string) => spy.rows.filter((row) => row.pointId === ids.get(name));
  return { ...spy, adapter: adapter as ModbusAdapter, metrics, rowsOf, ids };
}

describe("startModbusAdapter", () => {
  it("reads every device, with quality by the profile's ranges and sentinels", async () => {
    await startServer();
    const { rowsOf, rows, seen, failures } = await startAdapter();
    await until(() => rows.length >= 13, 3_000, "a first poll of each device");
    expect(rowsOf("grid.activePowerW")[0]).toMatchObject({ value: 500_000, quality: "good" });
    expect(rowsOf("grid.voltageV")[0]).toMatchObject({ value: null, quality: "sentinel" });
    expect(rowsOf("weather.wetBulbTemperatureC")[0]).toMatchObject({ value: null, quality: "sentinel" });
    expect(rowsOf("ups.activePowerW")[0]).toMatchObject({ value: 2e9, quality: "out_of_range" });
    expect(new Set(seen)).toEqual(new Set(["grid", "weather", "ups"]));
    // On a busy machine the first poll may come before the address was read.
    expect(failures.filter(({ error }) => !error.includes("port is not known yet"))).toEqual([]);
  });

  it("stamps each reply with its arrival, and polls on the grid", async () => {
    await startServer();
    const { rowsOf } = await startAdapter();
    await until(() => rowsOf("weather.outdoorTemperatureC").length >= 6, 4_000, "six polls");
    const phaseMs = pollPhaseMs("weather", 200);
    const times = rowsOf("weather.outdoorTemperatureC").map((row) => row.timeUs / 1000);
    const sinceDueMs = times.slice(2).map((timeMs) => timeMs - (nextPollMs(timeMs, 200, phaseMs) - 200));
    expect(Math.min(...sinceDueMs)).toBeGreaterThanOrEqual(-1);
    // Without the grid they lie anywhere in the interval; a busy machine is late for some of them.
    expect(sinceDueMs.toSorted((a, b) => a - b)[Math.floor(sinceDueMs.length / 2)]).toBeLessThan(100);
    for (const row of rowsOf("weather.outdoorTemperatureC")) expect(row.receivedAtUs).toBe(row.timeUs);
  });

  it("waits for a gateway whose port comes late, and follows it when it moves", async () => {
    const { rowsOf } = await startAdapter();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(rowsOf("weather.outdoorTemperatureC")).toEqual([]);
    const first = await startServer();
    await until(() => rowsOf("weather.outdoorTemperatureC").length > 0, 3_000, "readings after the port is known");
    await first.stop();
    values.weather = { outdoorTemperatureC: -3.5 };
    stepUs++;
    await startServer();
    await until(
      () => rowsOf("weather.outdoorTemperatureC").at(-1)?.value === -3.5,
      4_000,
      "readings from the new port",
    );
  });

  it("a silent device is reported and stops nobody; it is read again when it answers", async () => {
    await startServer();
    const { rowsOf, failures } = await startAdapter();
    await until(() => rowsOf("grid.activePowerW").length > 0, 3_000, "a first reading");
    silent.add("grid");
    await until(() => failures.some(({ deviceId }) => deviceId === "grid"), 3_000, "the failure");
    expect(failures[0]).toEqual({ deviceId: "grid", error: "gateway gw: no answer within 200 ms" });
    const [before, gridBefore] = [rowsOf("weather.outdoorTemperatureC").length, rowsOf("grid.activePowerW").length];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(rowsOf("weather.outdoorTemperatureC").length - before).toBeGreaterThanOrEqual(4);
    // Nothing is made up while it is silent.
    expect(rowsOf("grid.activePowerW").length).toBe(gridBefore);
    silent.delete("grid");
    await until(() => rowsOf("grid.activePowerW").length > gridBefore, 6_000, "readings again");
    expect(new Set(failures.map(({ deviceId }) => deviceId))).toEqual(new Set(["grid"]));
  });

  it("saves the modulus of a SunSpec accumulator with its point", async () => {
    await startServer();
    const { ids } = await startAdapter();
    const stored = async () =>
      (
        await db.orm
          .select()
          .from(point)
          .where(eq(point.id, ids.get("grid.energyImportWh")!))
      )[0]?.rolloverAt;
    // 1 MW for five years is 4.4e10 Wh: 32 bits hold it in steps of 100 Wh.
    await until(async () => (await stored()) === 2 ** 32 * 100, 3_000, "the modulus");
  });

  it("reload takes devices away and adds them; stop ends everything", async () => {
    await startServer();
    const { adapter, rows, rowsOf } = await startAdapter();
    await until(() => rowsOf("ups.voltageV").length > 0, 3_000, "a first reading");
    const devices = await db.orm.select().from(device);
    await adapter.reload(devices.filter((row) => row.id === "weather"));
    const gone = rowsOf("ups.voltageV").length;
    const kept = rowsOf("weather.outdoorTemperatureC").length;
    await until(() => rowsOf("weather.outdoorTemperatureC").length > kept + 2, 3_000, "the one that stays");
    expect(rowsOf("ups.voltageV").length).toBe(gone);
    await adapter.reload(devices);
    await until(() => rowsOf("ups.voltageV").length > gone, 3_000, "the one that came back");
    await adapter.stop();
    const end = rows.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(rows.length).toBe(end);
  });

  it("reports a device whose row cannot be used, and reads the others", async () => {
    await db.orm.update(device).set({ profile: "no-such" }).where(eq(device.id, "ups"));
    await db.orm.update(device).set({ address: {} }).where(eq(device.id, "grid"));
    await startServer();
    const { rowsOf, failures } = await startAdapter();
    await until(() => rowsOf("weather.outdoorTemperatureC").length > 0, 3_000, "the good device");
    expect(failures.find(({ deviceId }) => deviceId === "ups")?.error).toContain('no profile "no-such"; known:');
    expect(failures.find(({ deviceId }) => deviceId === "grid")?.error).toContain("no unit id from 0 to 255");
  });

  it("counts requests and lateness", async () => {
    await startServer();
    const { metrics, rowsOf } = await startAdapter();
    await until(() => rowsOf("weather.outdoorTemperatureC").length > 3, 3_000, "some polls");
    const text = await metrics.metrics();
    expect(Number(/hs_modbus_requests_total\{gateway="gw",outcome="ok"\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(3);
    expect(Number(/hs_modbus_poll_late_seconds_count (\d+)/.exec(text)?.[1])).toBeGreaterThan(3);
    expect(text).toContain('hs_modbus_connected{gateway="gw"} 1');
  });
});

describe("the grid", () => {
  it("gives every device its own place in the first quarter of the interval", () => {
    const phases = Array.from({ length: 200 }, (_, n) => pollPhaseMs(`rack-${n}-pdu-a`, 1_000));
    expect(Math.min(...phases)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...phases)).toBeLessThan(250);
    expect(new Set(phases.map((phase) => Math.floor(phase / 25))).size).toBe(10);
    expect(nextPollMs(1_000, 1_000, 0)).toBe(2_000);
    expect(nextPollMs(1_999, 1_000, 100)).toBe(2_100);
    expect(nextPollMs(2_099, 1_000, 100)).toBe(2_100);
  });
});
