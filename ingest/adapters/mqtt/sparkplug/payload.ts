import protobuf from "protobufjs/light.js";

/*
 * Sparkplug B payloads: org.eclipse.tahu.protobuf.Payload of sparkplug_b.proto, the fields that carry readings. Data sets,
 * templates and properties are left out of the descriptor, so that the reader skips them however deep they nest.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Metric: {
      oneofs: {
        value: { oneof: ["intValue", "longValue", "floatValue", "doubleValue", "booleanValue", "stringValue"] },
      },
      fields: {
        name: { type: "string", id: 1 },
        alias: { type: "uint64", id: 2 },
        timestamp: { type: "uint64", id: 3 },
        datatype: { type: "uint32", id: 4 },
        isHistorical: { type: "bool", id: 5 },
        isTransient: { type: "bool", id: 6 },
        isNull: { type: "bool", id: 7 },
        intValue: { type: "uint32", id: 10 },
        longValue: { type: "uint64", id: 11 },
        floatValue: { type: "float", id: 12 },
        doubleValue: { type: "double", id: 13 },
        booleanValue: { type: "bool", id: 14 },
        stringValue: { type: "string", id: 15 },
      },
    },
    Payload: {
      fields: {
        timestamp: { type: "uint64", id: 1 },
        metrics: { rule: "repeated", type: "Metric", id: 2 },
        seq: { type: "uint64", id: 3 },
      },
    },
  },
});
const payloadType = root.lookupType("Payload");

/** Datatypes of metrics that can be readings, by their number in the protocol. */
export const datatypes = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
  UUID: 15,
} as const;

type Long = { low: number; high: number };
type Wide = number | Long;
export type RawMetric = {
  name?: string;
  alias?: Wide;
  timestamp?: Wide;
  datatype?: number;
  isHistorical?: boolean;
  isNull?: boolean;
  intValue?: number;
  longValue?: Wide;
  floatValue?: number;
  doubleValue?: number;
  booleanValue?: boolean;
  stringValue?: string;
};
export type SparkplugPayload = { timestampMs: number | undefined; seq: number | undefined; metrics: RawMetric[] };

/** @throws Error for bytes that are no payload. */
export function decodePayload(bytes: Uint8Array): SparkplugPayload {
  // What a message does not hold stands on its prototype as a default.
  const message = payloadType.decode(bytes) as unknown as { timestamp: Wide; seq: Wide; metrics: RawMetric[] };
  const seq = Object.hasOwn(message, "seq") ? unsigned(message.seq) : undefined;
  if (seq !== undefined && seq > 255) throw new RangeError(`seq ${seq} is not from 0 to 255`);
  const timestampMs = Object.hasOwn(message, "timestamp") ? unsigned(message.timestamp) : undefined;
  return { timestampMs, seq, metrics: message.metrics };
}

/** A metric's alias as a key; undefined when it has none. */
export function aliasOf(metric: RawMetric): number | undefined {
  return Object.hasOwn(metric, "alias") ? unsigned(metric.alias!) : undefined;
}

/** A metric's own time, milliseconds since 1970; undefined when it has none. */
export function timestampOf(metric: RawMetric): number | undefined {
  return Object.hasOwn(metric, "timestamp") ? unsigned(metric.timestamp!) : undefined;
}

/**
 * A metric's value by its datatype, which data messages leave to the birth certificate. null: is_null. undefined: nothing
 * that can be a reading.
 */
export function metricValue(metric: RawMetric, datatype: number): number | boolean | string | null | undefined {
  if (Object.hasOwn(metric, "isNull") && metric.isNull) return null;
  if (Object.hasOwn(metric, "doubleValue")) return metric.doubleValue;
  if (Object.hasOwn(metric, "floatValue")) return metric.floatValue;
  if (Object.hasOwn(metric, "booleanValue")) return metric.booleanValue;
  if (Object.hasOwn(metric, "stringValue")) return metric.stringValue;
  // Implementations do not agree on which of the two holds UInt32 and DateTime.
  if (Object.hasOwn(metric, "longValue")) return integer(metric.longValue!, datatype);
  if (Object.hasOwn(metric, "intValue")) return integer(metric.intValue!, datatype);
  return undefined;
}

/** Signed integers come as unsigned ones of their width, or of the field's: both have the same low bits. */
function integer(raw: Wide, datatype: number): number {
  const low = typeof raw === "number" ? raw : raw.low;
  switch (datatype) {
    case datatypes.Int8:
      return (low << 24) >> 24;
    case datatypes.Int16:
      return (low << 16) >> 16;
    case datatypes.Int32:
      return low | 0;
    case datatypes.Int64:
      return typeof raw === "number" ? raw : (raw.high | 0) * 2 ** 32 + (raw.low >>> 0);
    default:
      return unsigned(raw);
  }
}

function unsigned(value: Wide): number {
  return typeof value === "number" ? value : (value.high >>> 0) * 2 ** 32 + (value.low >>> 0);
}

/** The command by which a host asks an edge node for its birth certificates. */
export function rebirthCommand(nowMs: number): Uint8Array {
  const timestamp = Math.floor(nowMs);
  return payloadType
    .encode({
      timestamp,
      metrics: [{ name: "Node Control/Rebirth", timestamp, datatype: datatypes.Boolean, booleanValue: true }],
    } as never)
    .finish();
}
