import { createPublicClient, type Hex, http, type PublicClient } from "viem";

/** Which chain this is: a chain id alone does not tell one embedded chain from the next. */
export type ChainIdentity = { chainId: number; genesisHash: Hex };

export type Chain = ChainIdentity & { rpc: PublicClient; url: string };

/** anvil's chain id: only there may accounts of the embedded mnemonic sign. */
export const embeddedChainId = 31_337;

/** A client that asks and never signs. Nothing is sent before the first request. */
export function openRpc(url: string): PublicClient {
  return createPublicClient({ transport: http(url, { timeout: 10_000, retryCount: 1 }), pollingInterval: 100 });
}

/** Reaches the chain and learns which one it is. @throws viem's error when it cannot be reached. */
export async function connectChain(url: string): Promise<Chain> {
  const rpc = openRpc(url);
  const [chainId, genesisHash] = await Promise.all([rpc.getChainId(), readGenesisHash(rpc)]);
  return { url, rpc, chainId, genesisHash };
}

/** Hash of block 0. */
export async function readGenesisHash(rpc: PublicClient): Promise<Hex> {
  const genesis = await rpc.getBlock({ blockNumber: 0n });
  return genesis.hash;
}
