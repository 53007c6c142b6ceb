import { type Address, BlockNotFoundError, type Hex, type Log, type PublicClient } from "viem";
import type { BlockHeader } from "./decode.ts";

export type ReadLog = Log<bigint, number, false>;

/** Header of a block by number; undefined when the chain has none there (any more). */
export async function readHeader(rpc: PublicClient, number: number): Promise<BlockHeader | undefined> {
  try {
    return headerOf(await rpc.getBlock({ blockNumber: BigInt(number) }));
  } catch (error) {
    if (error instanceof BlockNotFoundError) return undefined;
    throw error;
  }
}

export async function readHead(rpc: PublicClient): Promise<BlockHeader> {
  return headerOf(await rpc.getBlock({ blockTag: "latest" }));
}

/** Number of the newest block that no reorganisation takes back; 64 behind the head where the node does not say. */
export async function readFinalized(rpc: PublicClient, head: number): Promise<number> {
  const block = await rpc.getBlock({ blockTag: "finalized" }).catch(() => undefined);
  return block?.number === undefined ? Math.max(0, head - 64) : Math.min(Number(block.number), head);
}

/** Logs of one block by its hash: they cannot be another block's. */
export function readLogsOfBlock(rpc: PublicClient, addresses: Address[], blockHash: Hex): Promise<ReadLog[]> {
  return rpc.getLogs({ address: addresses, blockHash });
}

/** Logs of a range of final blocks, both ends included; a node that refuses the range is asked for half of it. */
export async function readLogsOfRange(
  rpc: PublicClient,
  addresses: Address[],
  from: number,
  to: number,
): Promise<{ logs: ReadLog[]; to: number }> {
  for (let end = to; ; end = from + Math.floor((end - from) / 2)) {
    try {
      return {
        logs: await rpc.getLogs({ address: addresses, fromBlock: BigInt(from), toBlock: BigInt(end) }),
        to: end,
      };
    } catch (error) {
      if (end === from) throw error;
    }
  }
}

function headerOf(block: { number: bigint; hash: Hex; parentHash: Hex; timestamp: bigint }): BlockHeader {
  return {
    number: Number(block.number),
    hash: block.hash,
    parentHash: block.parentHash,
    time: new Date(Number(block.timestamp) * 1000),
  };
}
