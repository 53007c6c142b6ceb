import { and, asc, eq, inArray, lt, or } from "drizzle-orm";
import type { Hex } from "viem";
import { revertedInBlock, TransactionPendingError, TransactionRevertedError } from "#contracts/client/errors.ts";
import type { ChainClient } from "#contracts/client/index.ts";
import type { Database } from "#db/client.ts";
import { settlement } from "#db/schema/chain.ts";

type Row = typeof settlement.$inferSelect;

/** Reverts that pass when somebody acts: the row waits. Every other revert is final. */
const passing = new Set([
  "SettlementInsufficientDeposit",
  "EnforcedPause",
  "AccessManagedUnauthorized",
  "unknown error",
  // Something came before it in its block; the next attempt learns what, before anything is sent.
  revertedInBlock,
]);
/** A settlement that was sent and is not indexed after this long is looked at again. */
const recheckAfterMs = 15_000;
const batch = 50;

export type SettleOutcome = { settled: number; waiting: number; failed: number };

/**
 * Sends what is pending, and looks again at what was sent and never seen in a block that stands. A row becomes
 * "confirmed" only by the indexer; here it becomes "sent", or "failed" with the contract's reason.
 */
export async function settlePending(db: Database, client: ChainClient, clock: () => number): Promise<SettleOutcome> {
  const now = clock();
  const rows = await db.orm
    .select()
    .from(settlement)
    .where(
      or(
        eq(settlement.status, "pending"),
        and(eq(settlement.status, "sent"), lt(settlement.updatedAt, new Date(now - recheckAfterMs))),
      ),
    )
    // Longest untouched first: those that wait for cover never keep the others from their turn.
    .orderBy(asc(settlement.updatedAt))
    .limit(batch);
  const outcome: SettleOutcome = { settled: 0, waiting: 0, failed: 0 };
  for (const row of rows) {
    const result = await settleOne(db, client, row, clock);
    outcome[result] += 1;
  }
  return outcome;
}

async function settleOne(
  db: Database,
  client: ChainClient,
  row: Row,
  clock: () => number,
): Promise<keyof SettleOutcome> {
  // Only from the states that we own: the indexer may have confirmed it meanwhile.
  const update = (set: Partial<Row>) =>
    db.orm
      .update(settlement)
      .set({ ...set, updatedAt: new Date(clock()) })
      .where(and(eq(settlement.id, row.id), inArray(settlement.status, ["pending", "sent"])));
  try {
    if (await client.isSettled(row.jobHash as Hex)) {
      await update({ status: "sent", statusReason: null });
      return "settled";
    }
    // Another chain has other accounts: what was never settled goes to those of the chain in use.
    const parties = { client: client.wallet.clientAddress, provider: client.wallet.providerOf(row.centreId) };
    if (parties.client !== row.client || parties.provider !== row.provider) await update(parties);
    await client.settle({
      jobHash: row.jobHash as Hex,
      ...parties,
      amount: row.amountWei,
      gpuSeconds: BigInt(row.gpuSeconds),
      energyMilliWh: BigInt(row.energyMilliWh),
      resultHash: row.resultHash as Hex,
    });
    await update({ status: "sent", statusReason: null });
    return "settled";
  } catch (error) {
    if (error instanceof TransactionPendingError) {
      await update({ status: "sent", statusReason: null });
      return "waiting";
    }
    if (!(error instanceof TransactionRevertedError)) throw error;
    if (error.reason === "SettlementJobAlreadySettled") {
      await update({ status: "sent", statusReason: null });
      return "settled";
    }
    const waits = passing.has(error.reason);
    await update({ status: waits ? "pending" : "failed", statusReason: error.reason });
    return waits ? "waiting" : "failed";
  }
}
