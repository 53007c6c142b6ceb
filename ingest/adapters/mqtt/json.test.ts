import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonDecoder } from "./json.ts";
import { valueAt } from "./json-text.ts";
import { plainJudge, testDevice } from "./testing.ts";
import type { JsonDevice } from "./types.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5) * 1_000;
const meter = jsonDecoder(testDevice<JsonDevice>("meter-json"));
const rack = jsonDecoder(testDevice<JsonDevice>("gpu-json", 2));
const decode = (decoder: typeof meter, message: unknown) =>
  decoder(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), now, plainJudge);

describe("a meter's message", () => {
  it("gives its points at its time", () => {
    expect(decode(meter, { time: "2026-01-02T03:04:04.5Z", power: 1_234.5, energy: 9e9 })).toEqual({
      readings: [
        { pointId: 1, timeUs: now - 500_000, receivedAtUs: now, value: 1_234.5, quality: "good" },
        { pointId: 2, timeUs: now - 500_000, receivedAtUs: now, value: 9e9, quality: "good" },
      ],
      gpuSamples: [],
      problems: [],
      timed: true,
      clockOffsetMs: -500,
    });
  });

  it.each([undefined, null])("without a time (%s) takes its arrival", (time) => {
    const { readings, timed, clockOffsetMs } = decode(meter, { power: 5, ...(time === null && { time }) });
    expect(readings).toEqual([{ pointId: 1, timeUs: now, receivedAtUs: now, value: 5, quality: "good" }]);
    expect({ timed, clockOffsetMs }).toEqual({ timed: false, clockOffsetMs: undefined });
  });

  it("writes what is valid and names the path of what is not", () => {
    const { readings, problems } = decode(meter, { power: "1234", energy: 7 });
    expect(readings).toEqual([expect.objectContaining({ pointId: 2, value: 7 })]);
    expect(problems).toEqual([{ reason: "invalid_value", detail: 'power: "1234" is not a number' }]);
  });

  it("keeps null as missing, never as 0, and a value out of range with its quality", () => {
    const { readings } = decode(meter, { power: null, energy: -1 });
    expect(readings.map(({ value, quality }) => ({ value, quality }))).toEqual([
      { value: null, quality: "sentinel" },
      { value: -1, quality: "out_of_range" },
    ]);
  });

  it.each(["NaN", "-Infinity", "nan", "-inf"])("reads bare %s as missing and the rest as it is", (text) => {
    const { readings, problems } = decode(meter, `{"name":"NaN \\" -inf","power": ${text}, "energy": 5}`);
    expect(readings.map(({ value, quality }) => ({ value, quality }))).toEqual([
      { value: null, quality: "sentinel" },
      { value: 5, quality: "good" },
    ]);
    expect(problems).toEqual([]);
  });

  it("refuses a number that no double holds", () => {
    expect(decode(meter, '{"power": 1e999, "energy": 1}').problems).toEqual([
      { reason: "invalid_value", detail: "power: Infinity is beyond what a number can hold" },
    ]);
  });

  it("refuses a message whose time cannot be read: another time would be invented", () => {
    expect(decode(meter, { time: "yesterday", power: 1 })).toEqual({
      readings: [],
      gpuSamples: [],
      problems: [{ reason: "invalid_value", detail: 'time: "yesterday" is not a time (auto)' }],
      timed: false,
    });
  });

  it("doubts a clock in 1971, and keeps both times", () => {
    const { readings } = decode(meter, { time: "1971-01-01T00:00:00Z", power: 1, energy: -5 });
    expect(readings).toEqual([
      { pointId: 1, timeUs: 31_536_000e6, receivedAtUs: now, value: 1, quality: "clock_suspect" },
      { pointId: 2, timeUs: 31_536_000e6, receivedAtUs: now, value: -5, quality: "clock_suspect" },
    ]);
  });

  it.each([
    ["", "empty payload"],
    ["{not json", "JSON"],
    ["42", "42 is not a JSON object"],
    ['"text"', '"text" is not a JSON object'],
    ["null", "null is not a JSON object"],
  ])("says that %j is malformed", (text, detail) => {
    const { problems, readings } = decode(meter, text);
    expect(readings).toEqual([]);
    expect(problems).toEqual([{ reason: "malformed", detail: expect.stringContaining(detail) }]);
  });

  it("says that bytes which are not UTF-8 are malformed", () => {
    const { problems } = meter(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), now, plainJudge);
    expect(problems[0]?.reason).toBe("malformed");
  });

  it("says when nothing of the profile is in a message", () => {
    expect(decode(meter, { temperature: 5 }).problems).toEqual([
      { reason: "unknown_point", detail: "(message): nothing in it for profile meter-json" },
    ]);
  });

  it("says when the device has no such point in the database", () => {
    const device = testDevice<JsonDevice>("meter-json");
    device.points.delete("energyImportWh");
    const { readings, problems } = decode(jsonDecoder(device), { power: 1, energy: 2 });
    expect(readings).toHaveLength(1);
    expect(problems).toEqual([{ reason: "unknown_point", detail: "energy: the device has no point energyImportWh" }]);
  });

  it("is not harmed by keys of prototypes", () => {
    const { readings } = decode(
      meter,
      '{"__proto__":{"power":666},"constructor":{"prototype":{"energy":1}},"power":1}',
    );
    expect(readings.map(({ value }) => value)).toEqual([1]);
    expect(({} as Record<string, unknown>).power).toBeUndefined();
    expect(decode(meter, '{"__proto__":{"power":666}}').problems).toHaveLength(1);
  });

  it("follows own keys only", () => {
    expect(valueAt({ a: [{ b: 1 }] }, ["a", "0", "b"])).toBe(1);
    expect(valueAt({}, ["constructor", "name"])).toBeUndefined();
    expect(valueAt({ a: "text" }, ["a", "length"])).toBeUndefined();
  });

  it("is not harmed by depth", () => {
    const depth = 100_000;
    expect(decode(meter, "[".repeat(depth)).problems[0]?.reason).toBe("malformed");
    const nested = `{"power":1,"x":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`;
    expect(decode(meter, nested).readings.map(({ value }) => value)).toEqual([1]);
  });

  it("mends no more than it must, in one pass, however hostile the text", () => {
    const begun = performance.now();
    expect(decode(meter, `{"a":"${'\\"'.repeat(120_000)}`).problems[0]?.reason).toBe("malformed");
    expect(decode(meter, `[${"NaN,".repeat(60_000)}`).problems[0]?.reason).toBe("malformed");
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

describe("a rack's message", () => {
  it("gives one wide row for each GPU, with DCGM's blanks as missing", () => {
    const { gpuSamples, readings, problems } = decode(rack, {
      t: now / 1_000,
      inletC: 21.5,
      gpus: [
        { index: 0, uuid: "GPU-1", powerW: 300.5, temperatureC: 0x7ffffff0, energyJ: 140_737_488_355_328, xid: 0 },
        { index: 1, uuid: "GPU-2", powerW: null, clockEventMask: Number(0x7ffffffffffffff0n), xid: 79 },
      ],
    });
    expect(problems).toEqual([]);
    expect(readings).toEqual([expect.objectContaining({ pointId: 1, value: 21.5 })]);
    expect(gpuSamples).toEqual([
      {
        gpuId: 100,
        timeUs: now,
        receivedAtUs: now,
        quality: "good",
        values: { powerW: 300.5, temperatureC: null, energyJ: null },
        xid: 0,
        uuid: "GPU-1",
      },
      expect.objectContaining({ gpuId: 101, values: { powerW: null, clockEventMask: null }, xid: 79, uuid: "GPU-2" }),
    ]);
  });

  it("writes the good GPUs beside the bad ones and names each bad place", () => {
    const { gpuSamples, problems } = decode(rack, {
      gpus: [
        { index: 7, powerW: 1 },
        { powerW: 1 },
        null,
        { index: 1, powerW: "x", temperatureC: 50, xid: -3, uuid: 9 },
      ],
    });
    expect(gpuSamples).toEqual([
      expect.objectContaining({ gpuId: 101, values: { powerW: null, temperatureC: 50 }, xid: null, uuid: null }),
    ]);
    expect(problems).toEqual([
      { reason: "unknown_device", detail: "gpus.0.index: the rack has no GPU 7" },
      {
        reason: "invalid_value",
        detail: [
          "gpus.1.index: undefined is not a GPU's index",
          "gpus.2.index: undefined is not a GPU's index",
          'gpus.3.powerW: "x" is not a number',
          "gpus.3.xid: -3 is not an XID",
          "gpus.3.uuid: 9 is not a uuid",
        ].join("; "),
      },
    ]);
  });

  it("bounds what one message can say is wrong", () => {
    const { problems } = decode(rack, { gpus: Array.from({ length: 5_000 }, () => 1) });
    expect(problems).toHaveLength(1);
    expect(problems[0]!.detail).toMatch(/5000 elements, of which 1024 were read; .*and 1005 more$/);
    expect(decode(rack, { gpus: { index: 0 } }).problems).toEqual([
      { reason: "invalid_value", detail: "gpus: an object is not an array" },
    ]);
  });
});

describe("whatever comes", () => {
  const known = new Set(["malformed", "invalid_value", "unknown_point", "unknown_device"]);
  const counted = (decoder: typeof meter, payload: Uint8Array) => {
    const { readings, gpuSamples, problems } = decoder(payload, now, plainJudge);
    // Rows or a reason: nothing vanishes.
    expect(readings.length + gpuSamples.length + problems.length).toBeGreaterThan(0);
    for (const { reason } of problems) expect(known.has(reason)).toBe(true);
    for (const { value, timeUs, pointId } of readings) {
      expect(value === null || Number.isFinite(value)).toBe(true);
      expect(Number.isSafeInteger(timeUs) && pointId > 0).toBe(true);
    }
  };

  it("random bytes never throw and always count", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        counted(meter, bytes);
        counted(rack, bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it("random JSON under the profile's own keys never throws and always counts", () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const message = fc.record(
      {
        time: fc.oneof(
          anything,
          fc.integer(),
          fc.double(),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        t: anything,
        power: fc.oneof(anything, fc.double()),
        energy: anything,
        gpus: fc.oneof(
          anything,
          fc.array(
            fc.record(
              { index: fc.oneof(fc.nat(3), anything), powerW: anything, xid: anything, uuid: anything },
              { requiredKeys: [] },
            ),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(message, (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        counted(meter, bytes);
        counted(rack, bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});
