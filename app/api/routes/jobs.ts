import { z } from "zod";
import {
  cancelJob,
  type Job,
  type JobListRow,
  type JobScope,
  jobDetail,
  jobRequest,
  listJobs,
  parseStatuses,
  quote,
  submitJob,
} from "#db/queries/jobs.ts";
import { type ApiClient, audit } from "#db/queries/people.ts";
import { jobStatuses } from "#db/schema/work.ts";
import { seesCentre } from "../../auth/permissions.ts";
import { visibleOutcome } from "../../presenters/job-decision.ts";
import { cutPage, isAfter, readCursor, type TimeCursor, timeCursor } from "../cursor.ts";
import { ApiError, notFound } from "../errors.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { idParams, instant, iso, isoOrNull, microUsd, milliWh, named, nextCursor, pageQuery, wei } from "../shapes.ts";

named("JobRequest", jobRequest, "A job as it is asked for; unknown keys are refused");

const jobFields = {
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  submittedBy: z.string(),
  submittedAt: instant,
  gpus: z.int(),
  gpuClass: z.string().nullable(),
  durationS: z.int(),
  powerPerGpuW: z.number(),
  releaseAt: instant,
  deadlineAt: instant,
  interruptible: z.boolean(),
  residency: z.array(z.string()).describe("jurisdictions; empty: anywhere"),
  budgetMicroUsd: microUsd.nullable(),
  slaTier: z.string(),
  priority: z.int(),
  policy: z.string(),
  policyVersion: z.int(),
  workload: z.record(z.string(), z.unknown()),
  status: z.enum(jobStatuses),
  statusReason: z.string().nullable(),
  updatedAt: instant,
};
const job = named("Job", z.strictObject(jobFields));
const listed = named(
  "ListedJob",
  z.strictObject({
    ...jobFields,
    centreId: z.string().nullable().describe("where it is placed, or ran last"),
    plannedStartAt: instant.nullable(),
  }),
);
const run = named(
  "JobRun",
  z.strictObject({
    id: z.string(),
    centreId: z.string(),
    gpus: z.int(),
    engine: z.string(),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    exitCode: z.int().nullable(),
    outputSha256: z.string().nullable(),
    gpuSeconds: z.number().nullable(),
    itMilliWh: milliWh.nullable().describe("metered by its GPUs; null: not yet"),
    energyMethod: z.string().nullable(),
    facilityMilliWh: milliWh.nullable(),
    carbonLocationG: z.number().nullable(),
    carbonContractG: z.number().nullable(),
    costMicroUsd: microUsd.nullable(),
  }),
);
const detail = z.strictObject({
  job,
  placements: z.array(
    z.strictObject({
      centreId: z.string(),
      status: z.enum(["planned", "committed", "released"]),
      plannedStartAt: instant,
      plannedEndAt: instant,
      gpus: z.int().describe("0 while it is only planned"),
    }),
  ),
  decision: z
    .strictObject({ decidedAt: instant, outcome: z.record(z.string(), z.unknown()) })
    .nullable()
    .describe("the newest one, with the score of every alternative at the token's centres"),
  runs: z.array(run),
  settlement: z.strictObject({ id: z.string(), status: z.string(), amountWei: wei }).nullable(),
});

const shape = (row: Job): z.output<typeof job> => ({
  id: row.id,
  name: row.name,
  tenant: row.tenant,
  submittedBy: row.submittedBy,
  submittedAt: iso(row.submittedAt),
  gpus: row.gpus,
  gpuClass: row.gpuClass,
  durationS: row.durationS,
  powerPerGpuW: row.powerPerGpuW,
  releaseAt: iso(row.releaseAt),
  deadlineAt: iso(row.deadlineAt),
  interruptible: row.interruptible,
  residency: row.residency,
  budgetMicroUsd: row.budgetMicroUsd,
  slaTier: row.slaTier,
  priority: row.priority,
  policy: row.policyId,
  policyVersion: row.policyVersion,
  workload: row.workload,
  status: row.status,
  statusReason: row.statusReason,
  updatedAt: iso(row.updatedAt),
});

