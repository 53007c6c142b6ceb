import protobuf from "protobufjs";

/* Sparkplug B 3.0, `org.eclipse.tahu.protobuf.Payload`: the fields that an edge node of ours writes. */

const metricType = new protobuf.Type("Metric")
  .add(new protobuf.Field("name", 1, "string"))
  .add(new protobuf.Field("alias", 2, "uint64"))
  .add(new protobuf.Field("timestamp", 3, "uint64"))
  .add(new protobuf.Field("datatype", 4, "uint32"))
  .add(new protobuf.Field("isNull", 7, "bool"))
  .add(new protobuf.Field("longValue", 11, "uint64"))
  .add(new protobuf.Field("doubleValue", 13, "double"))
  .add(new protobuf.Field("booleanValue", 14, "bool"))
  .add(new protobuf.Field("stringValue", 15, "string"));
const payloadType = new protobuf.Type("Payload")
  .add(new protobuf.Field("timestamp", 1, "uint64"))
  .add(new protobuf.Field("metrics", 2, "Metric", "repeated"))
  .add(new protobuf.Field("seq", 3, "uint64"));
new protobuf.Root().add(metricType).add(payloadType);

export const datatypes = { int64: 4, uint64: 8, double: 10, boolean: 11, string: 12 } as const;

/** A metric by name, by alias, or by both as in a birth certificate. `value` null: is_null. */
export type SparkplugMetric = {
  name?: string;
  alias?: number;
  type: keyof typeof datatypes;
  value: number | boolean | string | null;
};

/** `seq` is left out of a death certificate. */
export function encodePayload(timestampMs: number, metrics: SparkplugMetric[], seq?: number): Buffer {
  const written = metrics.map(({ name, alias, type, value }) => ({
    ...(name !== undefined && { name }),
    ...(alias !== undefined && { alias }),
    timestamp: timestampMs,
    datatype: datatypes[type],
    ...(value === null ? { isNull: true } : { [fieldOf(type)]: value }),
  }));
  const message = payloadType.create({ timestamp: timestampMs, metrics: written, ...(seq !== undefined && { seq }) });
  return Buffer.from(payloadType.encode(message).finish());
}

/** Names and values of what a host writes to us; undefined: not a payload. */
export function decodeCommand(bytes: Uint8Array): { name: string; value: unknown }[] | undefined {
  try {
    const { metrics } = payloadType.toObject(payloadType.decode(bytes), { longs: Number }) as {
      metrics?: ({ name?: string } & Record<string, unknown>)[];
    };
    return (metrics ?? []).map((metric) => ({
      name: metric.name ?? "",
      value: metric.booleanValue ?? metric.longValue ?? metric.doubleValue ?? metric.stringValue ?? null,
    }));
  } catch {
    return undefined;
  }
}

function fieldOf(type: keyof typeof datatypes): string {
  return type === "int64" || type === "uint64" ? "longValue" : `${type}Value`;
}
