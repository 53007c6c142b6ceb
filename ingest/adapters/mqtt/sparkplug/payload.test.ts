import fc from "fast-check";
import { get } from "sparkplug-payload";
import { describe, expect, it } from "vitest";
import { aliasOf, datatypes, decodePayload, metricValue, rebirthCommand, timestampOf } from "./payload.ts";

// Written by others: the reference by which ours is read.
const reference = get("spBv1.0")!;
type UMetric = NonNullable<Parameters<typeof reference.encodePayload>[0]["metrics"]>[number];
const at = Date.UTC(2026, 0, 2);
const encode = (metrics: UMetric[], seq = 3) => reference.encodePayload({ timestamp: at, seq, metrics });
const roundTrip = (type: UMetric["type"], value: UMetric["value"]) => {
  const { metrics } = decodePayload(encode([{ name: "m", type, value }]));
  return metricValue(metrics[0]!, metrics[0]!.datatype!);
};

describe("decodePayload", () => {
  it("reads what the reference writes", () => {
    const decoded = decodePayload(
      encode([{ name: "gpu/0/powerW", alias: 7, timestamp: at - 5, type: "Double", value: 1.5, isHistorical: true }]),
    );
    expect(decoded).toMatchObject({ timestampMs: at, seq: 3 });
    const [metric] = decoded.metrics;
    expect(metric).toMatchObject({ name: "gpu/0/powerW", datatype: datatypes.Double, isHistorical: true });
    expect(aliasOf(metric!)).toBe(7);
    expect(timestampOf(metric!)).toBe(at - 5);
  });

  it.each([
    ["Int8", -1],
    ["Int8", 127],
    ["Int8", -128],
    ["Int16", -32_768],
    ["Int32", -2_147_483_648],
    ["Int64", -5],
    ["Int64", Number.MAX_SAFE_INTEGER],
    ["Int64", Number.MIN_SAFE_INTEGER],
    ["UInt8", 255],
    ["UInt16", 65_535],
    ["UInt32", 4_294_967_295],
    ["UInt64", Number.MAX_SAFE_INTEGER],
    ["Float", 0.5],
    ["Double", Math.PI],
    ["Boolean", true],
    ["Boolean", false],
    ["DateTime", at],
    ["String", "GPU-1"],
    ["Text", "多文字"],
    ["UUID", "0b7a"],
    ["Int32", 0],
    ["String", ""],
  ] as const)("reads %s %j", (type, value) => {
    expect(roundTrip(type, value)).toBe(value);
  });

  it("reads a negative Int8 of one byte's width as well, and UInt32 in either field", () => {
    expect(metricValue({ intValue: 0xff }, datatypes.Int8)).toBe(-1);
    expect(metricValue({ intValue: 0xff_fe }, datatypes.Int16)).toBe(-2);
    expect(metricValue({ intValue: 4_294_967_295 }, datatypes.UInt32)).toBe(4_294_967_295);
    expect(metricValue({ longValue: { low: -1, high: -1 } }, datatypes.UInt64)).toBe(2 ** 64);
  });

  it("tells missing from zero", () => {
    expect(roundTrip("Double", null)).toBeNull();
    expect(metricValue({}, datatypes.Double)).toBeUndefined();
    const bare = decodePayload(reference.encodePayload({ metrics: [{ type: "Double", value: 0 }] } as never));
    expect(bare.seq).toBeUndefined();
    expect(aliasOf(bare.metrics[0]!)).toBeUndefined();
    expect(timestampOf(bare.metrics[0]!)).toBeUndefined();
    expect(metricValue(bare.metrics[0]!, 10)).toBe(0);
  });

  it("skips data sets and templates, however deep", () => {
    let template: UMetric = { name: "leaf", type: "Double", value: 1 };
    for (let depth = 0; depth < 200; depth++) {
      template = { name: "t", type: "Template", value: { metrics: [template], isDefinition: false } } as UMetric;
    }
    const { metrics } = decodePayload(encode([template, { name: "m", type: "Double", value: 2 }]));
    expect(metrics.map(({ name }) => name)).toEqual(["t", "m"]);
    expect(metricValue(metrics[0]!, metrics[0]!.datatype!)).toBeUndefined();
  });

  it("refuses a seq that is none", () => {
    expect(() => decodePayload(encode([], 256))).toThrow("seq 256");
  });

  it("throws a plain Error for random bytes or reads them, and never hangs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          for (const metric of decodePayload(bytes).metrics) {
            const value = metricValue(metric, metric.datatype ?? 0);
            expect(["number", "boolean", "string", "undefined", "object"]).toContain(typeof value);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(() => decodePayload(new Uint8Array(200_000).fill(0x7b))).toThrow(Error);
  });

  it("survives every truncation of a real payload", () => {
    const whole = encode(Array.from({ length: 20 }, (_, n) => ({ name: `m${n}`, alias: n, type: "Int64", value: -n })));
    for (let length = 0; length < whole.length; length++) {
      try {
        decodePayload(whole.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  });
});

describe("rebirthCommand", () => {
  it("is understood by the reference", () => {
    const { timestamp, metrics } = reference.decodePayload(rebirthCommand(at + 0.7));
    expect(Number(timestamp)).toBe(at);
    expect(metrics).toEqual([expect.objectContaining({ name: "Node Control/Rebirth", type: "Boolean", value: true })]);
  });
});
