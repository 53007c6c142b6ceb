import type { AppLoadContext } from "@remix-run/node";
import { centreNames, endedJobs, newestRuns, openJobs, workByCentre } from "#db/queries/job-pages.ts";
import { type JobListRow, listJobs } from "#db/queries/jobs.ts";
import type { Person } from "#db/queries/people.ts";
import type { JobStatus } from "#db/schema/work.ts";
import type { View } from "../view.ts";
import type { Say } from "./fleet.server.ts";
import { readReason, reasonSentence } from "./job-reason.ts";
import { jobFigures } from "./jobs-figures.ts";
import { jobsLead } from "./jobs-lead.ts";

/** What the list can be narrowed to. */
export const jobFilters = {
  all: [],
  waiting: ["queued", "placed"],
  running: ["starting", "running"],
  done: ["succeeded"],
  failed: ["failed", "cancelled"],
} as const satisfies Record<string, readonly JobStatus[]>;
export type JobFilter = keyof typeof jobFilters;
export const isJobFilter = (text: string | null): text is JobFilter => text !== null && Object.hasOwn(jobFilters, text);

const pageSize = 50;

export type JobItem = {
  id: string;
  name: string;
  tenant: string;
  status: JobStatus;
  /** Waits although no allowed place is in sight. */
  blocked: boolean;
  reason: string | null;
  gpus: number;
  gpuClass: string | null;
  durationS: number;
  centre: string | null;
  centreId: string | null;
  simulated: boolean;
  startAtMs: number | null;
  /** The start happened; else it is planned. */
  started: boolean;
  endedAtMs: number | null;
  deadlineAtMs: number;
  policyId: string;
  submittedAtMs: number;
};

/** The scope of a person: jobs at their centres, and their own. */
export const jobScopeOf = (person: Person) => ({ centreIds: person.centreIds, submittedBy: person.id });

/** The queue: figures of the range, then the jobs, newest first. */
export async function presentJobs(
  context: AppLoadContext,
  person: Person,
  view: View,
  asked: { filter: JobFilter; beforeMs: number | null },
  say: Say,
) {
  const { db } = context;
  const scope = jobScopeOf(person);
  const [from, to] = [new Date(view.fromMs), new Date(Math.max(view.toMs, view.fromMs + 1))];
  const [listed, waiting, open, ended, work, centres, recent] = await Promise.all([
    listJobs(
      db,
      {
        status: [...jobFilters[asked.filter]],
        limit: pageSize + 1,
        ...(asked.beforeMs !== null && { before: new Date(asked.beforeMs) }),
      },
      scope,
    ),
    listJobs(db, { status: ["queued", "placed"], limit: 200 }, scope),
    openJobs(db, scope),
    endedJobs(db, scope, from, to),
    workByCentre(db, scope, from, to),
    centreNames(db),
    listJobs(db, { status: ["failed"], limit: 20 }, scope),
  ]);
  const page = listed.slice(0, pageSize);
  const runs = await newestRuns(
    db,
    page.map(({ id }) => id),
  );
  const centreOf = (id: string) => {
    const found = centres.find((centre) => centre.id === id);
    return found ? say.format.name(found.name) : id;
  };
  const names = { centre: centreOf, actor: (id: string) => (id === person.id ? person.name : id) };
  const item = (row: JobListRow): JobItem => {
    const run = runs.get(row.id);
    const startedAtMs = run?.startedAtMs ?? null;
    const waits = row.status === "queued" || row.status === "placed";
    return {
      id: row.id,
      name: row.name,
      tenant: row.tenant,
      status: row.status,
      blocked: isBlocked(row),
      reason: row.statusReason === null ? null : reasonSentence(row.statusReason, say, names),
      gpus: row.gpus,
      gpuClass: row.gpuClass,
      durationS: row.durationS,
      centre: row.centreId !== null && (row.placementStatus !== "released" || !waits) ? centreOf(row.centreId) : null,
      centreId: row.centreId,
      simulated: centres.some(({ id, simulated }) => id === row.centreId && simulated),
      startAtMs: waits ? plannedMs(row) : (startedAtMs ?? plannedMs(row)),
      started: !waits && startedAtMs !== null,
      endedAtMs: run?.endedAtMs ?? null,
      deadlineAtMs: row.deadlineAt.getTime(),
      policyId: row.policyId,
      submittedAtMs: row.submittedAt.getTime(),
    };
  };
  const failed = recent.filter((row) => row.updatedAt >= from && row.updatedAt < to);
  return {
    lead: jobsLead(
      {
        open,
        waiting: waiting.map((row) => ({
          id: row.id,
          name: row.name,
          blocked: isBlocked(row),
          plannedStartAtMs: row.placementStatus === "planned" ? plannedMs(row) : null,
          centre: row.centreId === null ? null : centreOf(row.centreId),
          reason: row.statusReason === null ? null : reasonSentence(row.statusReason, say, names),
        })),
        failed: failed.map((row) => ({
          name: row.name,
          reason: row.statusReason === null ? "" : reasonSentence(row.statusReason, say, names),
        })),
        any: page.length > 0 || asked.filter !== "all",
        range: view.range ?? "own",
      },
      say,
    ),
    figures: jobFigures({ open, ended, work, range: view.range ?? "own" }, say),
    jobs: page.map(item),
    olderMs: listed.length > pageSize ? (page.at(-1)?.submittedAt.getTime() ?? null) : null,
    work: work.map((row) => ({
      ...row,
      name: centreOf(row.centreId),
      simulated: centres.some(({ id, simulated }) => id === row.centreId && simulated),
    })),
  };
}

const plannedMs = (row: JobListRow) =>
  row.plannedStartAt === null ||
  (row.placementStatus === "released" && (row.status === "queued" || row.status === "placed"))
    ? null
    : row.plannedStartAt.getTime();

/** Waits and has been told that no place is allowed. */
const isBlocked = (row: JobListRow) =>
  row.status === "queued" && row.statusReason !== null && readReason(row.statusReason).key === "noPlace";
