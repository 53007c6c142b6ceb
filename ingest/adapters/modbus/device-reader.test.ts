import { describe, expect, it } from "vitest";
import { profileOf } from "../../profiles/index.ts";
import { SunspecImage } from "../../simulator/wires/sunspec-image.ts";
import type { RegisterBlock } from "./connection.ts";
import { DeviceReader } from "./device-reader.ts";
import { ModbusError } from "./errors.ts";
import type { ReadRequest } from "./frame.ts";

/** A device whose registers are `registers`, at `from`; what `refuse` names gets exception 2. */
function device(registers: Map<number, number>, refuse: (request: ReadRequest) => boolean = () => false) {
  const asked: ReadRequest[] = [];
  const read = async (request: ReadRequest): Promise<RegisterBlock> => {
    asked.push(request);
    if (refuse(request)) throw ModbusError.ofException(2);
    const bytes = new Uint8Array(request.count * 2);
    for (let at = 0; at < request.count; at++) {
      const word = registers.get(request.address + at);
      if (word === undefined) throw ModbusError.ofException(2);
      bytes.set([word >> 8, word & 0xff], at * 2);
    }
    return { address: request.address, bytes, receivedAtMs: 1_000 };
  };
  return { asked, read };
}
const covers = (request: ReadRequest, address: number) =>
  request.address <= address && address < request.address + request.count;

/** Registers of a simulated SunSpec device, moved to another base. */
function sunspecRegisters(profile: string, values: Record<string, number | null>, base = 40_000): Map<number, number> {
  const sunspec = profileOf(profile);
  if (sunspec.protocol !== "sunspec") throw new Error(`${profile} is not a SunSpec profile`);
  const image = new SunspecImage(sunspec, undefined);
  image.update(values);
  const registers = new Map<number, number>();
  for (let at = 0; ; at++) {
    const bytes = image.read(3, 40_000 + at, 1);
    if (!bytes) return registers;
    registers.set(base + at, (bytes[0]! << 8) | bytes[1]!);
  }
}
const plain = (words: Record<number, number>) => new Map(Object.entries(words).map(([at, word]) => [Number(at), word]));

describe("a point that the device refuses", () => {
  const weather = plain({ 0: 215, 1: 188 });

  it("costs only itself: the others are read, and it is reported by name at every poll", async () => {
    const { read, asked } = device(weather, (request) => covers(request, 1));
    const reader = new DeviceReader("weather-station", 3, read, () => 0);
    for (let poll = 0; poll < 2; poll++) {
      const { values, pointFailures, failure } = await reader.poll();
      expect(failure).toBeUndefined();
      expect(values).toEqual([{ name: "outdoorTemperatureC", value: 21.5, receivedAtMs: 1_000 }]);
      expect(pointFailures).toEqual([
        "point wetBulbTemperatureC: exception 2 (illegal data address) at holding register 1, 1 long, unit 3",
      ]);
    }
    // Together, then each alone, then only the good one.
    expect(asked.map(({ address, count }) => [address, count])).toEqual([
      [0, 2],
      [0, 1],
      [1, 1],
      [0, 1],
    ]);
  });

  it("is asked for again after ten minutes", async () => {
    let nowMs = 0;
    let refused = true;
    const { read } = device(weather, (request) => refused && covers(request, 1));
    const reader = new DeviceReader("weather-station", 3, read, () => nowMs);
    await reader.poll();
    refused = false;
    nowMs = 10 * 60_000;
    expect((await reader.poll()).values.map(({ value }) => value)).toEqual([21.5, 18.8]);
  });

  it("a hole that may not be read over splits the request for good", async () => {
    // generic-meter-float32 reads over registers 6 and 7, which this device does not have.
    const registers = plain({ 0: 0x43fa, 1: 0, 2: 0x4366, 3: 0, 4: 0x3f80, 5: 0, 8: 0, 9: 0, 10: 0, 11: 4_711 });
    const { read, asked } = device(registers);
    const reader = new DeviceReader("generic-meter-float32", 1, read, () => 0);
    const names = ({ values }: { values: { name: string; value: number | null }[] }) =>
      values.map(({ value }) => value);
    expect(names(await reader.poll())).toEqual([500, 230, 1, 4_711]);
    asked.length = 0;
    expect(await reader.poll()).toMatchObject({ pointFailures: [] });
    expect(asked.map(({ address, count }) => [address, count])).toEqual([
      [0, 6],
      [8, 4],
    ]);
  });
});