/** A token sees the jobs at its centres, and those that it submitted itself. */
const scopeOf = (client: ApiClient): JobScope => ({ centreIds: client.centreIds, submittedBy: client.id });

/** Of such a job it sees what happened at its centres; of its own, everything but what other centres would have cost. */
const sightOf = (client: ApiClient, row: Job) => (centreId: string) =>
  seesCentre(client.centreIds, centreId) || row.submittedBy === client.id;

/** The rows after a cursor; several jobs of one millisecond are told apart by their ids. */
async function jobsAfter(
  { db }: ApiDeps,
  client: ApiClient,
  filters: Parameters<typeof listJobs>[1],
  cursor: TimeCursor | undefined,
  wanted: number,
): Promise<JobListRow[]> {
  const before = cursor && new Date(cursor.t + 1);
  for (let limit = wanted + 20; ; limit = 500) {
    const rows = await listJobs(db, { ...filters, limit, ...(before && { before }) }, scopeOf(client));
    const fresh = cursor ? rows.filter((row) => isAfter(cursor, row.submittedAt.getTime(), row.id)) : rows;
    if (fresh.length >= wanted || rows.length < limit || limit >= 500) return fresh.slice(0, wanted);
  }
}

const statusList = z
  .string()
  .max(120)
  .refine(
    (text) => parseStatuses(text).length === text.split(",").length,
    `one or more of ${jobStatuses.join(", ")}, with commas between`,
  );

