import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DeviceReader } from "../adapters/modbus/device-reader.ts";
import type { ReadRequest } from "../adapters/modbus/frame.ts";
import { decodeRegisters, registerCount } from "../adapters/modbus/registers.ts";
import { testGateway, until } from "../adapters/modbus/testing.ts";
import type { SimulatedFleet } from "../simulator/types.ts";
import { startModbusServer } from "../simulator/wires/modbus-server.ts";
import { loadExamples, type ProfileExample, RegisterImage } from "./examples.ts";
import { loadProfiles } from "./index.ts";
import { type ByteOrder, type ModbusProfile, orders32, orders64, type SunspecProfile } from "./types.ts";

const examples = loadExamples();
const profiles = [...loadProfiles().values()].filter(
  (profile): profile is ModbusProfile | SunspecProfile =>
    profile.protocol === "modbus" || profile.protocol === "sunspec",
);
const named = profiles.map((profile) => [profile.name, profile] as const);
const exampleOf = (profile: string): ProfileExample => {
  const example = examples.get(profile);
  if (!example) throw new Error(`${profile} has no worked example in ingest/profiles/examples`);
  return example;
};

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

/** A reader of one unit, with every request that it sends. */
async function readerOn(port: number, profile: string, unitId: number) {
  const { gateway, connected } = testGateway(port, 2_000);
  cleanUp.push(() => gateway.stop());
  await connected;
  const requests: ReadRequest[] = [];
  const read = (request: ReadRequest) => {
    requests.push(request);
    return gateway.read(request);
  };
  return { reader: new DeviceReader(profile, unitId, read, Date.now), requests };
}

/** Serves an example step by step and reads each: what was read, and what should have been. */
async function playThrough(
  example: ProfileExample,
  reader: DeviceReader,
  show: (step: ProfileExample["steps"][number]) => Promise<void>,
) {
  const expected = new Map<string, number | null>();
  const moduli = new Map<string, number>();
  for (const step of example.steps) {
    await show(step);
    for (const [name, value] of Object.entries(step.expected)) expected.set(name, value);
    for (const [name, value] of Object.entries(step.rolloverAt)) moduli.set(name, value);
    const { values, failure, pointFailures } = await reader.poll();
    expect({ failure, pointFailures }, step.title).toEqual({ failure: undefined, pointFailures: [] });
    expect(new Map(values.map(({ name, value }) => [name, value])), step.title).toEqual(expected);
    for (const { name, value, rolloverAt } of values) {
      // A value that is missing has no modulus either.
      if (moduli.has(name) && value !== null) expect(rolloverAt, name).toBe(moduli.get(name));
    }
  }
}

