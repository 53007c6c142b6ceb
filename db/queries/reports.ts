import { randomBytes } from "node:crypto";
import { and, asc, eq, gt, gte, inArray, isNotNull, isNull, lt, or } from "drizzle-orm";
import { assembleReport, type ReportContent } from "#domain/report/assemble.ts";
import { canonicalJson, sha256Hex } from "#domain/report/canonical.ts";
import { cutPeriod, hourMs } from "#domain/report/period.ts";
import { mixParts, type ReportHour, type ReportInput, ReportRefused } from "#domain/report/types.ts";
import type { Database } from "../client.ts";
import { centreHour, report } from "../schema/energy.ts";
import { centre, device } from "../schema/fleet.ts";
import { job, jobRun } from "../schema/work.ts";
import type { CentreScope } from "./fleet.ts";

/** What a report is to cover; instants in milliseconds since 1970. */
export type ReportRequest = { centreIds: string[]; fromMs: number; toMs: number; timeZone: string };

/** What a list shows of a report. */
export type ReportSummary = Pick<ReportContent, "pueInterim" | "pueCategory" | "simulated"> & {
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  pue: number | null;
  cleanShare: number | null;
  scope2LocationMg: number | null;
  scope2ContractMg: number | null;
  costMicroUsd: number | null;
  coverage: number;
  warnings: string[];
};

export type ReportListRow = {
  id: string;
  centreIds: string[];
  fromMs: number;
  toMs: number;
  timeZone: string;
  contentSha256: string;
  createdBy: string;
  createdAtMs: number;
  summary: ReportSummary;
};

/**
 * Reads what a report is made of, in one snapshot of the database.
 * @throws ReportRefused unknownCentre for a centre that is not there or not in the reader's scope, periodInFuture, and
 * what `cutPeriod` throws.
 */
