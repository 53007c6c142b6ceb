import { and, count, desc, eq, gte, lt, sql, sum } from "drizzle-orm";
import type { Database } from "../client.ts";
import { chainContract, chainCursor, chainSettlement, settlement, tokenFlow } from "../schema/chain.ts";
import { evidenceRoot } from "../schema/energy.ts";
import { centre } from "../schema/fleet.ts";
import { job, jobRun } from "../schema/work.ts";

/** WP-B4, in wei of HS. */
export const supplyFloorWei = 20_260_000n * 10n ** 18n;

export type SettlementFilter = {
  centreId?: string;
  /** Only these centres: what a person may see; none of them: nothing. Absent or null: all. */
  centreIds?: string[] | null;
  status?: "pending" | "sent" | "confirmed" | "failed";
  limit?: number;
  offset?: number;
};

const wei = (value: string | null | undefined) => BigInt(value ?? "0");

/** Newest first. `paidWei`, `burnedWei`, `txHash`, `blockNumber` are null until the indexer has seen the settlement. */
export async function listSettlements(db: Database, filter: SettlementFilter = {}) {
  const conditions = and(
    filter.centreId ? eq(settlement.centreId, filter.centreId) : undefined,
    filter.centreIds ? sql`${settlement.centreId} = any(${sql.param(filter.centreIds)})` : undefined,
    filter.status ? eq(settlement.status, filter.status) : undefined,
  );
  const [rows, [total]] = await Promise.all([
    db.orm
      .select({
        id: settlement.id,
        jobId: settlement.jobId,
        jobName: job.name,
        centreId: settlement.centreId,
        centreName: centre.name,
        status: settlement.status,
        statusReason: settlement.statusReason,
        gpuSeconds: settlement.gpuSeconds,
        energyMilliWh: settlement.energyMilliWh,
        energyMethod: jobRun.energyMethod,
        amountWei: settlement.amountWei,
        paidWei: chainSettlement.paidWei,
        burnedWei: chainSettlement.burnedWei,
        txHash: chainSettlement.txHash,
        blockNumber: chainSettlement.blockNumber,
        settledAt: chainSettlement.time,
        simulated: centre.simulated,
        createdAt: settlement.createdAt,
      })
      .from(settlement)
      .innerJoin(job, eq(job.id, settlement.jobId))
      .innerJoin(jobRun, eq(jobRun.id, settlement.runId))
      .innerJoin(centre, eq(centre.id, settlement.centreId))
      .leftJoin(chainSettlement, eq(chainSettlement.jobHash, settlement.jobHash))
      .where(conditions)
      .orderBy(desc(settlement.createdAt), desc(settlement.id))
      .limit(Math.min(filter.limit ?? 50, 500))
      .offset(filter.offset ?? 0),
    db.orm.select({ count: count() }).from(settlement).where(conditions),
  ]);
  return { rows, total: total?.count ?? 0 };
}

/** A settlement with its job, its run, what the chain says of it, and the evidence of the hours in which it ran. */
export async function findSettlement(db: Database, id: string) {
  const [row] = await db.orm
    .select({
      settlement,
      job,
      run: jobRun,
      centre: { id: centre.id, name: centre.name, simulated: centre.simulated, timeZone: centre.timeZone },
      chain: chainSettlement,
    })
    .from(settlement)
    .innerJoin(job, eq(job.id, settlement.jobId))
    .innerJoin(jobRun, eq(jobRun.id, settlement.runId))
    .innerJoin(centre, eq(centre.id, settlement.centreId))
    .leftJoin(chainSettlement, eq(chainSettlement.jobHash, settlement.jobHash))
    .where(eq(settlement.id, id));
  if (!row) return undefined;
  const [evidence, flows, [cursor], contracts] = await Promise.all([
    evidenceOfRun(db, row.settlement.centreId, row.run.startedAt, row.run.endedAt),
    row.chain
      ? db.orm.select().from(tokenFlow).where(eq(tokenFlow.txHash, row.chain.txHash)).orderBy(tokenFlow.logIndex)
      : [],
    db.orm.select().from(chainCursor).limit(1),
    db.orm.select().from(chainContract),
  ]);
  const current = contracts.filter((one) => one.genesisHash === cursor?.genesisHash && one.chainId === cursor.chainId);
  // The salt proves to an auditor that the hash on chain is this job's; it never leaves by this query.
  const { salt: _, ...publicSettlement } = row.settlement;
  return {
    ...row,
    settlement: publicSettlement,
    /** What the supply floor kept from burning (Settlement.sol). */
    treasuryWei: row.chain ? row.chain.amountWei - row.chain.paidWei - row.chain.burnedWei : null,
    /** Blocks on top of the settlement's; null until it is in one. */
    confirmations: row.chain && cursor ? cursor.headNumber - row.chain.blockNumber + 1 : null,
    final: row.chain && cursor ? row.chain.blockNumber <= cursor.finalizedNumber : false,
    evidence,
    flows,
    contracts: Object.fromEntries(current.map((one) => [one.name, one.address])) as Record<string, string>,
    chainId: cursor?.chainId ?? null,
  };
}

