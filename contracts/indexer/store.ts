import { and, desc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import { hexToBytes } from "viem";
import type { ChainIdentity } from "#contracts/client/chain.ts";
import type { Contracts } from "#contracts/client/contracts.ts";
import { centreHashOf } from "#contracts/client/hashes.ts";
import type { Database, Orm } from "#db/client.ts";
import { chainBlock, chainCursor, chainLog, chainSettlement, settlement, tokenFlow } from "#db/schema/chain.ts";
import { evidenceRoot } from "#db/schema/energy.ts";
import { centre } from "#db/schema/fleet.ts";
import { type AnchoredRoot, type BlockHeader, type DecodedLog, deriveRows, jsonArgs } from "./decode.ts";

export type Cursor = typeof chainCursor.$inferSelect;

/** Another process moved the cursor meanwhile: what was read is thrown away and read again. */
export class CursorMovedError extends Error {
  readonly code = "CURSOR_MOVED";
}

export async function readCursor(db: Database): Promise<Cursor | undefined> {
  const [row] = await db.orm.select().from(chainCursor).limit(1);
  return row;
}

/** Blocks, logs, what follows from them, and the cursor: all or nothing. `blocks` ascend and end at the new cursor. */
export async function storeBlocks(
  db: Database,
  cursor: Cursor,
  batch: { blocks: BlockHeader[]; logs: DecodedLog[]; contracts: Contracts },
  now: Date,
): Promise<Cursor> {
  const last = batch.blocks.at(-1)!;
  const { settlements, flows, anchors } = deriveRows(batch.logs, batch.contracts);
  return db.orm.transaction(async (transaction) => {
    const tx = transaction as unknown as Orm;
    const next = await moveCursor(tx, cursor, { blockNumber: last.number, blockHash: last.hash, updatedAt: now });
    await inChunks(batch.blocks, (rows) => tx.insert(chainBlock).values(rows).onConflictDoNothing());
    await inChunks(batch.logs, (logs) =>
      tx.insert(chainLog).values(
        logs.map((log) => ({
          blockHash: log.block.hash,
          logIndex: log.logIndex,
          blockNumber: log.block.number,
          txHash: log.txHash,
          contract: log.contract,
          event: log.event,
          args: jsonArgs(log.args),
        })),
      ),
    );
    await inChunks(settlements, (rows) => tx.insert(chainSettlement).values(rows));
    await inChunks(flows, (rows) => tx.insert(tokenFlow).values(rows));
    await inChunks(settlements, (rows) =>
      tx
        .update(settlement)
        .set({ status: "confirmed", statusReason: null, updatedAt: now })
        .where(
          inArray(
            settlement.jobHash,
            rows.map((row) => row.jobHash),
          ),
        ),
    );
    await markAnchored(tx, anchors);
    return next;
  });
}

async function markAnchored(tx: Orm, anchors: AnchoredRoot[]): Promise<void> {
  if (anchors.length === 0) return;
  const centres = await tx.select({ id: centre.id }).from(centre);
  const idOf = new Map<string, string>(centres.map(({ id }) => [centreHashOf(id), id]));
  for (const anchor of anchors) {
    const centreId = idOf.get(anchor.centreHash);
    if (!centreId) continue;
    // A root that differs from ours is not ours: the watchtower says so.
    await tx
      .update(evidenceRoot)
      .set({ anchoredTxHash: anchor.txHash, anchoredBlock: anchor.blockNumber })
      .where(
        and(
          eq(evidenceRoot.centreId, centreId),
          eq(evidenceRoot.hour, anchor.hour),
          eq(evidenceRoot.root, Buffer.from(hexToBytes(anchor.root))),
        ),
      );
  }
}

/**
 * Takes back everything above `ancestor`: settlements that hung on it become pending and are sent again.
 * @returns how many settlements went back.
 */
export async function rollBack(
  db: Database,
  cursor: Cursor,
  ancestor: { number: number; hash: string },
  now: Date,
): Promise<{ cursor: Cursor; settlements: number }> {
  return db.orm.transaction(async (transaction) => {
    const tx = transaction as unknown as Orm;
    const next = await moveCursor(tx, cursor, {
      blockNumber: ancestor.number,
      blockHash: ancestor.hash,
      updatedAt: now,
    });
    return { cursor: next, settlements: await deleteAbove(tx, ancestor.number, now) };
  });
}

/** Forgets everything that was indexed: another chain, or other contracts. */
export async function startOver(
  db: Database,
  cursor:
    | {
        name: string;
        start: { number: number; hash: string };
        identity: ChainIdentity;
        head: number;
        finalized: number;
      }
    | undefined,
  now: Date,
): Promise<number> {
  return db.orm.transaction(async (transaction) => {
    const tx = transaction as unknown as Orm;
    await tx.delete(chainCursor);
    const settlements = await deleteAbove(tx, -1, now);
    if (cursor) {
      await tx.insert(chainCursor).values({
        name: cursor.name,
        ...cursor.identity,
        blockNumber: cursor.start.number,
        blockHash: cursor.start.hash,
        headNumber: cursor.head,
        finalizedNumber: cursor.finalized,
        updatedAt: now,
      });
    }
    return settlements;
  });
}

async function deleteAbove(tx: Orm, blockNumber: number, now: Date): Promise<number> {
  await tx.delete(chainLog).where(gt(chainLog.blockNumber, blockNumber));
  await tx.delete(tokenFlow).where(gt(tokenFlow.blockNumber, blockNumber));
  await tx.delete(chainBlock).where(gt(chainBlock.number, blockNumber));
  await tx
    .update(evidenceRoot)
    .set({ anchoredTxHash: null, anchoredBlock: null })
    .where(gt(evidenceRoot.anchoredBlock, blockNumber));
  await tx.delete(chainSettlement).where(gt(chainSettlement.blockNumber, blockNumber));
  const gone = await tx
    .update(settlement)
    .set({ status: "pending", statusReason: "the chain lost its block", updatedAt: now })
    .where(
      and(
        inArray(settlement.status, ["confirmed", "sent"]),
        sql`not exists (select 1 from ${chainSettlement} where ${chainSettlement.jobHash} = ${settlement.jobHash})`,
      ),
    )
    .returning({ id: settlement.id });
  return gone.length;
}

/** Writes what is known of the head without moving. */
export async function touchCursor(
  db: Database,
  cursor: Cursor,
  set: { headNumber: number; finalizedNumber: number },
  now: Date,
): Promise<Cursor> {
  return moveCursor(db.orm, cursor, { ...set, updatedAt: now });
}

/** Only from where we know it to be. */
async function moveCursor(tx: Orm, cursor: Cursor, set: Partial<Cursor>): Promise<Cursor> {
  const [moved] = await tx
    .update(chainCursor)
    .set(set)
    .where(
      and(
        eq(chainCursor.name, cursor.name),
        eq(chainCursor.blockHash, cursor.blockHash),
        eq(chainCursor.genesisHash, cursor.genesisHash),
      ),
    )
    .returning();
  if (!moved) throw new CursorMovedError("The chain's cursor was moved by another process");
  return moved;
}

/** Blocks that we hold at or below a number, newest first. */
export function blocksBelow(db: Database, number: number, limit: number): Promise<{ number: number; hash: string }[]> {
  return db.orm
    .select({ number: chainBlock.number, hash: chainBlock.hash })
    .from(chainBlock)
    .where(lte(chainBlock.number, number))
    .orderBy(desc(chainBlock.number))
    .limit(limit);
}

async function inChunks<Row>(rows: Row[], write: (rows: Row[]) => PromiseLike<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += 1_000) await write(rows.slice(start, start + 1_000));
}
