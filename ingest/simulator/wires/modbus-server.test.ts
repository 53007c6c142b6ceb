import ModbusRTU from "modbus-serial";
import { afterEach, describe, expect, it } from "vitest";
import { DeviceReader } from "../../adapters/modbus/device-reader.ts";
import { testGateway } from "../../adapters/modbus/testing.ts";
import { loadProfiles } from "../../profiles/index.ts";
import type { ModbusPoint, ProfilePoint, SunspecPoint } from "../../profiles/types.ts";
import type { DeviceValues, SimulatedFleet } from "../types.ts";
import { onTheWire } from "./modbus-image.ts";
import { type SimulatedModbusDevice, startModbusServer } from "./modbus-server.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

async function serve(
  devices: SimulatedModbusDevice[],
  values: Record<string, DeviceValues>,
  silent = new Set<string>(),
) {
  let stepUs = 1;
  const fleet: SimulatedFleet = {
    timeUs: () => stepUs,
    valuesOf: (deviceId) => values[deviceId] ?? {},
    gpusOf: () => [],
    isAnswering: (deviceId) => !silent.has(deviceId),
  };
  const server = await startModbusServer({ host: "127.0.0.1", port: 0, devices, fleet });
  cleanUp.push(server.stop);
  return { port: server.port, step: () => void stepUs++ };
}

const sample: DeviceValues = {
  activePowerW: 412_300,
  energyImportWh: 7_200_000_123,
  energyExportWh: 0,
  energyProducedWh: 98_765_432,
  energyChargedWh: 12_345_678_901,
  energyDischargedWh: 11_000_000_000,
  stateOfChargePercent: 63.4,
  voltageV: 400.5,
  currentA: 595.25,
  frequencyHz: 50.02,
  powerFactor: 0.98,
  outdoorTemperatureC: -7.4,
  wetBulbTemperatureC: -9.1,
  supplyTemperatureC: 55.5,
  returnTemperatureC: 41.2,
  coolantFlowLPerMin: 512.5,
  waterVolumeL: 4_711,
  apparentPowerVa: 421_500,
  energyAvailableWh: 1_234_000,
  stateOfHealthPercent: 98.5,
  batteryVoltageV: 109.5,
  batteryTemperatureC: 24.5,
  batteryTemperatureHighestC: 31.2,
  string1StateOfChargePercent: 64,
  string1VoltageV: 768.1,
  outputLoadPercent: 61.25,
  inputVoltageV: 231.5,
  supplyPressureKpa: 162.4,
  returnPressureKpa: 38.5,
  airTemperatureC: 27.5,
  ...Object.fromEntries(
    ["L1", "L2", "L3"].flatMap((phase, at) => [
      [`voltage${phase}V`, 230.5 + at],
      [`current${phase}A`, 595.25 - at],
      [`activePower${phase}W`, 137_400 + at],
    ]),
  ),
};
/** The sample as far as the points of a profile can hold it. */
const sampleFor = (points: ProfilePoint[]): DeviceValues =>
  Object.fromEntries(
    points.map(({ name, maximum = Number.POSITIVE_INFINITY, rolloverAt }) => {
      const value = sample[name];
      if (value == null) throw new Error(`the sample has no ${name}`);
      return [name, rolloverAt ? value % rolloverAt : Math.min(value, maximum)];
    }),
  );
const modbusProfiles = [...loadProfiles().values()].filter((p) => p.protocol === "modbus" || p.protocol === "sunspec");

/** Whether the device has no way to say that a value is missing: an integer without a sentinel. */
const isMute = (point: ModbusPoint | SunspecPoint) =>
  "sentinels" in point && point.sentinels.length === 0 && !point.type.startsWith("float");
const isPlausible = (value: number, { minimum, maximum }: ProfilePoint) =>
  value >= (minimum ?? Number.NEGATIVE_INFINITY) && value <= (maximum ?? Number.POSITIVE_INFINITY);

