import { randomBytes } from "node:crypto";
import { and, desc, eq, inArray, lt, or, sql } from "drizzle-orm";
import { z } from "zod";
import { canonicalJson, sha256Hex } from "#domain/report/canonical.ts";
import type { Database } from "../client.ts";
import { channels } from "../notify.ts";
import { settlement } from "../schema/chain.ts";
import { decision, type JobStatus, job, jobRun, jobStatuses, placement, policy } from "../schema/work.ts";
import { type ClassCapacity, capacityByClass } from "./capacity.ts";

/** Share of a GPU's rated power that a class of work draws, until measured history says better. */
export const powerClassShare = { light: 0.45, standard: 0.7, heavy: 0.95 } as const;
export const policyPresets = ["cleanest", "cheapest", "balanced", "fastest"] as const;

/** Within what the database, a default deadline added, can hold. */
const instantText = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(
    (instant) => instant.getTime() >= 0 && instant.getTime() < Date.UTC(2200, 0, 1),
    "an instant from 1970 to 2199",
  );
const workload = z.discriminatedUnion("kind", [
  /** SHA-256 chain from `seed`, at a low duty cycle for the job's duration; its result can be checked by repeating it. */
  z.strictObject({
    kind: z.literal("hash-chain"),
    seed: z.string().max(256).default("hs"),
    dutyPercent: z.number().min(1).max(50).default(5),
  }),
  z.strictObject({ kind: z.literal("sleep"), exitCode: z.number().int().min(0).max(125).default(0) }),
]);

/** A job as a client asks for it; unknown keys are refused. */
export const jobRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    gpus: z.int().min(1).max(100_000),
    gpuClass: z.string().trim().min(1).max(64).optional(),
    durationS: z
      .int()
      .min(1)
      .max(31 * 86_400),
    powerClass: z.enum(["light", "standard", "heavy"]).optional(),
    powerPerGpuW: z.number().min(1).max(5_000).optional(),
    releaseAt: instantText.optional(),
    /** Neither deadline given: a day after the earliest end. */
    deadlineAt: instantText.optional(),
    deadlineInS: z
      .int()
      .min(1)
      .max(366 * 86_400)
      .optional(),
    interruptible: z.boolean().default(false),
    /** Jurisdictions; empty: anywhere. */
    residency: z.array(z.string().trim().min(1).max(64)).max(32).default([]),
    /** Decimal text, at most six decimals: money is never a float. */
    budgetUsd: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,6})?$/, 'a decimal number as text, such as "12.50"')
      .optional(),
    policy: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .default("balanced"),
    priority: z.int().min(-10).max(10).default(0),
    slaTier: z.string().trim().min(1).max(32).default("standard"),
    workload: workload.default({ kind: "hash-chain", seed: "hs", dutyPercent: 5 }),
    idempotencyKey: z.string().min(1).max(200).optional(),
  })
  .refine((value) => !(value.powerClass && value.powerPerGpuW), {
    path: ["powerPerGpuW"],
    message: "give powerClass or powerPerGpuW, not both",
  })
  .refine((value) => !(value.deadlineAt && value.deadlineInS), {
    path: ["deadlineInS"],
    message: "give deadlineAt or deadlineInS, not both",
  });
export type JobRequest = z.output<typeof jobRequest>;

/** Who acts on a job. */
export type JobActor = { id: string };
/** Who submits. `id` and `tenant` stand in the record, tenant defaults to the id; the job runs at `centreIds` only, null: at all. */
export type JobSubmitter = JobActor & { tenant?: string; centreIds: string[] | null };
/** What a reader may see. `centreIds` null: all; else jobs whose place is there, and those of `submittedBy`. */
export type JobScope = { centreIds: string[] | null; submittedBy?: string };

