import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
} from "drizzle-orm/pg-core";
import { bytes, instant } from "./columns.ts";

/** Index in this list is the stored code. Append only. */
export const qualities = [
  "good",
  "stale",
  "sentinel",
  "out_of_range",
  "estimated",
  "backfilled",
  "clock_suspect",
] as const;
export type Quality = (typeof qualities)[number];

/** Declared for queries; its DDL (hypertable or daily partitions) lives in db/timeseries. */
export const reading = pgTable(
  "reading",
  {
    pointId: integer("point_id").notNull(),
    time: instant("time").notNull(),
    receivedAt: instant("received_at").notNull(),
    /** null exactly when the device said "not implemented" or the value is missing. */
    value: doublePrecision("value"),
    quality: smallint("quality").notNull(),
  },
  (t) => [primaryKey({ columns: [t.pointId, t.time] })],
);

/** A GPU's sample as one wide row; a blank field is null. Key: DCGM field ids in telemetry.md. DDL in db/timeseries. */
export const gpuSample = pgTable(
  "gpu_sample",
  {
    gpuId: integer("gpu_id").notNull(),
    time: instant("time").notNull(),
    receivedAt: instant("received_at").notNull(),
    quality: smallint("quality").notNull(),
    powerW: real("power_w"),
    powerInstantW: real("power_instant_w"),
    energyJ: doublePrecision("energy_j"),
    powerLimitW: real("power_limit_w"),
    temperatureC: real("temperature_c"),
    memoryTemperatureC: real("memory_temperature_c"),
    utilizationPercent: real("utilization_percent"),
    memoryCopyPercent: real("memory_copy_percent"),
    smActive: real("sm_active"),
    tensorActive: real("tensor_active"),
    dramActive: real("dram_active"),
    frameBufferUsedMb: real("frame_buffer_used_mb"),
    frameBufferTotalMb: real("frame_buffer_total_mb"),
    smClockMhz: real("sm_clock_mhz"),
    memoryClockMhz: real("memory_clock_mhz"),
    clockEventMask: bigint("clock_event_mask", { mode: "number" }),
    powerViolationNs: doublePrecision("power_violation_ns"),
    thermalViolationNs: doublePrecision("thermal_violation_ns"),
    eccSingleVolatile: doublePrecision("ecc_single_volatile"),
    eccDoubleVolatile: doublePrecision("ecc_double_volatile"),
    rowsRemappedPending: smallint("rows_remapped_pending"),
    rowsRemappedFailed: smallint("rows_remapped_failed"),
    pcieReplay: doublePrecision("pcie_replay"),
    nvlinkCrcFlit: doublePrecision("nvlink_crc_flit"),
  },
  (t) => [primaryKey({ columns: [t.gpuId, t.time] })],
);

/** The newest reading of each point, for pages. */
export const pointLatest = pgTable("point_latest", {
  pointId: integer("point_id").primaryKey(),
  time: instant("time").notNull(),
  receivedAt: instant("received_at").notNull(),
  value: doublePrecision("value"),
  quality: smallint("quality").notNull(),
});

/** The newest sample of each GPU, the fields that pages and the scheduler read. */
export const gpuLatest = pgTable("gpu_latest", {
  gpuId: integer("gpu_id").primaryKey(),
  time: instant("time").notNull(),
  receivedAt: instant("received_at").notNull(),
  quality: smallint("quality").notNull(),
  powerW: real("power_w"),
  temperatureC: real("temperature_c"),
  utilizationPercent: real("utilization_percent"),
  eccDoubleVolatile: doublePrecision("ecc_double_volatile"),
  rowsRemappedPending: smallint("rows_remapped_pending"),
  lastXid: integer("last_xid"),
});

/** XIDs and other faults: an event for every change, never a gauge. */
export const gpuEvent = pgTable(
  "gpu_event",
  {
    gpuId: integer("gpu_id").notNull(),
    time: instant("time").notNull(),
    kind: text("kind").notNull(),
    code: integer("code").notNull(),
    receivedAt: instant("received_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.gpuId, t.time, t.kind] })],
);

/** A reading whose device clock is off by more than the limit: kept with both times, outside the hypertable. */
export const readingClockSuspect = pgTable(
  "reading_clock_suspect",
  {
    pointId: integer("point_id").notNull(),
    deviceTime: instant("device_time").notNull(),
    receivedAt: instant("received_at").notNull(),
    value: doublePrecision("value"),
  },
  (t) => [primaryKey({ columns: [t.pointId, t.deviceTime] })],
);

/** What stood in `reading` before a different value came for the same key. */
export const readingCorrection = pgTable(
  "reading_correction",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    pointId: integer("point_id").notNull(),
    time: instant("time").notNull(),
    previousValue: doublePrecision("previous_value"),
    previousQuality: smallint("previous_quality").notNull(),
    previousReceivedAt: instant("previous_received_at").notNull(),
    correctedAt: instant("corrected_at").notNull(),
  },
  (t) => [index("reading_correction_key").on(t.pointId, t.time)],
);

/** A message that could not become readings, with the reason; replayable. */
export const deadLetter = pgTable(
  "dead_letter",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    receivedAt: instant("received_at").notNull(),
    source: text("source").notNull(),
    reason: text("reason").notNull(),
    detail: text("detail").notNull(),
    /** First 64 KiB. */
    payload: bytes("payload").notNull(),
    payloadBytes: integer("payload_bytes").notNull(),
    replayedAt: instant("replayed_at"),
  },
  (t) => [index("dead_letter_received").on(t.receivedAt)],
);

/** Health of one source (a device): the operator's "ingest health". */
export const sourceHealth = pgTable("source_health", {
  deviceId: text("device_id").primaryKey(),
  lastSeenAt: instant("last_seen_at"),
  lastErrorAt: instant("last_error_at"),
  lastError: text("last_error"),
  messages: bigint("messages", { mode: "number" }).notNull().default(0),
  errors: bigint("errors", { mode: "number" }).notNull().default(0),
  clockOffsetMs: doublePrecision("clock_offset_ms"),
  stale: boolean("stale").notNull().default(false),
});
