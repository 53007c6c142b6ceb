import type { AppLoadContext } from "@remix-run/node";
import { actorNames, centreNames, drawNow, gpuPlaces, rackHeatAt } from "#db/queries/job-pages.ts";
import { type JobDetail, jobDetail } from "#db/queries/jobs.ts";
import type { Person } from "#db/queries/people.ts";
import { policyVersions } from "#db/queries/policies.ts";
import { may, seesCentre } from "../auth/permissions.ts";
import { isEstimate } from "./energy-method.ts";
import type { Say } from "./fleet.server.ts";
import { type DecisionView, isDecision, viewDecision } from "./job-decision.ts";
import { jobLead } from "./job-lead.ts";
import { lifeLine } from "./job-life.ts";
import { rackRows } from "./job-nodes.ts";
import { policyTexts } from "./job-policy.ts";
import { readReason, reasonSentence } from "./job-reason.ts";
import { jobScopeOf } from "./jobs.server.ts";

/** GPU samples younger than this say what a job draws now. */
const freshMs = 120_000;

/** Everything about one job, or undefined when there is none that this person may see. */
export async function presentJob(context: AppLoadContext, person: Person, id: string, say: Say) {
  const { db } = context;
  const nowMs = context.clock();
  const found = await jobDetail(db, id, jobScopeOf(person));
  if (!found) return undefined;
  const { job, decisions, settlement } = found;
  // As the API: of somebody else's job what happened at one's own centres, of one's own all of it.
  const isOwn = job.submittedBy === person.id;
  const inSight = ({ centreId }: { centreId: string }) => isOwn || seesCentre(person.centreIds, centreId);
  const placements = found.placements.filter(inSight);
  const runs = found.runs.filter(inSight);
  const run = runs[0] ?? null;
  // The plan that holds: the open one, else the one that the newest run was made from.
  const held =
    placements.find(({ status }) => status !== "released") ??
    placements.find((row) => row.id === run?.placementId) ??
    null;
  const gpuIds = run?.gpuIds.length ? run.gpuIds : (held?.gpuIds ?? []);
  const isRunning = run !== null && run.startedAt !== null && run.endedAt === null;
  const [centres, places, heat, actors, versions, draw] = await Promise.all([
    centreNames(db),
    gpuPlaces(db, gpuIds),
    gpuIds.length && held ? rackHeatAt(db, held.centreId, held.createdAt) : [],
    actorNames(db, [job.submittedBy]),
    policyVersions(db, job.policyId),
    isRunning ? drawNow(db, gpuIds, new Date(nowMs - freshMs)) : null,
  ]);
  const nameOf = (centreId: string) => {
    const centre = centres.find((row) => row.id === centreId);
    return centre ? say.format.name(centre.name) : centreId;
  };
  const sees = (centreId: string) => seesCentre(person.centreIds, centreId);
  const names = {
    centre: nameOf,
    actor: (actor: string) => actors.get(actor) ?? (actor === person.id ? person.name : actor),
  };
  const reason = job.statusReason === null ? null : reasonSentence(job.statusReason, say, names);
  const views = decisions.map((row): DecisionView | null =>
    isDecision(row.inputs, row.outcome)
      ? viewDecision(row.inputs as never, row.outcome as never, row.decidedAt.getTime(), sees)
      : null,
  );
  const view = views[0] ?? null;
  const placedAt = placements.at(-1)?.createdAt ?? null;
  const ended = ["succeeded", "failed", "cancelled"].includes(job.status);
  const life = lifeLine({
    status: job.status,
    submittedAtMs: job.submittedAt.getTime(),
    updatedAtMs: job.updatedAt.getTime(),
    placedAtMs: placedAt?.getTime() ?? null,
    plannedStartAtMs: held?.status === "planned" ? held.plannedStartAt.getTime() : null,
    run: run && { startedAtMs: run.startedAt?.getTime() ?? null, endedAtMs: run.endedAt?.getTime() ?? null },
    metered: run !== null && run.energyMethod !== null,
    settlement: settlement && { status: settlement.status, atMs: settlement.updatedAt.getTime() },
  });
  const document = versions.find(({ version }) => version === job.policyVersion)?.document;
  return {
    job: {
      id: job.id,
      name: job.name,
      tenant: job.tenant,
      status: job.status,
      reason,
      blocked: job.status === "queued" && job.statusReason !== null && readReason(job.statusReason).key === "noPlace",
      submittedBy: names.actor(job.submittedBy),
      submittedAtMs: job.submittedAt.getTime(),
      gpus: job.gpus,
      gpuClass: job.gpuClass,
      durationS: job.durationS,
      powerPerGpuW: job.powerPerGpuW,
      releaseAtMs: job.releaseAt.getTime(),
      deadlineAtMs: job.deadlineAt.getTime(),
      interruptible: job.interruptible,
      residency: job.residency,
      budgetMicroUsd: job.budgetMicroUsd,
      policyId: job.policyId,
      policyVersion: job.policyVersion,
      policyTexts: policyTexts(job.policyId, document, say, nameOf),
      workload: job.workload.kind,
    },
    lead: jobLead(
      {
        status: job.status,
        reason,
        centre: held ? nameOf(held.centreId) : null,
        plannedStartAtMs: held?.status === "planned" ? held.plannedStartAt.getTime() : null,
        run: run && { startedAtMs: run.startedAt?.getTime() ?? null, endedAtMs: run.endedAt?.getTime() ?? null },
        gpus: job.gpus,
        durationS: job.durationS,
        itMilliWh: run?.itMilliWh ?? null,
        isEstimate: isEstimate(run?.energyMethod),
        facilityMilliWh: run?.facilityMilliWh ?? null,
        carbonLocationG: run?.carbonLocationG ?? null,
        deadlineAtMs: job.deadlineAt.getTime(),
      },
      say,
    ),
    life,
    centre: held && {
      id: held.centreId,
      name: nameOf(held.centreId),
      linked: sees(held.centreId),
      simulated: centres.some((row) => row.id === held.centreId && row.simulated),
    },
    names: Object.fromEntries(centres.map((row) => [row.id, nameOf(row.id)])),
    decision: view,
    decisionUnreadable: decisions.length > 0 && view === null,
    earlier: decisions.slice(1).map((row, at) => {
      const older = views[at + 1];
      return {
        id: row.id,
        atMs: row.decidedAt.getTime(),
        kind: older?.kind ?? null,
        centre: older?.chosen ? nameOf(older.chosen.centreId) : null,
        startAtMs: older?.chosen?.startAtMs ?? null,
      };
    }),
    racks: rackRows(places, heat),
    run: run && runView(run, job.durationS, view, nowMs),
    attempts: runs.length,
    draw: draw && { ...draw, gpus: gpuIds.length },
    settlement: settlement && {
      id: settlement.id,
      status: settlement.status,
      amountWei: settlement.amountWei.toString(),
    },
    mayCancel: !ended && may(person.role, "job.cancel"),
    maySettle: may(person.role, "settlement.view"),
  };
}
export type JobPage = NonNullable<Awaited<ReturnType<typeof presentJob>>>;

