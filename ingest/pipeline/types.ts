import type { Quality } from "#db/schema/telemetry.ts";

/** One checked value of one point. Times in microseconds since 1970. `value` null: missing (sentinel, is_null). */
export type ReadingRow = {
  pointId: number;
  timeUs: number;
  receivedAtUs: number;
  value: number | null;
  quality: Quality;
};

/** Fields of a GPU sample that a device may send; an absent or null one is missing. Names as in db/schema gpuSample. */
export const gpuFields = [
  "powerW",
  "powerInstantW",
  "energyJ",
  "powerLimitW",
  "temperatureC",
  "memoryTemperatureC",
  "utilizationPercent",
  "memoryCopyPercent",
  "smActive",
  "tensorActive",
  "dramActive",
  "frameBufferUsedMb",
  "frameBufferTotalMb",
  "smClockMhz",
  "memoryClockMhz",
  "clockEventMask",
  "powerViolationNs",
  "thermalViolationNs",
  "eccSingleVolatile",
  "eccDoubleVolatile",
  "rowsRemappedPending",
  "rowsRemappedFailed",
  "pcieReplay",
  "nvlinkCrcFlit",
] as const;
export type GpuField = (typeof gpuFields)[number];

export type GpuSampleRow = {
  gpuId: number;
  timeUs: number;
  receivedAtUs: number;
  quality: Quality;
  values: Partial<Record<GpuField, number | null>>;
  /** Newest XID that the sample reports; becomes an event when it changed. */
  xid?: number | null;
  /** The GPU's own uuid where the message brings it; kept in its row of `gpu`. */
  uuid?: string | null;
};

/** Why a message could not become readings. Each is counted in /metrics under this name. */
export type DeadLetterReason =
  | "malformed"
  | "too_large"
  | "unknown_topic"
  | "unknown_device"
  | "unknown_point"
  | "invalid_value"
  | "unknown_alias"
  | "stale_sequence";

export type DeadLetter = {
  receivedAtUs: number;
  /** Topic or gateway/unit. */
  source: string;
  reason: DeadLetterReason;
  detail: string;
  payload: Uint8Array;
};

/** Called once: without an error after the commit, else with what happened to these rows. */
export type Settled = (error?: Error) => void;

/** What adapters write to. A promise resolves after the rows are committed: only then may a message be acknowledged. */
export type Sink = {
  readings(rows: ReadingRow[]): Promise<void>;
  /** `readings` without a promise: for very many messages, of which each would cost more than its row. */
  take(rows: ReadingRow[], settled: Settled): void;
  gpuSamples(rows: GpuSampleRow[]): Promise<void>;
  deadLetter(letter: DeadLetter): Promise<void>;
  /** A device was heard; clockOffsetMs = device clock − ours where the device sends a time. */
  seen(deviceId: string, atUs: number, clockOffsetMs?: number): void;
  /** A device failed: connection refused, exception, timeout. */
  failed(deviceId: string, atUs: number, error: string): void;
};