export const refusalReasons = [
  "unknownResidency",
  "unknownGpuClass",
  "tooManyGpus",
  "deadlineTooEarly",
  "unknownPolicy",
  "noCapacity",
  "idempotencyConflict",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** A job that can fit nowhere, ever. `reason` names the rule, `values` what stood against it. */
export class JobRefused extends Error {
  readonly code = "JOB_REFUSED";
  readonly reason: RefusalReason;
  readonly values: Record<string, string | number>;
  constructor(reason: RefusalReason, message: string, values: Record<string, string | number>) {
    super(message);
    this.reason = reason;
    this.values = values;
  }
}

export type Job = typeof job.$inferSelect;

/**
 * Takes a job in, once per idempotency key: the same key and request of the same submitter give the first job again.
 * @throws JobRefused when no centre that the submitter may use could ever run it, or the key stands for another request.
 */
export async function submitJob(
  db: Database,
  request: JobRequest,
  submitter: JobSubmitter,
  now: Date,
): Promise<{ job: Job; created: boolean }> {
  const requestSha256 = requestHash(request);
  const before = await findByKey(db, request, requestSha256, submitter);
  if (before) return { job: before, created: false };
  const capacity = await capacityByClass(db, submitter.centreIds);
  const { releaseAt, deadlineAt } = window(request, now);
  refuseImpossible(request, capacity, releaseAt, deadlineAt);
  const row: typeof job.$inferInsert = {
    id: `job-${randomBytes(8).toString("hex")}`,
    name: request.name,
    tenant: submitter.tenant ?? submitter.id,
    submittedBy: submitter.id,
    submittedAt: now,
    idempotencyKey: request.idempotencyKey ?? null,
    requestSha256,
    gpus: request.gpus,
    gpuClass: request.gpuClass ?? null,
    durationS: request.durationS,
    powerPerGpuW:
      request.powerPerGpuW ??
      Math.round(ratedPowerW(request, capacity) * powerClassShare[request.powerClass ?? "standard"]),
    releaseAt,
    deadlineAt,
    interruptible: request.interruptible,
    residency: request.residency,
    allowedCentreIds: submitter.centreIds,
    budgetMicroUsd: request.budgetUsd === undefined ? null : microUsd(request.budgetUsd),
    slaTier: request.slaTier,
    priority: request.priority,
    policyId: request.policy,
    policyVersion: await policyVersion(db, request.policy),
    workload: request.workload,
    status: "queued",
    updatedAt: now,
  };
  const [made] = await db.orm
    .insert(job)
    .values(row)
    .onConflictDoNothing({ target: [job.submittedBy, job.idempotencyKey] })
    .returning();
  if (!made) return { job: (await findByKey(db, request, requestSha256, submitter))!, created: false };
  await db.notify(channels.job, { jobId: made.id });
  return { job: made, created: true };
}

/** What the same key must ask for again; the key itself is no part of it. */
function requestHash({ idempotencyKey: _, ...asked }: JobRequest): string {
  return sha256Hex(canonicalJson(JSON.parse(JSON.stringify(asked))));
}

/** The job that the submitter's key stands for. @throws JobRefused when it was submitted by another request. */
async function findByKey(
  db: Database,
  { idempotencyKey }: JobRequest,
  requestSha256: string,
  submitter: JobSubmitter,
): Promise<Job | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const [row] = await db.orm
    .select()
    .from(job)
    .where(and(eq(job.submittedBy, submitter.id), eq(job.idempotencyKey, idempotencyKey)));
  if (row && row.requestSha256 !== null && row.requestSha256 !== requestSha256)
    throw new JobRefused(
      "idempotencyConflict",
      `This idempotency key stands for job ${row.id}, which asked for something else. Take another key for another job.`,
      { jobId: row.id },
    );
  return row;
}

function window(request: JobRequest, now: Date): { releaseAt: Date; deadlineAt: Date } {
  const releaseAt = request.releaseAt && request.releaseAt > now ? request.releaseAt : now;
  const inS = request.deadlineInS ?? request.durationS + 86_400;
  return {
    releaseAt,
    deadlineAt: request.deadlineAt ?? new Date((request.deadlineInS ? now : releaseAt).getTime() + inS * 1_000),
  };
}

