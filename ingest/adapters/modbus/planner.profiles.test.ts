import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadExamples, RegisterImage } from "../../profiles/examples.ts";
import { loadProfiles, profileOf } from "../../profiles/index.ts";
import type { ModbusProfile, SunspecProfile } from "../../profiles/types.ts";
import { DeviceReader } from "./device-reader.ts";
import { ModbusError } from "./errors.ts";
import type { ReadRequest } from "./frame.ts";
import { modbusItems, type ReadItem, sunspecItems } from "./items.ts";
import { leastRequests } from "./planner.testing.ts";
import { discoverSunspec } from "./sunspec.ts";

/* The planner on the maps of the real device families, each on its worked example. */

const examples = loadExamples();
const profiles = [...loadProfiles().values()].filter(
  (profile): profile is ModbusProfile | SunspecProfile =>
    profile.protocol === "modbus" || profile.protocol === "sunspec",
);

function deviceOf(profile: string) {
  const image = new RegisterImage();
  image.write(examples.get(profile)!.steps[0]!.registers);
  const requests: ReadRequest[] = [];
  const read = async (request: ReadRequest) => {
    requests.push(request);
    const bytes = image.read(request.fc, request.address, request.count);
    if (!bytes) throw new ModbusError("permanent", "illegal data address", 2);
    return { address: request.address, bytes, receivedAtMs: 0 };
  };
  return { image, requests, read };
}

async function itemsOf(profile: ModbusProfile | SunspecProfile): Promise<ReadItem[]> {
  if (profile.protocol === "modbus") return modbusItems(profile);
  const { read } = deviceOf(profile.name);
  const chain = await discoverSunspec((address, count) => read({ unitId: 1, fc: 3, address, count }));
  return sunspecItems(profile, chain).items;
}

