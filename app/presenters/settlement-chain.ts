/** How the chain stands, as pages say it. */
export type ChainState = {
  /** live: indexed and fresh; silent: it was, and has not moved; none: nothing was indexed yet. */
  state: "live" | "silent" | "none";
  chainId: number | null;
  headBlock: number | null;
  finalizedBlock: number | null;
  indexedBlock: number | null;
  lagBlocks: number | null;
  updatedAtMs: number | null;
};

type Status = {
  chainId: number;
  headBlock: number;
  finalizedBlock: number;
  indexedBlock: number;
  lagBlocks: number;
  updatedAt: Date;
};

/** The indexer touches its row every 5 s while it reaches the chain. */
const silentAfterMs = 30_000;

/** @param indexer what the indexer of this process says of itself; undefined: it is ready, or runs elsewhere. */
export function chainState(status: Status | undefined, indexer: string | undefined, nowMs: number): ChainState {
  if (!status)
    return {
      state: "none",
      chainId: null,
      headBlock: null,
      finalizedBlock: null,
      indexedBlock: null,
      lagBlocks: null,
      updatedAtMs: null,
    };
  const updatedAtMs = status.updatedAt.getTime();
  const unreachable = indexer === "the chain cannot be reached";
  return {
    state: unreachable || nowMs - updatedAtMs > silentAfterMs ? "silent" : "live",
    chainId: status.chainId,
    headBlock: status.headBlock,
    finalizedBlock: status.finalizedBlock,
    indexedBlock: status.indexedBlock,
    lagBlocks: status.lagBlocks,
    updatedAtMs,
  };
}

/** Names of chains that a reader may know; others are called by their number. */
export const chainNames: Record<number, string> = {
  56: "BNB Smart Chain",
  97: "BNB Smart Chain Testnet",
  31337: "anvil",
};

/** Where a transaction of a known public chain can be looked up without us. */
export const explorers: Record<number, string> = {
  56: "https://bscscan.com/tx/",
  97: "https://testnet.bscscan.com/tx/",
};