/** A run with what was forecast of it, side by side. */
function runView(run: JobDetail["runs"][number], durationS: number, view: DecisionView | null, nowMs: number) {
  const forecast = view?.rows.find((row) => row.chosen && row.centreId === run.centreId) ?? null;
  const startedAtMs = run.startedAt?.getTime() ?? null;
  const endedAtMs = run.endedAt?.getTime() ?? null;
  return {
    id: run.id,
    engine: run.engine,
    startedAtMs,
    endedAtMs,
    tookMs: startedAtMs !== null && endedAtMs !== null ? endedAtMs - startedAtMs : null,
    progress:
      startedAtMs !== null && endedAtMs === null ? Math.min(1, (nowMs - startedAtMs) / (durationS * 1_000)) : null,
    exitCode: run.exitCode,
    outputSha256: run.outputSha256,
    outputTail: run.outputTail,
    gpuSeconds: run.gpuSeconds,
    energyMethod: run.energyMethod,
    isEstimate: isEstimate(run.energyMethod),
    measured: {
      itMilliWh: run.itMilliWh,
      facilityMilliWh: run.facilityMilliWh,
      carbonLocationG: run.carbonLocationG,
      carbonContractG: run.carbonContractG,
      costMicroUsd: run.costMicroUsd,
    },
    forecast: forecast && {
      itMilliWh: forecast.itWh === null ? null : forecast.itWh * 1_000,
      facilityMilliWh: forecast.facilityWh === null ? null : forecast.facilityWh * 1_000,
      carbonLocationG: forecast.carbonLocationG,
      carbonContractG: forecast.carbonContractG,
      costMicroUsd: forecast.costMicroUsd,
    },
  };
}