describe("a busy device", () => {
  it("is asked again on exceptions 5 and 6", async () => {
    const answers = [5, 6];
    const { read } = device(plain({ 0: 215, 1: 188 }));
    const reader = new DeviceReader(
      "weather-station",
      3,
      (request) => {
        const code = answers.shift();
        return code ? Promise.reject(ModbusError.ofException(code)) : read(request);
      },
      () => 0,
    );
    expect((await reader.poll()).values).toHaveLength(2);
  });
});

describe("SunSpec", () => {
  const values = { activePowerW: 1_234, energyImportWh: 5_000_000, energyExportWh: 0, frequencyHz: 50 };

  it.each([40_000, 50_000, 0])("finds the models at %i", async (base) => {
    const { read } = device(sunspecRegisters("sunspec-meter-203", values, base));
    const result = await new DeviceReader("sunspec-meter-203", 1, read, () => 0).poll();
    expect(result.failure).toBeUndefined();
    const read1 = Object.fromEntries(result.values.map(({ name, value }) => [name, value]));
    expect(read1).toMatchObject({ activePowerW: 1_234, energyImportWh: 5_000_000, energyExportWh: 0, voltageV: null });
  });

  it("tells the modulus of a 32-bit accumulator by its scale factor", async () => {
    const { read } = device(sunspecRegisters("sunspec-meter-203", { ...values, energyImportWh: 5e10 }));
    const { values: got } = await new DeviceReader("sunspec-meter-203", 1, read, () => 0).poll();
    expect(got.find(({ name }) => name === "energyImportWh")).toMatchObject({ value: 5e10, rolloverAt: 2 ** 32 * 100 });
  });

  it("a value whose scale factor is not implemented is missing", async () => {
    const registers = sunspecRegisters("sunspec-meter-203", values);
    registers.set(40_070 + 22, 0x8000);
    registers.set(40_070 + 17, 99);
    const { values: got } = await new DeviceReader("sunspec-meter-203", 1, device(registers).read, () => 0).poll();
    const byName = Object.fromEntries(got.map(({ name, value }) => [name, value]));
    expect(byName).toMatchObject({ activePowerW: null, frequencyHz: null, energyImportWh: 5_000_000 });
  });

  it("reads a storage's 701 with its scale factors in one request", async () => {
    const registers = sunspecRegisters("sunspec-storage-701-713", {
      activePowerW: -2_000,
      energyChargedWh: 9e9,
      stateOfChargePercent: 50,
    });
    const { read, asked } = device(registers);
    const reader = new DeviceReader("sunspec-storage-701-713", 1, read, () => 0);
    await reader.poll();
    asked.length = 0;
    const { values: got } = await reader.poll();
    expect(asked.map(({ count }) => count)).toEqual([111, 5]);
    const byName = Object.fromEntries(got.map(({ name, value }) => [name, value]));
    expect(byName).toMatchObject({
      activePowerW: -2_000,
      energyChargedWh: 9e9,
      energyDischargedWh: null,
      stateOfChargePercent: 50,
    });
  });

  it("reports the points of a model that the device does not have, and reads the others", async () => {
    const registers = sunspecRegisters("sunspec-storage-701-713", { activePowerW: 5 });
    // The storage model gives way to a private one of the same length.
    registers.set(40_002 + 68 + 155, 64_999);
    const { values: got, pointFailures } = await new DeviceReader(
      "sunspec-storage-701-713",
      1,
      device(registers).read,
      () => 0,
    ).poll();
    expect(pointFailures).toEqual(["point stateOfChargePercent: the device has no SunSpec model 713"]);
    expect(got.map(({ name }) => name)).toContain("activePowerW");
  });

  it("does not take a plain device for a SunSpec one", async () => {
    const { failure } = await new DeviceReader(
      "sunspec-meter-203",
      1,
      device(plain({ 0: 1, 1: 2 })).read,
      () => 0,
    ).poll();
    expect(failure?.message).toBe("no SunSpec marker at 40000, 50000, 0");
  });
});