describe("the simulated gateway and the adapter's reader", () => {
  it.each(modbusProfiles.map((profile) => [profile.name, profile.points] as const))(
    "%s: what is put in comes out",
    async (profile, points) => {
      const sample = sampleFor(points);
      const device = { id: "d", profile, unitId: 7, ratedPowerW: 2e6 };
      const { port } = await serve([device], { d: sample });
      const { gateway, connected } = testGateway(port);
      cleanUp.push(() => gateway.stop());
      await connected;
      const reader = new DeviceReader(profile, 7, (request) => gateway.read(request), Date.now);
      const { values, failure, pointFailures } = await reader.poll();
      expect(failure).toBeUndefined();
      expect(pointFailures).toEqual([]);
      expect(values.map(({ name }) => name).sort()).toEqual(points.map(({ name }) => name).sort());
      const expected = onTheWire(profile, sample, 2e6);
      for (const { name, value } of values) {
        expect(value, name).toBe(expected[name]);
        const sent = sample[name]!;
        expect(Math.abs(value! - sent), name).toBeLessThanOrEqual(Math.max(Math.abs(sent) * 1e-3, 10));
      }
    },
  );

  it("tells the reader who it is", async () => {
    const { port } = await serve([{ id: "d", profile: "sunspec-meter-203", unitId: 7 }], { d: sample });
    const { gateway, connected } = testGateway(port);
    cleanUp.push(() => gateway.stop());
    await connected;
    const told: unknown[] = [];
    const read = gateway.read.bind(gateway);
    await new DeviceReader("sunspec-meter-203", 7, read, Date.now, (identity) => told.push(identity)).poll();
    expect(told).toEqual([{ manufacturer: "HS Console", model: "Simulated sunspec-meter-203", serial: "SIM" }]);
  });

  it('says "not implemented" for what is missing, and the reader makes it missing, never a number', async () => {
    for (const { name: profile, points } of modbusProfiles) {
      const values = onTheWire(profile, Object.fromEntries(points.map((point) => [point.name, null])));
      for (const [name, value] of Object.entries(values)) {
        // A SunSpec accumulator whose honest zero is expected cannot say that it is missing.
        const honestZero = ["energyExportWh", "energyProducedWh"].includes(name) && profile.startsWith("sunspec");
        const point = points.find((candidate) => candidate.name === name)!;
        if (value === null || !isMute(point)) expect(value, `${profile}.${name}`).toBe(honestZero ? 0 : null);
        else if (point.kind === "gauge") expect(isPlausible(value, point), `${profile}.${name}`).toBe(false);
      }
    }
  });
});

describe("the simulated gateway and modbus-serial", () => {
  async function client(port: number, unitId: number) {
    const modbus = new ModbusRTU();
    await modbus.connectTCP("127.0.0.1", { port });
    modbus.setID(unitId);
    modbus.setTimeout(300);
    cleanUp.push(() => new Promise<void>((resolve) => modbus.close(() => resolve())));
    return modbus;
  }
  const meter = { id: "m", profile: "sunspec-meter-203", unitId: 1, ratedPowerW: 1e6 };

  it("shows a SunSpec chain: marker, common model, meter, end", async () => {
    const { port } = await serve([meter], { m: sample });
    const modbus = await client(port, 1);
    expect((await modbus.readHoldingRegisters(40_000, 4)).buffer.toString("latin1", 0, 4)).toBe("SunS");
    expect((await modbus.readHoldingRegisters(40_002, 2)).data).toEqual([1, 66]);
    expect((await modbus.readHoldingRegisters(40_004, 16)).buffer.toString("latin1").replaceAll("\0", "")).toBe(
      "HS Console",
    );
    expect((await modbus.readHoldingRegisters(40_070, 2)).data).toEqual([203, 105]);
    expect((await modbus.readHoldingRegisters(40_177, 2)).data).toEqual([0xffff, 0]);
  });

  it("refuses what is not there with the right exception", async () => {
    const { port } = await serve([meter], { m: sample });
    const modbus = await client(port, 1);
    await expect(modbus.readHoldingRegisters(0, 2)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(modbus.readHoldingRegisters(40_178, 2)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(modbus.readInputRegisters(40_000, 2)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(modbus.readHoldingRegisters(40_000, 126)).rejects.toMatchObject({ modbusCode: 3 });
    await expect(modbus.readCoils(0, 1)).rejects.toMatchObject({ modbusCode: 1 });
    modbus.setID(99);
    await expect(modbus.readHoldingRegisters(40_000, 2)).rejects.toMatchObject({ modbusCode: 11 });
  });

  it("a silent device gives no answer, and the others do", async () => {
    const silent = new Set(["m"]);
    const other = { id: "w", profile: "weather-station", unitId: 2 };
    const { port } = await serve([meter, other], { m: sample, w: sample }, silent);
    const mute = await client(port, 1);
    await expect(mute.readHoldingRegisters(40_000, 2)).rejects.toThrow(/Timed out/);
    const weather = await client(port, 2);
    expect((await weather.readHoldingRegisters(0, 2)).data).toEqual([0x10000 - 74, 0x10000 - 91]);
  });

  it("shows a step only when it is whole, and keeps its scale factors", async () => {
    const values = { m: { ...sample, activePowerW: 100 } };
    const { port, step } = await serve([meter], values);
    const modbus = await client(port, 1);
    const power = async () => (await modbus.readHoldingRegisters(40_088, 5)).data;
    const before = await power();
    values.m.activePowerW = 900_000;
    expect(await power()).toEqual(before);
    step();
    const after = await power();
    expect(after[0]! * 10 ** (after[4]! > 0x7fff ? after[4]! - 0x10000 : after[4]!)).toBe(900_000);
    expect(after[4]).toBe(before[4]);
  });

  it("refuses two devices with one unit id", async () => {
    await expect(serve([meter, { ...meter, id: "n" }], {})).rejects.toThrow("unit id 1 is both m and n");
  });
});
