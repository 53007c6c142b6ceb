import type { GpuField } from "../pipeline/types.ts";

/** What every point of every profile says, whatever the wire. Copied to the table `point` when the fleet is applied. */
export type ProfilePoint = {
  /** Quantity with its unit, e.g. `activePowerW`; unique in the profile. */
  name: string;
  quantity: string;
  unit: string;
  kind: "gauge" | "counter" | "state";
  /** Plausible range in `unit`; a value outside is kept with quality `out_of_range`. */
  minimum?: number;
  maximum?: number;
  /** Counter: the modulus in `unit` at which it starts again from 0. */
  rolloverAt?: number;
};

export const registerTypes = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float16",
  "float32",
  "float64",
  "bit",
  "string",
] as const;
export type RegisterType = (typeof registerTypes)[number];

/** Order of a value's bytes on the wire, A the most significant. 16 bits: ABCD or BADC (bytes swapped). */
export const orders32 = ["ABCD", "DCBA", "BADC", "CDAB"] as const;
export const orders64 = [
  "ABCDEFGH",
  "HGFEDCBA",
  "BADCFEHG",
  "GHEFCDAB",
  "CDABGHEF",
  "EFGHABCD",
  "DCBAHGFE",
  "FEHGBADC",
] as const;
export type ByteOrder = (typeof orders32)[number] | (typeof orders64)[number];

/** How one value stands in registers. */
export type RegisterValue = {
  type: RegisterType;
  order: ByteOrder;
  /** int8, uint8: which byte of the register. */
  byte?: "high" | "low";
  /** bit: 0 (least significant) to 15. */
  bit?: number;
  /** string: length in registers. */
  length?: number;
  /** Value in the point's unit = raw × scale + offset. */
  scale: number;
  offset: number;
  /** Raw values that mean "not implemented". NaN always does. */
  sentinels: bigint[];
};

export type ModbusPoint = ProfilePoint &
  RegisterValue & {
    fc: 3 | 4;
    /** As the device's manual prints it; the address on the wire is register − base. */
    register: number;
  };

/** What one device stands: registers in a request, and unmapped registers that a request may read over. */
export type RequestLimits = { maxRegisters: number; gap: number };

export type ModbusProfile = {
  name: string;
  version: number;
  protocol: "modbus";
  /** 0: registers are printed as on the wire; 1: one higher. */
  base: 0 | 1;
  limits: RequestLimits;
  points: ModbusPoint[];
};

export type SunspecPoint = ProfilePoint & {
  /** Number of the SunSpec model, e.g. 203. */
  model: number;
  /** Name of the point in the model, e.g. `W`. Its type and scale factor stand in the model. */
  point: string;
  /** −1 where the device counts the other way round, 0.01 where the model says percent and we say a share. */
  factor: number;
  /** acc16/acc32/acc64 say "not implemented" by 0; `value` where an honest zero is expected instead. */
  zero: "missing" | "value";
};

export type SunspecProfile = {
  name: string;
  version: number;
  protocol: "sunspec";
  limits: RequestLimits;
  points: SunspecPoint[];
};

export const timeFormats = ["auto", "iso", "s", "ms", "us", "ns"] as const;
/**
 * Where a message's time stands. `auto`: ISO 8601 text, or a number whose size tells seconds, ms, µs or ns.
 * A message without it takes its time of arrival.
 */
export type TimeMapping = { path: string; format: (typeof timeFormats)[number] };

/** A path is keys joined by dots; a number is an array index: `meters.0.power`. */
export type JsonPoint = ProfilePoint & {
  path: string;
  /** Value in the point's unit = received × scale. */
  scale: number;
};

/** Where a GPU field is found, and from which value on it means "blank" (DCGM writes 0x7ffffff0 and its kin). */
export type GpuFieldMapping = { from: string; scale: number; blankFrom: number };

export type MqttJsonProfile = {
  name: string;
  version: number;
  protocol: "mqtt-json";
  time?: TimeMapping;
  points: JsonPoint[];
  /** A rack's GPUs: an array of objects at `path`; `index`, `uuid`, `xid` and each field's `from` are paths inside one. */
  gpus?: {
    path: string;
    index: string;
    uuid?: string;
    xid?: string;
    fields: Partial<Record<GpuField, GpuFieldMapping>>;
  };
};

export type SparkplugPoint = ProfilePoint & {
  /** Metric name as in the birth certificate. */
  metric: string;
  scale: number;
};

export type SparkplugProfile = {
  name: string;
  version: number;
  protocol: "sparkplug";
  points: SparkplugPoint[];
  /**
   * A rack's GPUs: metric names by a pattern such as `gpu/{index}/{field}`; `{field}` stands for `uuid`, `xid` or a
   * field's `from`.
   */
  gpus?: {
    metric: string;
    uuid?: string;
    xid?: string;
    fields: Partial<Record<GpuField, GpuFieldMapping>>;
  };
};

export type Profile = ModbusProfile | SunspecProfile | MqttJsonProfile | SparkplugProfile;
/** Device protocol of the fleet file → protocols of the profiles that it may use. */
export const profileProtocols = {
  "modbus-tcp": ["modbus", "sunspec"],
  "mqtt-json": ["mqtt-json"],
  sparkplug: ["sparkplug"],
} as const satisfies Record<string, readonly Profile["protocol"][]>;