describe("a worked example", () => {
  it("is there for every profile that reads registers, and for no other", () => {
    expect([...examples.keys()].sort()).toEqual(profiles.map(({ name }) => name).sort());
  });

  it.each(named)(
    "of %s gives every point a value other than 0, and says what is missing where it can",
    (name, profile) => {
      const { steps } = exampleOf(name);
      const given = (point: string) => steps.map((step) => step.expected[point]).filter((value) => value !== undefined);
      for (const point of profile.points) {
        expect(
          given(point.name).some((value) => value !== null && value !== 0),
          point.name,
        ).toBe(true);
      }
      const known = new Set(profile.points.map((point) => point.name));
      expect(steps.flatMap((step) => Object.keys(step.expected)).filter((point) => !known.has(point))).toEqual([]);
      const canSayMissing =
        profile.protocol === "sunspec" ||
        profile.points.some(({ type, sentinels }) => type.startsWith("float") || sentinels.length > 0);
      expect(profile.points.some((point) => given(point.name).includes(null))).toBe(canSayMissing);
    },
  );

  it.each(named)("of %s takes each counter that rolls over to its end and past it", (name, profile) => {
    const { steps } = exampleOf(name);
    const ends = new Map(steps.flatMap((step) => Object.entries(step.rolloverAt)));
    for (const point of profile.points) if (point.rolloverAt) ends.set(point.name, point.rolloverAt);
    const shares = (point: string) =>
      steps.flatMap(({ expected }) => (expected[point] == null ? [] : [expected[point] / ends.get(point)!]));
    const rolling = [...ends.keys()].filter((point) => shares(point).some((share) => share > 0.999 && share < 1));
    expect(rolling.length > 0 || ends.size === 0, "no counter near its end").toBe(true);
    for (const point of rolling)
      expect(
        shares(point).some((share) => share < 1e-6),
        point,
      ).toBe(true);
  });

  it.each(named)("of %s would read otherwise in any other word order", (name, profile) => {
    if (profile.protocol !== "modbus") return;
    const image = new RegisterImage();
    const [first] = exampleOf(name).steps;
    image.write(first!.registers);
    for (const point of profile.points) {
      const count = registerCount(point);
      const orders: readonly ByteOrder[] = count === 4 ? orders64 : count === 2 ? orders32 : ["ABCD", "BADC"];
      const bytes = image.read(point.fc, point.register - profile.base, count)!;
      expect(decodeRegisters(bytes, point), point.name).toBe(first!.expected[point.name]);
      for (const order of orders.filter((other) => other !== point.order)) {
        expect(decodeRegisters(bytes, { ...point, order }), `${point.name} as ${order}`).not.toBe(
          first!.expected[point.name],
        );
      }
    }
  });
});

describe("the reader on the simulator's Modbus TCP server", () => {
  it.each(named)("%s reads its worked example, within its limits", async (name, profile) => {
    const image = new RegisterImage();
    const fleet: SimulatedFleet = {
      timeUs: () => 1,
      valuesOf: () => ({}),
      gpusOf: () => [],
      isAnswering: () => true,
    };
    const registers = { update: () => {}, read: image.read.bind(image), readBack: () => ({}) };
    const server = await startModbusServer({
      host: "127.0.0.1",
      port: 0,
      devices: [{ id: "d", profile: name, unitId: 7, image: registers }],
      fleet,
    });
    cleanUp.push(server.stop);
    const { reader, requests } = await readerOn(server.port, name, 7);
    await playThrough(exampleOf(name), reader, async (step) => image.write(step.registers));
    for (const { count } of requests) expect(count).toBeLessThanOrEqual(profile.limits.maxRegisters);
  });
});

/** A server that nobody here wrote: pymodbus 3.0 (Debian: python3-pymodbus). */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import pymodbus.server, pymodbus.datastore"]).status === 0,
);
if (!python)
  console.log("No python with pymodbus: worked examples are not read from it. Debian: apt install python3-pymodbus.");

describe.skipIf(!python)("the reader on a pymodbus server", () => {
  let server: ChildProcess;
  let port: number;
  let obeyed = 0;
  beforeAll(async () => {
    port = await freePort();
    const script = join(import.meta.dirname, "../../test/fixtures/pymodbus_image.py");
    server = spawn(python!, [script, "127.0.0.1", String(port)], { stdio: ["pipe", "pipe", "ignore"] });
    createInterface({ input: server.stdout! }).on("line", () => obeyed++);
  });
  afterAll(() => void server?.kill());

  it.each(named.map(([name], at) => [name, at + 1] as const))("%s reads its worked example", async (name, unit) => {
    const image = new RegisterImage();
    const show = async (step: ProfileExample["steps"][number]) => {
      image.write(step.registers);
      const registers = image.entries().map(({ fc, address, word }) => [fc, address, word]);
      const before = obeyed;
      server.stdin!.write(`${JSON.stringify({ unit, registers })}\n`);
      await until(() => obeyed > before, 15_000, "pymodbus obeys");
    };
    await show(exampleOf(name).steps[0]!);
    const { reader } = await readerOn(port, name, unit);
    await playThrough(exampleOf(name), reader, show);
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
