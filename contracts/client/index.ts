import { encodeFunctionData, type Hex } from "viem";
import { evidenceRegistryAbi } from "#contracts/abi/EvidenceRegistry.ts";
import { settlementAbi } from "#contracts/abi/Settlement.ts";
import type { Database } from "#db/client.ts";
import { type Chain, connectChain } from "./chain.ts";
import { type Contracts, ensureContracts } from "./contracts.ts";
import { ensureDeposit } from "./funding.ts";
import { createSender, type Sender } from "./sender.ts";
import { openWallet, type Wallet, type WalletSettings } from "./wallet.ts";

/** A job as it goes on chain: the Job struct of Settlement.sol. */
export type SettlementOrder = {
  jobHash: Hex;
  client: Hex;
  provider: Hex;
  amount: bigint;
  gpuSeconds: bigint;
  energyMilliWh: bigint;
  resultHash: Hex;
};

/** A root as it goes on chain: the Anchor struct of EvidenceRegistry.sol; `hour` in seconds since 1970. */
export type RootAnchor = { centre: Hex; hour: bigint; leaves: number; root: Hex };

/** What the settlement does on a chain. Every method may be repeated after a crash. */
export type ChainClient = {
  chain: Chain;
  contracts: Contracts;
  wallet: Pick<Wallet, "kind" | "treasury" | "providerOf"> & { clientAddress: Hex; settlerAddress: Hex };
  isSettled(jobHash: Hex): Promise<boolean>;
  /** Settles a job, once. @returns the transaction's hash. @throws TransactionRevertedError, TransactionPendingError */
  settle(order: SettlementOrder): Promise<Hex>;
  /** Anchors roots in one transaction; those that stand already are passed over. */
  anchor(key: string, roots: RootAnchor[]): Promise<Hex>;
};

/**
 * Connects, opens the keys, deploys what is missing.
 * @throws ChainSetupError saying what to do; viem's error when the chain cannot be reached.
 */
export async function openChainClient(deps: {
  db: Database;
  rpcUrl: string;
  settings: WalletSettings;
  clock: () => number;
}): Promise<ChainClient> {
  const chain = await connectChain(deps.rpcUrl);
  const wallet = await openWallet(deps.settings, chain.chainId);
  const sender = createSender({ db: deps.db, chain, clock: deps.clock });
  const contracts = await ensureContracts({ db: deps.db, chain, sender, wallet });
  await ensureDeposit({ chain, sender, wallet, contracts }, 1n);
  return createChainClient({ chain, wallet, sender, contracts });
}

function createChainClient(deps: { chain: Chain; wallet: Wallet; sender: Sender; contracts: Contracts }): ChainClient {
  const { chain, wallet, sender, contracts } = deps;
  return {
    chain,
    contracts,
    wallet: {
      kind: wallet.kind,
      treasury: wallet.treasury,
      providerOf: wallet.providerOf,
      clientAddress: wallet.client.address,
      settlerAddress: wallet.settler.address,
    },
    isSettled: (jobHash) =>
      chain.rpc.readContract({
        address: contracts.Settlement,
        abi: settlementAbi,
        functionName: "isSettled",
        args: [jobHash],
      }),
    async settle(order) {
      await ensureDeposit(deps, order.amount);
      const receipt = await sender.ensure(`settle:${order.jobHash}`, wallet.settler, {
        to: contracts.Settlement,
        data: encodeFunctionData({ abi: settlementAbi, functionName: "settle", args: [order] }),
      });
      return receipt.transactionHash;
    },
    async anchor(key, roots) {
      const receipt = await sender.ensure(`anchor:${key}`, wallet.settler, {
        to: contracts.EvidenceRegistry,
        data: encodeFunctionData({ abi: evidenceRegistryAbi, functionName: "anchor", args: [roots] }),
      });
      return receipt.transactionHash;
    },
  };
}