/** @throws JobRefused naming the first rule that no centre can meet. */
function refuseImpossible(request: JobRequest, capacity: ClassCapacity[], releaseAt: Date, deadlineAt: Date): void {
  const availableS = (deadlineAt.getTime() - releaseAt.getTime()) / 1_000;
  if (availableS < request.durationS) {
    const message = `The deadline leaves ${Math.max(0, Math.floor(availableS))} s, the job needs ${request.durationS} s; set a later deadline.`;
    throw new JobRefused("deadlineTooEarly", message, {
      availableS: Math.max(0, Math.floor(availableS)),
      durationS: request.durationS,
    });
  }
  if (!capacity.length)
    throw new JobRefused("noCapacity", "No centre that you may use has GPUs; apply a fleet file with racks first.", {});
  const known = [...new Set(capacity.map((row) => row.jurisdiction))].sort().join(", ");
  const resident = capacity.filter((row) => !request.residency.length || request.residency.includes(row.jurisdiction));
  if (!resident.length) {
    const asked = request.residency.join(", ");
    throw new JobRefused("unknownResidency", `No centre lies in ${asked}; known jurisdictions: ${known}.`, {
      residency: asked,
      known,
    });
  }
  const classed = resident.filter((row) => request.gpuClass === undefined || row.gpuClass === request.gpuClass);
  if (!classed.length) {
    const classes = [...new Set(resident.map((row) => row.gpuClass))].sort().join(", ");
    throw new JobRefused(
      "unknownGpuClass",
      `No allowed centre has GPUs of class ${request.gpuClass}; there are: ${classes}.`,
      { gpuClass: request.gpuClass!, known: classes },
    );
  }
  const most = Math.max(...classed.map((row) => row.gpus + row.drained));
  if (request.gpus > most)
    throw new JobRefused(
      "tooManyGpus",
      `The largest allowed centre has ${most} GPUs, the job asks for ${request.gpus}.`,
      { gpus: request.gpus, most },
    );
}

function ratedPowerW(request: JobRequest, capacity: ClassCapacity[]): number {
  return Math.max(
    ...capacity
      .filter((row) => request.gpuClass === undefined || row.gpuClass === request.gpuClass)
      .map((row) => row.ratedPowerW),
  );
}

/** @throws JobRefused when there is no such policy. A preset that no scheduler has stored yet is version 1. */
async function policyVersion(db: Database, id: string): Promise<number> {
  const [row] = await db.orm
    .select({ version: policy.version })
    .from(policy)
    .where(eq(policy.id, id))
    .orderBy(desc(policy.version))
    .limit(1);
  if (row) return row.version;
  if ((policyPresets as readonly string[]).includes(id)) return 1;
  throw new JobRefused("unknownPolicy", `There is no policy "${id}"; the presets are ${policyPresets.join(", ")}.`, {
    policy: id,
  });
}