export const jobRoutes = [
  defineRoute({
    method: "get",
    path: "/jobs",
    operationId: "listJobs",
    tag: "jobs",
    summary: "Jobs, newest first",
    permission: "job.view",
    query: z.strictObject({
      status: statusList.optional().describe(`of ${jobStatuses.join(", ")}; several with commas`),
      centreId: z.string().max(128).optional(),
      ...pageQuery,
      limit: z.coerce.number().int().min(1).max(400).default(100),
    }),
    answers: { 200: { description: "A page of jobs", schema: z.strictObject({ jobs: z.array(listed), nextCursor }) } },
    async handle({ deps, client, query }) {
      const filters = {
        ...(query.status !== undefined && { status: parseStatuses(query.status) }),
        ...(query.centreId !== undefined && { centreId: query.centreId }),
      };
      const cursor = readCursor(query.cursor, timeCursor);
      const rows = await jobsAfter(deps, client, filters, cursor, query.limit + 1);
      const page = cutPage(rows, query.limit, (row) => ({ t: row.submittedAt.getTime(), id: row.id }));
      const jobs = page.rows.map((row) => ({
        ...shape(row),
        centreId: row.centreId,
        plannedStartAt: isoOrNull(row.plannedStartAt),
      }));
      return { body: { jobs, nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: "post",
    path: "/jobs",
    operationId: "submitJob",
    tag: "jobs",
    summary: "Submits a job; the same Idempotency-Key submits once",
    permission: "job.submit",
    body: jobRequest,
    idempotent: true,
    answers: {
      201: { description: "The job was taken in", schema: z.strictObject({ job }) },
      200: { description: "This Idempotency-Key was used before: the job of then", schema: z.strictObject({ job }) },
    },
    async handle({ deps, client, body, idempotencyKey, now }) {
      if (idempotencyKey !== undefined && body.idempotencyKey !== undefined && body.idempotencyKey !== idempotencyKey)
        throw new ApiError("INVALID_HEADER", "Idempotency-Key and body.idempotencyKey differ. Send one of them.");
      const request = idempotencyKey === undefined ? body : { ...body, idempotencyKey };
      const { job: made, created } = await submitJob(deps.db, request, client, now);
      if (created) await audit(deps.db, { actor: client.id, action: "job.submit", subject: `job/${made.id}` }, now);
      return {
        status: created ? 201 : 200,
        headers: { Location: `/api/v1/jobs/${made.id}` },
        body: { job: shape(made) },
      };
    },
  }),
  defineRoute({
    method: "post",
    path: "/jobs/quote",
    operationId: "quoteJob",
    tag: "jobs",
    summary: "What a job would cost at every centre of the token, cheapest first; nothing is submitted",
    permission: "job.view",
    body: jobRequest,
    answers: {
      200: {
        description: "Prices",
        schema: z.strictObject({
          quotes: z.array(
            z.strictObject({
              centreId: z.string(),
              gpuClass: z.string(),
              amountWei: wei,
              freeGpus: z.int(),
              refused: z.enum(["residency", "capacity"]).nullable().describe("why this centre cannot take it"),
            }),
          ),
        }),
      },
    },
    async handle({ deps, client, body, now }) {
      const quotes = await quote(deps.db, body, client.centreIds, now);
      return { body: { quotes: quotes.map((one) => ({ ...one, amountWei: one.amountWei.toString() })) } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/jobs/{id}",
    operationId: "getJob",
    tag: "jobs",
    summary: "One job with its placements, newest decision, runs and settlement",
    permission: "job.view",
    params: idParams,
    answers: { 200: { description: "The job", schema: detail } },
    async handle({ deps, client, params }) {
      const found = await jobDetail(deps.db, params.id, scopeOf(client));
      if (!found) throw notFound(`job "${params.id}"`);
      const [decision] = found.decisions;
      const sees = sightOf(client, found.job);
      const outcome = (row: typeof decision & object) =>
        client.centreIds === null
          ? row.outcome
          : visibleOutcome(row.inputs, row.outcome, (centreId) => seesCentre(client.centreIds, centreId));
      return {
        body: {
          job: shape(found.job),
          placements: found.placements
            .filter(({ centreId }) => sees(centreId))
            .map((row) => ({
              centreId: row.centreId,
              status: row.status,
              plannedStartAt: iso(row.plannedStartAt),
              plannedEndAt: iso(row.plannedEndAt),
              gpus: row.gpuIds.length,
            })),
          decision: decision ? { decidedAt: iso(decision.decidedAt), outcome: outcome(decision) } : null,
          runs: found.runs
            .filter(({ centreId }) => sees(centreId))
            .map((row) => ({
              id: row.id,
              centreId: row.centreId,
              gpus: row.gpuIds.length,
              engine: row.engine,
              startedAt: isoOrNull(row.startedAt),
              endedAt: isoOrNull(row.endedAt),
              exitCode: row.exitCode,
              outputSha256: row.outputSha256,
              gpuSeconds: row.gpuSeconds,
              itMilliWh: row.itMilliWh,
              energyMethod: row.energyMethod,
              facilityMilliWh: row.facilityMilliWh,
              carbonLocationG: row.carbonLocationG,
              carbonContractG: row.carbonContractG,
              costMicroUsd: row.costMicroUsd,
            })),
          settlement: found.settlement && {
            id: found.settlement.id,
            status: found.settlement.status,
            amountWei: found.settlement.amountWei.toString(),
          },
        },
      };
    },
  }),
  ...(["post", "delete"] as const).map((method) =>
    defineRoute({
      method,
      path: method === "post" ? "/jobs/{id}/cancel" : "/jobs/{id}",
      operationId: method === "post" ? "cancelJob" : "deleteJob",
      tag: "jobs",
      summary: "Cancels a job: a waiting one ends at once, a running one as soon as its engine has stopped it",
      permission: "job.cancel",
      params: idParams,
      answers: { 200: { description: "It is cancelled", schema: z.strictObject({ job }) } },
      async handle({ deps, client, params, now }) {
        const found = await jobDetail(deps.db, params.id, scopeOf(client));
        if (!found) throw notFound(`job "${params.id}"`);
        if (!(await cancelJob(deps.db, params.id, { id: client.id }, now)))
          throw new ApiError("JOB_ENDED", `The job has ended (${found.job.status}); there is nothing to cancel.`);
        await audit(deps.db, { actor: client.id, action: "job.cancel", subject: `job/${params.id}` }, now);
        const after = await jobDetail(deps.db, params.id, scopeOf(client));
        return { body: { job: shape((after ?? found).job) } };
      },
    }),
  ),
];
