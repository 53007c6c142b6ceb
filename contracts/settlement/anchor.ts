import { asc, isNull } from "drizzle-orm";
import { bytesToHex, concatHex, type Hex, keccak256, numberToHex } from "viem";
import { TransactionRevertedError } from "#contracts/client/errors.ts";
import { centreHashOf } from "#contracts/client/hashes.ts";
import type { ChainClient, RootAnchor } from "#contracts/client/index.ts";
import type { Database } from "#db/client.ts";
import { evidenceRoot } from "#db/schema/energy.ts";

/** About 30,000 gas a root: a batch stays far below a block's limit. */
const batch = 100;

/** Remembers what this process sent, until the indexer has seen it; and what the contract refuses. */
export type AnchorMemory = { sent: Set<string>; refused: Map<string, string> };

export const newAnchorMemory = (): AnchorMemory => ({ sent: new Set(), refused: new Map() });

/** Anchors the oldest roots that the indexer has not seen on chain, one batch. @returns how many went out. */
export async function anchorRoots(db: Database, client: ChainClient, memory: AnchorMemory): Promise<number> {
  const rows = await db.orm
    .select({
      centreId: evidenceRoot.centreId,
      hour: evidenceRoot.hour,
      root: evidenceRoot.root,
      leaves: evidenceRoot.leaves,
    })
    .from(evidenceRoot)
    .where(isNull(evidenceRoot.anchoredTxHash))
    .orderBy(asc(evidenceRoot.hour), asc(evidenceRoot.centreId))
    .limit(batch + memory.sent.size + memory.refused.size);
  const open = rows
    .map(
      (row): RootAnchor => ({
        centre: centreHashOf(row.centreId),
        hour: BigInt(Math.floor(row.hour.getTime() / 1000)),
        leaves: row.leaves,
        root: bytesToHex(row.root),
      }),
    )
    .filter((root) => !memory.sent.has(keyOf(root)) && !memory.refused.has(keyOf(root)))
    .slice(0, batch);
  if (open.length === 0) {
    if (rows.length === 0) memory.sent.clear();
    return 0;
  }
  try {
    await send(client, open);
    for (const root of open) memory.sent.add(keyOf(root));
    return open.length;
  } catch (error) {
    if (!(error instanceof TransactionRevertedError)) throw error;
    return anchorOneByOne(client, open, memory);
  }
}

/** One of a batch cannot be anchored: the others can, and that one is remembered with its reason. */
async function anchorOneByOne(client: ChainClient, roots: RootAnchor[], memory: AnchorMemory): Promise<number> {
  let added = 0;
  for (const root of roots) {
    try {
      await send(client, [root]);
      memory.sent.add(keyOf(root));
      added++;
    } catch (error) {
      if (!(error instanceof TransactionRevertedError)) throw error;
      memory.refused.set(keyOf(root), error.reason);
    }
  }
  return added;
}

/** The transaction's key follows from its content: the same roots are sent once. */
function send(client: ChainClient, roots: RootAnchor[]): Promise<Hex> {
  return client.anchor(keccak256(concatHex(roots.map(keyOf))), roots);
}

const keyOf = (root: RootAnchor): Hex => concatHex([root.centre, numberToHex(root.hour, { size: 8 }), root.root]);