/** "12.5" → 12500000n as a number: at most 1e15, exact. */
function microUsd(text: string): number {
  const [whole, fraction = ""] = text.split(".");
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

export type JobFilters = { status?: JobStatus[]; tenant?: string; centreId?: string; before?: Date; limit?: number };
export type JobListRow = Job & { centreId: string | null; plannedStartAt: Date | null; placementStatus: string | null };

const isStatus = (text: string): text is JobStatus => (jobStatuses as readonly string[]).includes(text);
/** Statuses out of a query string; unknown ones are left out. */
export const parseStatuses = (text: string): JobStatus[] => text.split(",").filter(isStatus);

/**
 * The placement that says where a job is: the open one, else that of its newest run. A plan that was given up says nothing.
 * `job-pages.ts` reads the same in SQL.
 */
const heldOrRun = sql`(${placement.status} <> 'released' or exists (select 1 from ${jobRun} where ${jobRun.placementId} = ${placement.id}))`;
const openFirst = sql`(${placement.status} <> 'released') desc`;

/** Newest first, each with the placement that says where it is. */
export async function listJobs(db: Database, filters: JobFilters, scope: JobScope): Promise<JobListRow[]> {
  const newest = db.orm
    .selectDistinctOn([placement.jobId], {
      jobId: placement.jobId,
      centreId: placement.centreId,
      plannedStartAt: placement.plannedStartAt,
      status: placement.status,
    })
    .from(placement)
    .where(heldOrRun)
    .orderBy(placement.jobId, openFirst, desc(placement.id))
    .as("newest");
  const rows = await db.orm
    .select({ job, centreId: newest.centreId, plannedStartAt: newest.plannedStartAt, placementStatus: newest.status })
    .from(job)
    .leftJoin(newest, eq(newest.jobId, job.id))
    .where(
      and(
        filters.status?.length ? inArray(job.status, filters.status) : undefined,
        filters.tenant === undefined ? undefined : eq(job.tenant, filters.tenant),
        filters.centreId === undefined ? undefined : eq(newest.centreId, filters.centreId),
        filters.before ? lt(job.submittedAt, filters.before) : undefined,
        inScope(scope, newest.centreId),
      ),
    )
    .orderBy(desc(job.submittedAt), desc(job.id))
    .limit(Math.min(filters.limit ?? 100, 500));
  return rows.map(({ job: row, placementStatus, ...rest }) => ({ ...row, ...rest, placementStatus }));
}

function inScope(scope: JobScope, centreColumn: Parameters<typeof inArray>[0]) {
  if (scope.centreIds === null) return undefined;
  const placed = scope.centreIds.length ? inArray(centreColumn, scope.centreIds) : sql`false`;
  return scope.submittedBy === undefined ? placed : or(placed, eq(job.submittedBy, scope.submittedBy));
}

export type JobDetail = {
  job: Job;
  placements: (typeof placement.$inferSelect)[];
  /** Newest first; `outcome` is a DecisionOutcome and `inputs` a DecisionInputs of scheduler/placement. */
  decisions: (typeof decision.$inferSelect)[];
  runs: (typeof jobRun.$inferSelect)[];
  settlement: typeof settlement.$inferSelect | null;
};

/** Everything of one job, newest first; undefined when there is none or the scope does not show it. */
export async function jobDetail(
  db: Database,
  id: string,
  scope: JobScope = { centreIds: null },
): Promise<JobDetail | undefined> {
  const [row] = await db.orm.select().from(job).where(eq(job.id, id));
  if (!row) return undefined;
  const [placements, decisions, runs, settlements] = await Promise.all([
    db.orm.select().from(placement).where(eq(placement.jobId, id)).orderBy(desc(placement.id)),
    db.orm.select().from(decision).where(eq(decision.jobId, id)).orderBy(desc(decision.id)).limit(20),
    db.orm.select().from(jobRun).where(eq(jobRun.jobId, id)).orderBy(desc(jobRun.placementId)),
    db.orm.select().from(settlement).where(eq(settlement.jobId, id)),
  ]);
  const { centreIds, submittedBy } = scope;
  const place = placements.find(({ status }) => status !== "released")?.centreId ?? runs[0]?.centreId;
  const shown =
    centreIds === null ||
    (place !== undefined && centreIds.includes(place)) ||
    (submittedBy !== undefined && row.submittedBy === submittedBy);
  return shown ? { job: row, placements, decisions, runs, settlement: settlements[0] ?? null } : undefined;
}

/** Asks for an end: a waiting job ends at once, a running one as soon as its engine has stopped it. @returns false when it had ended or is unknown. */
export async function cancelJob(db: Database, id: string, actor: JobActor, now: Date): Promise<boolean> {
  const cancelled = await db.orm.transaction(async (tx) => {
    const [row] = await tx
      .update(job)
      .set({ status: "cancelled", statusReason: `cancelled by ${actor.id}`, updatedAt: now })
      .where(and(eq(job.id, id), inArray(job.status, ["queued", "placed", "starting", "running"])))
      .returning({ id: job.id });
    // A committed placement is released by the scheduler, when nothing of it runs any more.
    if (row)
      await tx
        .update(placement)
        .set({ status: "released", releasedAt: now })
        .where(and(eq(placement.jobId, id), eq(placement.status, "planned")));
    return row;
  });
  if (cancelled) await db.notify(channels.job, { jobId: id });
  return cancelled !== undefined;
}

/** What a centre would charge for a job, in wei of HS. `refused`: why it cannot take it. */
export type Quote = {
  centreId: string;
  gpuClass: string;
  amountWei: bigint;
  freeGpus: number;
  refused: "residency" | "capacity" | null;
};

/** Prices of a job at each of these centres (null: all) that has its class, cheapest first. @throws JobRefused as submitJob. */
export async function quote(
  db: Database,
  request: JobRequest,
  centreIds: string[] | null,
  now: Date,
): Promise<Quote[]> {
  const capacity = await capacityByClass(db, centreIds);
  const { releaseAt, deadlineAt } = window(request, now);
  refuseImpossible(request, capacity, releaseAt, deadlineAt);
  return capacity
    .filter((row) => request.gpuClass === undefined || row.gpuClass === request.gpuClass)
    .map(
      (row): Quote => ({
        centreId: row.centreId,
        gpuClass: row.gpuClass,
        amountWei: (weiOf(row.computeHsPerGpuHour) * BigInt(request.gpus) * BigInt(request.durationS)) / 3_600n,
        freeGpus: Math.max(0, row.gpus - row.inUse),
        refused:
          request.residency.length && !request.residency.includes(row.jurisdiction)
            ? "residency"
            : row.gpus < request.gpus
              ? "capacity"
              : null,
      }),
    )
    .sort((a, b) => (a.amountWei < b.amountWei ? -1 : a.amountWei > b.amountWei ? 1 : 0));
}

/** Decimal HS text with up to 18 decimals → wei. */
function weiOf(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole) * 10n ** 18n + BigInt(fraction.padEnd(18, "0"));
}
