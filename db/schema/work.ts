import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { instant, uint256 } from "./columns.ts";

/** queued → placed → starting → running → succeeded | failed | cancelled; or rejected at the door. */
export const jobStatuses = ["queued", "placed", "starting", "running", "succeeded", "failed", "cancelled"] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const job = pgTable(
  "job",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    tenant: text("tenant").notNull(),
    submittedBy: text("submitted_by").notNull(),
    submittedAt: instant("submitted_at").notNull(),
    /** The submitter's own key: the same key submits once. */
    idempotencyKey: text("submission_key"),
    /** Hash of the request that the key stands for; null: taken in before it was kept. */
    requestSha256: text("request_sha256"),
    gpus: integer("gpus").notNull(),
    gpuClass: text("gpu_class"),
    durationS: integer("duration_s").notNull(),
    /** Watts per GPU that the job is expected to draw. */
    powerPerGpuW: doublePrecision("power_per_gpu_w").notNull(),
    releaseAt: instant("release_at").notNull(),
    deadlineAt: instant("deadline_at").notNull(),
    interruptible: boolean("interruptible").notNull().default(false),
    /** Jurisdictions where the job may run; empty: anywhere. A hard rule (WP-E3). */
    residency: text("residency").array().notNull().default([]),
    /** Centres where the job may run, those of whoever submitted it; null: all. A hard rule. */
    allowedCentreIds: text("allowed_centre_ids").array(),
    budgetMicroUsd: bigint("budget_micro_usd", { mode: "number" }),
    slaTier: text("sla_tier").notNull().default("standard"),
    priority: integer("priority").notNull().default(0),
    policyId: text("policy_id").notNull(),
    policyVersion: integer("policy_version").notNull(),
    workload: jsonb("workload").$type<{ kind: string } & Record<string, unknown>>().notNull(),
    status: text("status", { enum: jobStatuses }).notNull(),
    /** Why it waits, failed or was cancelled. */
    statusReason: text("status_reason"),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [index("job_status").on(t.status), uniqueIndex("job_submission").on(t.submittedBy, t.idempotencyKey)],
);

/** A decision with the score of every alternative: replaying `inputs` gives the same answer. */
export const decision = pgTable(
  "decision",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    jobId: text("job_id")
      .notNull()
      .references(() => job.id),
    decidedAt: instant("decided_at").notNull(),
    inputs: jsonb("inputs").notNull(),
    /** Shape: DecisionOutcome of scheduler/placement. */
    outcome: jsonb("outcome").notNull(),
  },
  (t) => [index("decision_job").on(t.jobId, t.decidedAt)],
);

/** Where and when a job is to run. At most one open placement a job. */
export const placement = pgTable(
  "placement",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    jobId: text("job_id")
      .notNull()
      .references(() => job.id),
    decisionId: bigint("decision_id", { mode: "number" })
      .notNull()
      .references(() => decision.id),
    centreId: text("centre_id").notNull(),
    /** gpu.id list, chosen when it starts; empty while it is only planned. */
    gpuIds: integer("gpu_ids").array().notNull().default([]),
    plannedStartAt: instant("planned_start_at").notNull(),
    plannedEndAt: instant("planned_end_at").notNull(),
    status: text("status", { enum: ["planned", "committed", "released"] }).notNull(),
    createdAt: instant("created_at").notNull(),
    releasedAt: instant("released_at"),
  },
  (t) => [
    uniqueIndex("placement_open").on(t.jobId).where(sql`status <> 'released'`),
    index("placement_centre").on(t.centreId, t.status),
  ],
);

/** One execution on an engine. */
export const jobRun = pgTable(
  "job_run",
  {
    id: text("id").primaryKey(),
    jobId: text("job_id")
      .notNull()
      .references(() => job.id),
    placementId: bigint("placement_id", { mode: "number" })
      .notNull()
      .references(() => placement.id),
    centreId: text("centre_id").notNull(),
    gpuIds: integer("gpu_ids").array().notNull(),
    engine: text("engine").notNull(),
    engineRef: text("engine_ref"),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    exitCode: integer("exit_code"),
    outputSha256: text("output_sha256"),
    outputTail: text("output_tail"),
    gpuSeconds: doublePrecision("gpu_seconds"),
    /** Metered by the GPUs that ran it, milliwatt-hours; reconciled with the rack's PDU. */
    itMilliWh: bigint("it_milli_wh", { mode: "number" }),
    energyMethod: text("energy_method"),
    /** Facility energy and footprint: IT × PUE of the hours it ran. */
    facilityMilliWh: bigint("facility_milli_wh", { mode: "number" }),
    carbonLocationG: doublePrecision("carbon_location_g"),
    carbonContractG: doublePrecision("carbon_contract_g"),
    costMicroUsd: bigint("cost_micro_usd", { mode: "number" }),
  },
  (t) => [index("job_run_job").on(t.jobId)],
);

/** Versioned policy documents; the newest version of an id is in force. */
export const policy = pgTable(
  "policy",
  {
    id: text("id").notNull(),
    version: integer("version").notNull(),
    document: jsonb("document").$type<Record<string, unknown>>().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.id, t.version] })],
);

/** Compute offered for sale (WP-S3) and compute as bought (WP-S5). */
export const offer = pgTable("offer", {
  id: text("id").primaryKey(),
  centreId: text("centre_id").notNull(),
  gpuClass: text("gpu_class").notNull(),
  mode: text("mode", { enum: ["fixed", "dutch"] }).notNull(),
  priceWeiPerGpuHour: uint256("price_wei_per_gpu_hour").notNull(),
  floorWeiPerGpuHour: uint256("floor_wei_per_gpu_hour"),
  opensAt: instant("opens_at").notNull(),
  closesAt: instant("closes_at").notNull(),
});

export const computeOrder = pgTable("compute_order", {
  id: text("id").primaryKey(),
  jobId: text("job_id")
    .notNull()
    .references(() => job.id),
  offerId: text("offer_id"),
  mode: text("mode", { enum: ["fixed", "dutch"] }).notNull(),
  budgetWei: uint256("budget_wei"),
  status: text("status", { enum: ["published", "matched", "executing", "accepted", "settled", "refunded"] }).notNull(),
  createdAt: instant("created_at").notNull(),
});

export const alarm = pgTable(
  "alarm",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    /** One open alarm per cause, e.g. `silent:qh-a-pdu-03-A`. */
    cause: text("cause").notNull(),
    rule: text("rule").notNull(),
    severity: text("severity", { enum: ["watch", "act"] }).notNull(),
    centreId: text("centre_id").notNull(),
    deviceId: text("device_id"),
    /** Message key and its values: written in the reader's language. */
    message: jsonb("message").$type<{ key: string; values: Record<string, string | number> }>().notNull(),
    openedAt: instant("opened_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    closedAt: instant("closed_at"),
    acknowledgedBy: text("acknowledged_by"),
    acknowledgedAt: instant("acknowledged_at"),
  },
  (t) => [uniqueIndex("alarm_open").on(t.cause).where(sql`closed_at is null`), index("alarm_centre").on(t.centreId)],
);

export const workOrder = pgTable("work_order", {
  id: text("id").primaryKey(),
  centreId: text("centre_id").notNull(),
  deviceId: text("device_id"),
  alarmId: bigint("alarm_id", { mode: "number" }),
  title: text("title").notNull(),
  status: text("status", { enum: ["open", "responding", "waiting_parts", "closed"] }).notNull(),
  openedAt: instant("opened_at").notNull(),
  respondedAt: instant("responded_at"),
  partsDueAt: instant("parts_due_at"),
  closedAt: instant("closed_at"),
});
