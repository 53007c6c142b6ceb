import { concatHex, type Hex, keccak256, type PublicClient } from "viem";
import { type ChainIdentity, readGenesisHash } from "#contracts/client/chain.ts";
import { type Contracts, contractNames, readContracts } from "#contracts/client/contracts.ts";
import type { Database } from "#db/client.ts";
import { type BlockHeader, type DecodedLog, decodeLog } from "./decode.ts";
import { readFinalized, readHead, readHeader, readLogsOfBlock, readLogsOfRange } from "./read-chain.ts";
import { blocksBelow, type Cursor, readCursor, rollBack, startOver, storeBlocks, touchCursor } from "./store.ts";

/** Blocks of one range below `finalized`, and of one batch of the tail. */
const rangeBlocks = 2_000;
const tailBlocks = 50;

export type SyncResult = {
  /** undefined: no contracts are known yet, so there is nothing to read. */
  cursor: Cursor | undefined;
  /** Something in the database changed. */
  moved: boolean;
  /** Blocks taken back because the chain did not hold them any more. */
  rolledBack: number;
  /** Settlements that went back to pending with them. */
  settlementsLost: number;
  /** false: more blocks wait, call again. */
  atHead: boolean;
};

/**
 * One step of the indexer: repairs the cursor if the chain changed below it, then reads one batch. A crash at any point
 * and a reorganisation of any depth end in the same rows as a fresh sync, because rows and cursor move together and
 * everything above the common ancestor is taken back first.
 */
export async function syncStep(db: Database, rpc: PublicClient, now: Date): Promise<SyncResult> {
  const [chainId, genesisHash] = await Promise.all([rpc.getChainId(), readGenesisHash(rpc)]);
  const identity: ChainIdentity = { chainId, genesisHash };
  const contracts = await readContracts(db, identity);
  let cursor = await readCursor(db);
  let rolledBack = 0;
  let settlementsLost = 0;

  const name = contracts && cursorName(contracts);
  const head = await readHead(rpc);
  const finalized = await readFinalized(rpc, head.number);
  if (cursor && (cursor.genesisHash !== genesisHash || cursor.chainId !== chainId || cursor.name !== name)) {
    rolledBack = cursor.blockNumber;
    settlementsLost = await startOver(db, undefined, now);
    cursor = undefined;
  }
  if (!contracts || !name)
    return { cursor: undefined, moved: rolledBack > 0, rolledBack, settlementsLost, atHead: true };
  if (!cursor) {
    const start = await readHeader(rpc, Math.max(0, Number(contracts.fromBlock) - 1));
    if (!start) return { cursor: undefined, moved: rolledBack > 0, rolledBack, settlementsLost, atHead: true };
    settlementsLost += await startOver(db, { name, start, identity, head: head.number, finalized }, now);
    cursor = (await readCursor(db))!;
  }
  const standing = await readHeader(rpc, cursor.blockNumber);
  if (standing?.hash !== cursor.blockHash) {
    const ancestor = await commonAncestor(db, rpc, cursor.blockNumber - 1, genesisHash);
    const result = await rollBack(db, cursor, ancestor, now);
    rolledBack = cursor.blockNumber - ancestor.number;
    settlementsLost += result.settlements;
    cursor = result.cursor;
  }

  const before = cursor.blockNumber;
  if (head.number > before) {
    const batch =
      finalized - before > tailBlocks
        ? await readRange(rpc, contracts, before, Math.min(finalized, before + rangeBlocks))
        : await readTail(rpc, contracts, cursor, Math.min(head.number, before + tailBlocks));
    if (batch.blocks.length) cursor = await storeBlocks(db, cursor, { ...batch, contracts }, now);
  }
  const stale = now.getTime() - cursor.updatedAt.getTime() > 5_000;
  if (cursor.headNumber !== head.number || cursor.finalizedNumber !== finalized || stale) {
    cursor = await touchCursor(db, cursor, { headNumber: head.number, finalizedNumber: finalized }, now);
  }
  return {
    cursor,
    moved: rolledBack > 0 || cursor.blockNumber !== before,
    rolledBack,
    settlementsLost,
    atHead: cursor.blockNumber >= head.number,
  };
}

/** The newest block that we hold and the chain holds too; block 0 at last, which is the same by the genesis hash. */
async function commonAncestor(
  db: Database,
  rpc: PublicClient,
  from: number,
  genesisHash: Hex,
): Promise<{ number: number; hash: string }> {
  for (let below = from; below > 0; ) {
    const ours = await blocksBelow(db, below, 100);
    for (const block of ours) {
      const theirs = await readHeader(rpc, block.number);
      if (theirs?.hash === block.hash) return block;
    }
    const last = ours.at(-1);
    if (!last) break;
    below = last.number - 1;
  }
  return { number: 0, hash: genesisHash };
}

/** Final blocks by range: their logs, the blocks of these logs, and the range's last block. */
async function readRange(
  rpc: PublicClient,
  contracts: Contracts,
  after: number,
  to: number,
): Promise<{ blocks: BlockHeader[]; logs: DecodedLog[] }> {
  const read = await readLogsOfRange(rpc, addressesOf(contracts), after + 1, to);
  const numbers = [...new Set([...read.logs.map((log) => Number(log.blockNumber)), read.to])].sort((a, b) => a - b);
  const blocks = new Map<number, BlockHeader>();
  for (const number of numbers) {
    const header = await readHeader(rpc, number);
    if (!header) throw new Error(`The chain does not hold its final block ${number}`);
    blocks.set(number, header);
  }
  const logs = read.logs.flatMap((log) => {
    const block = blocks.get(Number(log.blockNumber))!;
    // Final blocks do not change; a chain that came back shorter between two questions does. Then all is read again.
    if (log.blockHash !== block.hash) throw new Error(`The chain changed below its final block ${block.number}`);
    return decodeLog(log, block, contracts) ?? [];
  });
  return { blocks: [...blocks.values()], logs };
}

/** Young blocks one by one; each must stand on the one before it. Where one does not, what was read so far counts. */
async function readTail(
  rpc: PublicClient,
  contracts: Contracts,
  cursor: Cursor,
  to: number,
): Promise<{ blocks: BlockHeader[]; logs: DecodedLog[] }> {
  const blocks: BlockHeader[] = [];
  const logs: DecodedLog[] = [];
  let parentHash: string = cursor.blockHash;
  for (let number = cursor.blockNumber + 1; number <= to; number++) {
    const header = await readHeader(rpc, number);
    if (header?.parentHash !== parentHash) break;
    const read = await readLogsOfBlock(rpc, addressesOf(contracts), header.hash);
    blocks.push(header);
    logs.push(...read.flatMap((log) => decodeLog(log, header, contracts) ?? []));
    parentHash = header.hash;
  }
  return { blocks, logs };
}

const addressesOf = (contracts: Contracts) => contractNames.map((name) => contracts[name]);

/** A cursor belongs to a set of addresses: with another set everything is read again. */
const cursorName = (contracts: Contracts) => `index:${keccak256(concatHex(addressesOf(contracts))).slice(2, 14)}`;