/** Id of a job's settlement. */
export async function findSettlementOfJob(
  db: Database,
  jobId: string,
): Promise<{ id: string; status: string } | undefined> {
  const [row] = await db.orm
    .select({ id: settlement.id, status: settlement.status })
    .from(settlement)
    .where(eq(settlement.jobId, jobId));
  return row;
}

/** Evidence roots of the hours that a run touches; an hour without one has no row. */
async function evidenceOfRun(db: Database, centreId: string, startedAt: Date | null, endedAt: Date | null) {
  if (!startedAt || !endedAt) return [];
  const firstHour = new Date(Math.floor(startedAt.getTime() / 3_600_000) * 3_600_000);
  const rows = await db.orm
    .select()
    .from(evidenceRoot)
    .where(and(eq(evidenceRoot.centreId, centreId), gte(evidenceRoot.hour, firstHour), lt(evidenceRoot.hour, endedAt)))
    .orderBy(evidenceRoot.hour);
  return rows.map((row) => ({
    hour: row.hour,
    root: `0x${row.root.toString("hex")}`,
    leaves: row.leaves,
    anchoredTxHash: row.anchoredTxHash,
    anchoredBlock: row.anchoredBlock,
  }));
}

/** Supply, burning and the floor (WP-T1, WP-B4), and what was settled; all in wei, from the chain's own events. */
export async function tokenSummary(db: Database) {
  const [flows, [settled], statuses, [anchored]] = await Promise.all([
    db.orm
      .select({ purpose: tokenFlow.purpose, total: sum(tokenFlow.amountWei), count: count() })
      .from(tokenFlow)
      .groupBy(tokenFlow.purpose),
    db.orm
      .select({
        count: count(),
        amount: sum(chainSettlement.amountWei),
        paid: sum(chainSettlement.paidWei),
        burned: sum(chainSettlement.burnedWei),
      })
      .from(chainSettlement),
    db.orm.select({ status: settlement.status, count: count() }).from(settlement).groupBy(settlement.status),
    db.orm.select({ count: count(), anchored: count(evidenceRoot.anchoredTxHash) }).from(evidenceRoot),
  ]);
  const total = (purpose: string) => wei(flows.find((flow) => flow.purpose === purpose)?.total);
  const mintedWei = total("mint");
  const burnedWei = total("burn");
  const supplyWei = mintedWei - burnedWei;
  return {
    /** false: no chain was indexed yet, and the figures say nothing. */
    known: mintedWei > 0n,
    mintedWei,
    burnedWei,
    supplyWei,
    floorWei: supplyFloorWei,
    burnableWei: mintedWei > 0n ? supplyWei - supplyFloorWei : 0n,
    settledJobs: settled?.count ?? 0,
    settledWei: wei(settled?.amount),
    paidWei: wei(settled?.paid),
    burnedBySettlementWei: wei(settled?.burned),
    settlementsByStatus: Object.fromEntries(statuses.map((row) => [row.status, row.count])) as Partial<
      Record<"pending" | "sent" | "confirmed" | "failed", number>
    >,
    evidenceRoots: anchored?.count ?? 0,
    evidenceRootsAnchored: anchored?.anchored ?? 0,
  };
}

/** Movements of HS, newest first. */
export function listTokenFlows(
  db: Database,
  options: { purpose?: (typeof tokenFlow.$inferSelect)["purpose"]; limit?: number; offset?: number } = {},
) {
  return db.orm
    .select()
    .from(tokenFlow)
    .where(options.purpose ? eq(tokenFlow.purpose, options.purpose) : undefined)
    .orderBy(desc(tokenFlow.blockNumber), desc(tokenFlow.logIndex))
    .limit(Math.min(options.limit ?? 50, 500))
    .offset(options.offset ?? 0);
}

/** Where the indexer stands; undefined before it has read anything. */
export async function chainStatus(db: Database) {
  const [cursor] = await db.orm.select().from(chainCursor).limit(1);
  if (!cursor) return undefined;
  return {
    chainId: cursor.chainId,
    genesisHash: cursor.genesisHash,
    headBlock: cursor.headNumber,
    finalizedBlock: cursor.finalizedNumber,
    indexedBlock: cursor.blockNumber,
    lagBlocks: Math.max(0, cursor.headNumber - cursor.blockNumber),
    updatedAt: cursor.updatedAt,
  };
}
