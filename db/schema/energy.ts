import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
import { bytes, instant } from "./columns.ts";

/** Hours whose ledger entries must be derived again (written in the same transaction as the reading). */
export const energyDirtyHour = pgTable(
  "energy_dirty_hour",
  {
    pointId: integer("point_id").notNull(),
    hour: instant("hour").notNull(),
    markedAt: instant("marked_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.pointId, t.hour] })],
);

/** Hours of grid zones whose values came or changed; written by triggers on zone_series (migration 0002). */
export const zoneDirtyHour = pgTable(
  "zone_dirty_hour",
  {
    zone: text("zone").notNull(),
    hour: instant("hour").notNull(),
    markedAt: instant("marked_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.zone, t.hour] })],
);

/**
 * How a ledger entry's energy is known. counter: difference of the meter's counter inside the hour; counter_spread:
 * a counter difference across a gap that spans hours, shared by time; integrated: trapezoid over power; estimated: named estimate.
 */
export const ledgerMethods = ["counter", "counter_spread", "integrated", "estimated"] as const;
export type LedgerMethod = (typeof ledgerMethods)[number];

/** Energy per point and hour. Milliwatt-hours, integer, so that sums are exact. */
export const energyLedger = pgTable(
  "energy_ledger",
  {
    pointId: integer("point_id").notNull(),
    hour: instant("hour").notNull(),
    method: text("method", { enum: ledgerMethods }).notNull(),
    energyMilliWh: bigint("energy_milli_wh", { mode: "number" }).notNull(),
    /** Seconds of the hour that this entry covers. */
    coveredS: doublePrecision("covered_s").notNull(),
    readings: integer("readings").notNull(),
    firstReadingAt: instant("first_reading_at").notNull(),
    lastReadingAt: instant("last_reading_at").notNull(),
    /** Faults met in the hour: rollover, reset, dip, … */
    notes: text("notes").array().notNull().default([]),
    derivedAt: instant("derived_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.pointId, t.hour, t.method] }), index("energy_ledger_hour").on(t.hour)],
);

/** Energy of one hour at one centre by part, all in milliwatt-hours. Missing parts are absent, never 0. */
export type CentreHourParts = Partial<
  Record<
    | "grid"
    | "gridExport"
    | "hydro"
    | "wind"
    | "solar"
    | "generator"
    | "batteryCharge"
    | "batteryDischarge"
    | "it"
    | "ups"
    | "racks"
    | "cooling"
    | "lighting"
    | "heatReuse",
    number
  >
>;

/** Indicators of one centre and hour, derived from the ledger: the one source of pages, reports and the scheduler. */
export const centreHour = pgTable(
  "centre_hour",
  {
    centreId: text("centre_id").notNull(),
    hour: instant("hour").notNull(),
    parts: jsonb("parts").$type<CentreHourParts>().notNull(),
    /** Facility energy; null when a meter that it needs is missing for the whole hour. */
    facilityMilliWh: bigint("facility_milli_wh", { mode: "number" }),
    itMilliWh: bigint("it_milli_wh", { mode: "number" }),
    /** facility / IT of this hour; null: see `notComputable`. */
    pue: doublePrecision("pue"),
    pueCategory: integer("pue_category").notNull(),
    notComputable: jsonb("not_computable").$type<{ deviceId: string; silentSince: string | null }[]>(),
    coverage: doublePrecision("coverage").notNull(),
    estimatedShare: doublePrecision("estimated_share").notNull().default(0),
    /** Energy mix of facility energy by source, milliwatt-hours; parts sum to the total exactly. */
    mix: jsonb("mix").$type<
      Record<
        "hydro" | "wind" | "solar" | "otherRenewable" | "nuclear" | "fossil" | "generator" | "storage" | "unknown",
        number
      >
    >(),
    cleanShare: doublePrecision("clean_share"),
    /** Grams CO₂e: location-based, and contract-based (metered and contracted clean supply at its own factor). */
    carbonLocationG: doublePrecision("carbon_location_g"),
    carbonContractG: doublePrecision("carbon_contract_g"),
    /** Integer micro-USD. */
    costMicroUsd: bigint("cost_micro_usd", { mode: "number" }),
    factorSource: text("factor_source"),
    simulated: boolean("simulated").notNull(),
    derivedAt: instant("derived_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.centreId, t.hour] })],
);

/** The frozen leaves of a centre-hour's evidence tree: what was anchored, also when the ledger is later restated. */
export const evidenceLeaf = pgTable(
  "evidence_leaf",
  {
    centreId: text("centre_id").notNull(),
    hour: instant("hour").notNull(),
    index: integer("index").notNull(),
    pointId: integer("point_id").notNull(),
    method: text("method", { enum: ledgerMethods }).notNull(),
    /** Canonical values of the leaf in order, as hashed. */
    values: jsonb("values").$type<string[]>().notNull(),
    hash: bytes("hash").notNull(),
  },
  (t) => [primaryKey({ columns: [t.centreId, t.hour, t.index] })],
);

export const evidenceRoot = pgTable(
  "evidence_root",
  {
    centreId: text("centre_id").notNull(),
    hour: instant("hour").notNull(),
    root: bytes("root").notNull(),
    leaves: integer("leaves").notNull(),
    builtAt: instant("built_at").notNull(),
    /** Set by the indexer when the registry's event is seen, cleared when it is reorganised away. */
    anchoredTxHash: text("anchored_tx_hash"),
    anchoredBlock: bigint("anchored_block", { mode: "number" }),
  },
  (t) => [primaryKey({ columns: [t.centreId, t.hour] })],
);

/** Emission factors as versioned data (esg.md, "Factors"). */
export const emissionFactor = pgTable(
  "emission_factor",
  {
    id: text("id").notNull(),
    version: text("version").notNull(),
    value: doublePrecision("value").notNull(),
    unit: text("unit").notNull(),
    basis: text("basis", { enum: ["direct", "lifecycle"] }).notNull(),
    source: text("source").notNull(),
    licence: text("licence").notNull(),
    validFrom: instant("valid_from"),
    validTo: instant("valid_to"),
  },
  (t) => [primaryKey({ columns: [t.id, t.version] })],
);

export const report = pgTable("report", {
  id: text("id").primaryKey(),
  centreIds: text("centre_ids").array().notNull(),
  periodStart: instant("period_start").notNull(),
  periodEnd: instant("period_end").notNull(),
  timeZone: text("time_zone").notNull(),
  /** The report's canonical JSON, from which every format is written. */
  content: jsonb("content").$type<Record<string, unknown>>().notNull(),
  contentSha256: text("content_sha256").notNull(),
  /** The figures that a list shows; taken from the content. */
  summary: jsonb("summary").$type<Record<string, unknown>>().notNull(),
  status: text("status", { enum: ["draft", "published", "restated"] }).notNull(),
  restatesId: text("restates_id"),
  createdBy: text("created_by").notNull(),
  createdAt: instant("created_at").notNull(),
});