export async function reportInput(
  db: Database,
  request: ReportRequest,
  scope: CentreScope,
  now: Date,
): Promise<ReportInput> {
  const period = cutPeriod(request.fromMs, request.toMs, request.timeZone);
  if (period.fromMs >= now.getTime() || period.toMs > Math.ceil(now.getTime() / hourMs) * hourMs) {
    const until = new Date(Math.ceil(now.getTime() / hourMs) * hourMs).toISOString();
    throw new ReportRefused("periodInFuture", `The period has not passed yet; end it at ${until} or before.`, {
      until,
    });
  }
  const wanted = [...new Set(request.centreIds)];
  const unseen = wanted.find((id) => scope !== null && !scope.includes(id));
  const from = new Date(period.fromMs);
  const to = new Date(period.toMs);
  return db.orm.transaction(
    async (tx) => {
      const centres = await tx
        .select()
        .from(centre)
        .where(inArray(centre.id, wanted))
        .orderBy(asc(centre.position), asc(centre.id));
      const unknown = unseen ?? wanted.find((id) => !centres.some((row) => row.id === id));
      if (unknown !== undefined)
        throw new ReportRefused("unknownCentre", `There is no centre "${unknown}" that you may see.`, {
          centreId: unknown,
        });
      const heat = await tx
        .selectDistinct({ centreId: device.centreId })
        .from(device)
        .where(
          and(
            inArray(device.centreId, wanted),
            eq(device.role, "heat_reuse"),
            or(isNull(device.retiredAt), gt(device.retiredAt, from)),
          ),
        );
      const hours = await tx
        .select()
        .from(centreHour)
        .where(and(inArray(centreHour.centreId, wanted), gte(centreHour.hour, from), lt(centreHour.hour, to)));
      const runs = await tx
        .select({ run: jobRun, jobName: job.name })
        .from(jobRun)
        .innerJoin(job, eq(job.id, jobRun.jobId))
        .where(
          and(
            inArray(jobRun.centreId, wanted),
            isNotNull(jobRun.startedAt),
            lt(jobRun.startedAt, to),
            or(isNull(jobRun.endedAt), gt(jobRun.endedAt, from)),
          ),
        );
      return {
        fromMs: request.fromMs,
        toMs: request.toMs,
        timeZone: request.timeZone,
        centres: centres.map((row) => ({
          id: row.id,
          name: row.name,
          timeZone: row.timeZone,
          gridZone: row.gridZone,
          pueCategory: row.pueCategory,
          storageCapacityWh: row.storageCapacityWh,
          reusesHeat: heat.some(({ centreId }) => centreId === row.id),
          targets: row.targets,
          simulated: row.simulated,
        })),
        hours: hours.map(reportHour),
        runs: runs.map(({ run, jobName }) => ({
          runId: run.id,
          jobId: run.jobId,
          jobName,
          centreId: run.centreId,
          startedMs: run.startedAt!.getTime(),
          endedMs: run.endedAt?.getTime() ?? null,
          gpuSeconds: run.gpuSeconds,
          itMilliWh: run.itMilliWh,
          facilityMilliWh: run.facilityMilliWh,
          carbonLocationG: run.carbonLocationG,
          carbonContractG: run.carbonContractG,
          costMicroUsd: run.costMicroUsd,
          energyMethod: run.energyMethod,
        })),
      };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** A ledger hour as the report's assembly takes it. */
export function reportHour(row: typeof centreHour.$inferSelect): ReportHour {
  return {
    centreId: row.centreId,
    hourMs: row.hour.getTime(),
    facilityMilliWh: row.facilityMilliWh,
    itMilliWh: row.itMilliWh,
    mix: row.mix && (Object.fromEntries(mixParts.map((part) => [part, row.mix![part] ?? 0])) as ReportHour["mix"]),
    cleanShare: row.cleanShare,
    carbonLocationG: row.carbonLocationG,
    carbonContractG: row.carbonContractG,
    generatorMilliWh: row.parts.generator ?? null,
    costMicroUsd: row.costMicroUsd,
    heatReuseMilliWh: row.parts.heatReuse ?? null,
    coverage: row.coverage,
    estimatedShare: row.estimatedShare,
    factorSource: row.factorSource,
    simulated: row.simulated,
    notComputable: row.notComputable,
  };
}

export type StoredReport = { id: string; content: ReportContent; contentSha256: string; createdAtMs: number };

/** Assembles a report and freezes it. @throws ReportRefused as `reportInput` and `assembleReport`. */
export async function createReport(
  db: Database,
  request: ReportRequest,
  actor: { id: string; scope: CentreScope },
  now: Date,
): Promise<StoredReport> {
  const content = assembleReport(await reportInput(db, request, actor.scope, now));
  const id = `report-${randomBytes(8).toString("hex")}`;
  const contentSha256 = sha256Hex(canonicalJson(content));
  await db.orm.insert(report).values({
    id,
    centreIds: content.centres.map((one) => one.id),
    periodStart: new Date(content.period.from),
    periodEnd: new Date(content.period.to),
    timeZone: content.period.timeZone,
    content: content as unknown as Record<string, unknown>,
    contentSha256,
    summary: summarise(content),
    status: "draft",
    createdBy: actor.id,
    createdAt: now,
  });
  return { id, content, contentSha256, createdAtMs: now.getTime() };
}

export function summarise({ total, warnings, pueInterim, pueCategory, simulated }: ReportContent): ReportSummary {
  return {
    pueInterim,
    pueCategory,
    simulated,
    facilityMilliWh: total.facilityMilliWh,
    itMilliWh: total.itMilliWh,
    pue: total.pue?.value ?? null,
    cleanShare: total.cleanShare?.value ?? null,
    scope2LocationMg: total.scope2LocationMg,
    scope2ContractMg: total.scope2ContractMg,
    costMicroUsd: total.costMicroUsd,
    coverage: total.coverage,
    warnings: [...new Set(warnings.map(({ code }) => code))],
  };
}

/** Newest first. A report is in sight when all of its centres are. `after`: the last row of the page before. */
export async function listReports(
  db: Database,
  scope: CentreScope,
  page: { limit: number; after?: { createdAtMs: number; id: string } },
): Promise<ReportListRow[]> {
  const { after } = page;
  const at = after && new Date(after.createdAtMs).toISOString();
  return db.sql<ReportListRow[]>`
    select r.id, r.centre_ids as "centreIds", (extract(epoch from r.period_start) * 1000)::float8 as "fromMs",
      (extract(epoch from r.period_end) * 1000)::float8 as "toMs", r.time_zone as "timeZone", r.content_sha256 as "contentSha256",
      coalesce(p.name, t.name, r.created_by) as "createdBy", (extract(epoch from r.created_at) * 1000)::float8 as "createdAtMs", r.summary
    from report r left join person p on p.id = r.created_by left join api_token t on t.id = r.created_by
    where (${scope}::text[] is null or r.centre_ids <@ ${scope}::text[])
      ${after ? db.sql`and (r.created_at, r.id) < (${at!}::timestamptz, ${after.id})` : db.sql``}
    order by r.created_at desc, r.id desc limit ${page.limit}`;
}

/** What stands in the database is not what was hashed. */
export class ReportDamaged extends Error {
  readonly code = "REPORT_DAMAGED";
}

/**
 * A stored report with the very bytes that were hashed; undefined when it is not there or not in sight.
 * @throws ReportDamaged when the content's hash is not the one that was stored.
 */
export async function findReport(
  db: Database,
  scope: CentreScope,
  id: string,
): Promise<(StoredReport & { bytes: string; createdBy: string }) | undefined> {
  const [row] = await db.sql<
    { id: string; content: ReportContent; contentSha256: string; createdBy: string; createdAtMs: number }[]
  >`
    select r.id, r.content, r.content_sha256 as "contentSha256", coalesce(p.name, t.name, r.created_by) as "createdBy",
      (extract(epoch from r.created_at) * 1000)::float8 as "createdAtMs"
    from report r left join person p on p.id = r.created_by left join api_token t on t.id = r.created_by
    where r.id = ${id} and (${scope}::text[] is null or r.centre_ids <@ ${scope}::text[])`;
  if (!row) return undefined;
  const bytes = canonicalJson(row.content);
  if (sha256Hex(bytes) !== row.contentSha256)
    throw new ReportDamaged(`The stored content of ${id} does not have its hash; restore it from a backup.`);
  return { ...row, bytes };
}

/** Makes a stored report again from today's ledger: the same hash, or the content as it would be now. */
export async function regenerateReport(
  db: Database,
  stored: Pick<StoredReport, "content" | "contentSha256">,
  now: Date,
): Promise<{ same: boolean; content: ReportContent }> {
  const { period, centres } = stored.content;
  const asked = period.requested ?? period;
  const request = {
    centreIds: centres.map(({ id }) => id),
    fromMs: Date.parse(asked.from),
    toMs: Date.parse(asked.to),
    timeZone: period.timeZone,
  };
  const content = assembleReport(await reportInput(db, request, null, now));
  return { same: sha256Hex(canonicalJson(content)) === stored.contentSha256, content };
}
