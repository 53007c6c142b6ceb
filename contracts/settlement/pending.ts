import { randomBytes } from "node:crypto";
import { and, desc, eq, isNotNull, isNull } from "drizzle-orm";
import type { Hex } from "viem";
import { jobHashOf, resultHashOf } from "#contracts/client/hashes.ts";
import type { ChainClient } from "#contracts/client/index.ts";
import type { Database } from "#db/client.ts";
import { settlement } from "#db/schema/chain.ts";
import { centre } from "#db/schema/fleet.ts";
import { job, jobRun } from "#db/schema/work.ts";
import { jobAmountWei } from "./amount.ts";

const batch = 200;

/**
 * Makes a settlement row for each job that succeeded and whose energy is metered. The price is the centre's tariff now;
 * client and provider are where the money will move. A job gets one row, however often this runs.
 * @returns how many rows were made.
 */
export async function createSettlements(db: Database, wallet: ChainClient["wallet"], now: Date): Promise<number> {
  const rows = await db.orm
    .select({
      jobId: job.id,
      runId: jobRun.id,
      centreId: jobRun.centreId,
      gpuSeconds: jobRun.gpuSeconds,
      itMilliWh: jobRun.itMilliWh,
      outputSha256: jobRun.outputSha256,
      tariff: centre.tariff,
    })
    .from(jobRun)
    .innerJoin(job, eq(job.id, jobRun.jobId))
    .innerJoin(centre, eq(centre.id, jobRun.centreId))
    .leftJoin(settlement, eq(settlement.jobId, job.id))
    .where(
      and(
        eq(job.status, "succeeded"),
        isNotNull(jobRun.endedAt),
        eq(jobRun.exitCode, 0),
        isNotNull(jobRun.gpuSeconds),
        isNotNull(jobRun.itMilliWh),
        isNull(settlement.id),
      ),
    )
    .orderBy(desc(jobRun.endedAt))
    .limit(batch);
  let made = 0;
  for (const row of rows) {
    const salt: Hex = `0x${randomBytes(32).toString("hex")}`;
    const gpuSeconds = Math.round(row.gpuSeconds ?? 0);
    const inserted = await db.orm
      .insert(settlement)
      .values({
        id: `settlement-${randomBytes(9).toString("base64url")}`,
        jobId: row.jobId,
        runId: row.runId,
        centreId: row.centreId,
        jobHash: jobHashOf(row.jobId, salt),
        salt,
        client: wallet.clientAddress,
        provider: wallet.providerOf(row.centreId),
        gpuSeconds,
        energyMilliWh: row.itMilliWh ?? 0,
        resultHash: resultHashOf(row.outputSha256, salt),
        amountWei: jobAmountWei(gpuSeconds, row.tariff.computeHsPerGpuHour),
        status: "pending",
        createdAt: now,
        updatedAt: now,
      })
      .onConflictDoNothing({ target: settlement.jobId })
      .returning({ id: settlement.id });
    made += inserted.length;
  }
  return made;
}
