import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  unique,
} from "drizzle-orm/pg-core";
import { instant, type LocalizedText } from "./columns.ts";

/** A computing centre (WP-F1). Rows come from the fleet file; a centre that leaves it is retired, never deleted. */
export const centre = pgTable("centre", {
  id: text("id").primaryKey(),
  name: jsonb("name").$type<LocalizedText>().notNull(),
  locality: jsonb("locality").$type<LocalizedText>().notNull(),
  country: text("country").notNull(),
  jurisdiction: text("jurisdiction").notNull(),
  latitude: doublePrecision("latitude").notNull(),
  longitude: doublePrecision("longitude").notNull(),
  altitudeM: doublePrecision("altitude_m").notNull().default(0),
  timeZone: text("time_zone").notNull(),
  gridZone: text("grid_zone").notNull(),
  tier: text("tier", { enum: ["edge", "regional", "core"] }).notNull(),
  /** Where IT energy is measured: PUE1 UPS output, PUE2 PDU output, PUE3 IT input (ISO/IEC 30134-2). */
  pueCategory: integer("pue_category").notNull(),
  powerCapW: doublePrecision("power_cap_w").notNull(),
  storageCapacityWh: doublePrecision("storage_capacity_wh").notNull().default(0),
  tariff: jsonb("tariff")
    .$type<{
      adderUsdPerMwh: number;
      ownSupplyUsdPerMwh?: number | undefined;
      carbonTaxUsdPerTonne: number;
      computeHsPerGpuHour: string;
    }>()
    .notNull(),
  targets: jsonb("targets")
    .$type<{
      pue: number;
      cleanShare: number;
      storageHours: number;
      heatUplift: number;
    }>()
    .notNull(),
  engine: jsonb("engine").$type<{ kind: "local" | "slurm" | "kubernetes" } & Record<string, unknown>>().notNull(),
  simulated: boolean("simulated").notNull(),
  position: integer("position").notNull().default(0),
  retiredAt: instant("retired_at"),
});

export const hall = pgTable("hall", {
  id: text("id").primaryKey(),
  centreId: text("centre_id")
    .notNull()
    .references(() => centre.id),
  name: text("name").notNull(),
  cooling: text("cooling", { enum: ["air", "liquid", "hybrid"] }).notNull(),
  retiredAt: instant("retired_at"),
});

export const rack = pgTable("rack", {
  id: text("id").primaryKey(),
  centreId: text("centre_id")
    .notNull()
    .references(() => centre.id),
  hallId: text("hall_id")
    .notNull()
    .references(() => hall.id),
  row: text("row").notNull(),
  slot: integer("slot").notNull(),
  powerLimitW: doublePrecision("power_limit_w").notNull(),
  gpuClass: text("gpu_class").notNull(),
  gpuCount: integer("gpu_count").notNull(),
  /** GPUs held by long contracts (WP-S9); the scheduler never places jobs on them: indices 0 … reserved − 1. */
  reservedGpus: integer("reserved_gpus").notNull().default(0),
  retiredAt: instant("retired_at"),
});

/** One accelerator. `id` is the key of gpu_sample; (rack, index) is its place. */
export const gpu = pgTable(
  "gpu",
  {
    id: serial("id").primaryKey(),
    rackId: text("rack_id")
      .notNull()
      .references(() => rack.id),
    index: integer("index").notNull(),
    server: text("server").notNull(),
    uuid: text("uuid").notNull(),
    gpuClass: text("gpu_class").notNull(),
    ratedPowerW: doublePrecision("rated_power_w").notNull(),
    drainedReason: text("drained_reason"),
    retiredAt: instant("retired_at"),
  },
  (t) => [unique("gpu_place").on(t.rackId, t.index)],
);

/** A Modbus gateway or broker link; `port` is what is reached now (a simulator may have moved to a free one). */
export const gateway = pgTable("gateway", {
  id: text("id").primaryKey(),
  centreId: text("centre_id")
    .notNull()
    .references(() => centre.id),
  protocol: text("protocol").notNull(),
  host: text("host").notNull(),
  port: integer("port"),
});