describe("every family", () => {
  it("is polled by the fewest requests that its limits allow, as docs/profiles.md says", async () => {
    const polls: Record<string, string> = {};
    const figures: Record<string, [points: number, requests: number]> = {};
    for (const profile of profiles) {
      const { requests, read } = deviceOf(profile.name);
      const reader = new DeviceReader(profile.name, 1, read, () => 0);
      await reader.poll();
      // The first poll of a SunSpec device also finds its models.
      requests.length = 0;
      const { values } = await reader.poll();
      expect(values.length, profile.name).toBe(profile.points.length);
      const registers = requests.reduce((sum, { count }) => sum + count, 0);
      const least = leastRequests(await itemsOf(profile), profile.limits);
      expect({ requests: requests.length, registers }, profile.name).toEqual(least);
      figures[profile.name] = [values.length, requests.length];
      polls[profile.name] = `${values.length} points: ${requests.map((r) => `${r.address}+${r.count}`).join(", ")}`;
    }
    const page = readFileSync(join(import.meta.dirname, "../../../docs/profiles.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([^`]+)` \|.*\| (\d+) \| (\d+) \|$/gm)];
    expect(
      Object.fromEntries(rows.map(([, name, points, requests]) => [name, [Number(points), Number(requests)]])),
    ).toEqual(figures);
    expect(polls).toMatchInlineSnapshot(`
      {
        "abb-b23-b24": "14 points: 20480+8, 23296+59",
        "apc-smart-ups": "9 points: 130+22",
        "carlo-gavazzi-em24": "15 points: 0+6, 12+10, 22+2, 36+8, 53+11",
        "carlo-gavazzi-em24-e1": "15 points: 0+24, 36+18",
        "chint-dtsu666": "12 points: 8198+64",
        "eastron-sdm630": "15 points: 0+76",
        "generic-meter-float32": "4 points: 0+12",
        "generic-meter-int32-input": "6 points: 0+12",
        "heat-meter": "5 points: 0+10",
        "janitza-umg": "14 points: 19000+78",
        "ocp-orv3-rpu": "8 points: 36864+9",
        "onicon-system-10": "5 points: 1004+40",
        "raritan-xerus-pdu": "6 points: 12296+28",
        "schneider-iem3000": "16 points: 2999+112, 3203+8",
        "schneider-pm5000": "16 points: 2999+112, 3203+8",
        "siemens-pac3200": "17 points: 1+70, 801+12",
        "socomec-countis-e34": "13 points: 50520+30, 50946+8",
        "sunspec-battery-802-804": "7 points: 40081+77, 40186+35",
        "sunspec-inverter-103": "5 points: 50072+25",
        "sunspec-meter-203": "7 points: 40071+53",
        "sunspec-storage-701-713": "5 points: 40080+111, 40229+5",
        "sunspec-storage-health-701-713": "8 points: 80+111, 228+6",
        "water-meter": "1 points: 0+2",
        "weather-station": "2 points: 0+2",
      }
    `);
  });
});

describe("a device that has no registers between its points", () => {
  const plain = profiles.filter((profile): profile is ModbusProfile => profile.protocol === "modbus");

  it.each(plain.map((profile) => [profile.name, profile] as const))(
    "%s is read whole at once, and from the second poll on by the fewest requests without gaps",
    async (name, profile) => {
      const { image, requests, read } = deviceOf(name);
      const items = modbusItems(profile);
      const own = new Set(items.flatMap(({ spans }) => spans.flatMap(registersIn)));
      const strict = async (request: ReadRequest) => {
        if (registersIn(request).every((register) => own.has(register))) return read(request);
        throw new ModbusError("permanent", "illegal data address", 2);
      };
      const reader = new DeviceReader(name, 1, strict, () => 0);
      const expected = new Map(items.map((item) => [item.point.name, mixed(item, image, image)]));
      for (let poll = 0; poll < 2; poll++) {
        requests.length = 0;
        const { values, pointFailures } = await reader.poll();
        expect(pointFailures).toEqual([]);
        expect(new Map(values.map(({ name: point, value }) => [point, value]))).toEqual(expected);
      }
      expect(requests.length).toBe(leastRequests(items, { ...profile.limits, gap: 0 }).requests);
    },
  );
});

const registersIn = ({ address, count }: { address: number; count: number }) =>
  Array.from({ length: count }, (_, at) => address + at);

/** The device a moment later, rescaled: every value and every scale factor is one more than it was. */
function rescaled(image: RegisterImage, items: ReadItem[]): RegisterImage {
  const words = new Map(image.entries().map(({ address, word }) => [address, word]));
  const lastRegisters = new Set(items.flatMap(({ spans }) => spans.map(({ address, count }) => address + count - 1)));
  for (const at of lastRegisters) words.set(at, (words.get(at)! + 1) & 0xffff);
  const later = new RegisterImage();
  later.write([...words].map(([at, word]) => ({ fc: 3, at, words: word.toString(16).padStart(4, "0").toUpperCase() })));
  return later;
}

/** What an item makes of its registers, its value's from one moment and its scale factor's from another. */
function mixed(item: ReadItem, valueFrom: RegisterImage, scaleFrom: RegisterImage): number | null {
  const first = Math.min(...item.spans.map((span) => span.address));
  const last = Math.max(...item.spans.map((span) => span.address + span.count));
  const bytes = valueFrom.read(item.fc, first, last - first)!;
  for (const { address, count } of item.spans.slice(1)) {
    bytes.set(scaleFrom.read(item.fc, address, count)!, (address - first) * 2);
  }
  return item.decode({ address: first, bytes, receivedAtMs: 0 }).value;
}

describe("a SunSpec device that rescales itself between any two requests", () => {
  const names = profiles.filter(({ protocol }) => protocol === "sunspec").map(({ name }) => name);

  it.each(names)("%s is never read with the value of one moment and the scale factor of another", async (name) => {
    const items = await itemsOf(profileOf(name) as SunspecProfile);
    const { image } = deviceOf(name);
    const moments = [image, rescaled(image, items)] as const;
    const [now, later] = moments;
    const whole = new Map(items.map((item) => [item.point.name, [mixed(item, now, now), mixed(item, later, later)]]));
    for (const item of items.filter(({ spans }) => spans.length > 1)) {
      expect(whole.get(item.point.name), item.point.name).not.toContain(mixed(item, now, later));
      expect(whole.get(item.point.name), item.point.name).not.toContain(mixed(item, later, now));
    }
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(1)), fc.integer({ min: 2, max: 125 }), async (moment, longest) => {
        // A device that refuses long requests makes the reader ask for each point alone.
        const read = async ({ address, count }: ReadRequest) => {
          const bytes = count <= longest ? moments[moment.next().value as 0 | 1].read(3, address, count) : undefined;
          if (!bytes) throw new ModbusError("permanent", "illegal data address", 2);
          return { address, bytes, receivedAtMs: 0 };
        };
        const reader = new DeviceReader(name, 1, read, () => 0);
        for (let poll = 0; poll < 3; poll++) {
          for (const { name: point, value } of (await reader.poll()).values) {
            expect(whole.get(point), point).toContain(value);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