export const deviceRoles = [
  "grid",
  "hydro",
  "wind",
  "solar",
  "generator",
  "battery",
  "ups",
  "rack_feed",
  "cooling",
  "lighting",
  "heat_reuse",
  "water",
  "weather",
  "gpu_rack",
  "rack_environment",
  "other",
] as const;
export type DeviceRole = (typeof deviceRoles)[number];

/** A thing that speaks. What its points count as in the energy balance follows from `role`. */
export const device = pgTable(
  "device",
  {
    id: text("id").primaryKey(),
    centreId: text("centre_id")
      .notNull()
      .references(() => centre.id),
    hallId: text("hall_id").references(() => hall.id),
    rackId: text("rack_id").references(() => rack.id),
    role: text("role", { enum: deviceRoles }).notNull(),
    /** Feed of a rack PDU: a rack's load is A + B. */
    feed: text("feed", { enum: ["A", "B"] }),
    /** How clean supply reaches us: metered on site, by a direct line, or bought over the grid by contract. */
    supply: text("supply", { enum: ["on-site", "direct-line", "grid-contract", "grid"] }),
    protocol: text("protocol", { enum: ["modbus-tcp", "mqtt-json", "sparkplug"] }).notNull(),
    gatewayId: text("gateway_id").references(() => gateway.id),
    /** modbus: { unitId }; mqtt-json: { topic }; sparkplug: { group, edgeNode, device }. */
    address: jsonb("address").$type<Record<string, string | number>>().notNull(),
    profile: text("profile").notNull(),
    intervalS: doublePrecision("interval_s").notNull(),
    ratedPowerW: doublePrecision("rated_power_w"),
    simulated: boolean("simulated").notNull(),
    retiredAt: instant("retired_at"),
  },
  (t) => [index("device_centre").on(t.centreId), index("device_rack").on(t.rackId)],
);

/** One measured series of a device. `id` is the key of every reading. */
export const point = pgTable(
  "point",
  {
    id: serial("id").primaryKey(),
    deviceId: text("device_id")
      .notNull()
      .references(() => device.id),
    /** Name in the profile, e.g. `activePowerW`, `energyImportWh`. */
    name: text("name").notNull(),
    quantity: text("quantity").notNull(),
    unit: text("unit").notNull(),
    kind: text("kind", { enum: ["gauge", "counter", "state"] }).notNull(),
    /** Largest plausible value; for counters the modulus at which they roll over. */
    minimum: doublePrecision("minimum"),
    maximum: doublePrecision("maximum"),
    rolloverAt: doublePrecision("rollover_at"),
    retiredAt: instant("retired_at"),
  },
  (t) => [unique("point_name").on(t.deviceId, t.name)],
);

/** A grid zone's series: carbon intensity, price, mix. One row per zone, series, hour and source. */
export const zoneSeries = pgTable(
  "zone_series",
  {
    zone: text("zone").notNull(),
    /** carbonLocationGPerKwh, carbonResidualGPerKwh, priceUsdPerMwh, mixHydro, mixWind, mixSolar, mixNuclear, mixOtherRenewable, mixFossil (shares 0–1). */
    series: text("series").notNull(),
    time: instant("time").notNull(),
    value: doublePrecision("value").notNull(),
    source: text("source").notNull(),
    simulated: boolean("simulated").notNull(),
  },
  (t) => [primaryKey({ columns: [t.zone, t.series, t.time] })],
);

/** A forecast as it was issued; `key` is a zone or a centre (wet bulb, on-site supply). */
export const forecast = pgTable(
  "forecast",
  {
    key: text("key").notNull(),
    series: text("series").notNull(),
    issuedAt: instant("issued_at").notNull(),
    time: instant("time").notNull(),
    value: doublePrecision("value").notNull(),
    lower: doublePrecision("lower"),
    upper: doublePrecision("upper"),
    source: text("source").notNull(),
    simulated: boolean("simulated").notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.series, t.issuedAt, t.time] })],
);
