import { decodeEventLog, getAddress, type Hex, type Log, zeroAddress } from "viem";
import { evidenceRegistryAbi } from "#contracts/abi/EvidenceRegistry.ts";
import { hsAccessAbi } from "#contracts/abi/HSAccess.ts";
import { hsTokenAbi } from "#contracts/abi/HSToken.ts";
import { settlementAbi } from "#contracts/abi/Settlement.ts";
import type { ContractName, Contracts } from "#contracts/client/contracts.ts";
import type { chainSettlement, tokenFlow } from "#db/schema/chain.ts";

export type BlockHeader = { number: number; hash: Hex; parentHash: Hex; time: Date };

/** A log of one of our contracts with its block. */
export type DecodedLog = {
  block: BlockHeader;
  logIndex: number;
  txHash: Hex;
  contract: ContractName;
  event: string;
  args: Record<string, unknown>;
};

export type ChainSettlementRow = typeof chainSettlement.$inferInsert;
export type TokenFlowRow = typeof tokenFlow.$inferInsert;
export type AnchoredRoot = { centreHash: Hex; hour: Date; root: Hex; txHash: Hex; blockNumber: number };

const abis = {
  HSAccess: hsAccessAbi,
  HSToken: hsTokenAbi,
  Settlement: settlementAbi,
  EvidenceRegistry: evidenceRegistryAbi,
} as const;

/** Decodes a log by the contract that wrote it; undefined for an event that its ABI does not know. */
export function decodeLog(
  log: Log<bigint, number, false>,
  block: BlockHeader,
  contracts: Contracts,
): DecodedLog | undefined {
  const address = getAddress(log.address);
  const contract = (Object.keys(abis) as ContractName[]).find((name) => contracts[name] === address);
  if (!contract) return undefined;
  try {
    const { eventName, args } = decodeEventLog({ abi: abis[contract], data: log.data, topics: log.topics });
    return {
      block,
      logIndex: log.logIndex,
      txHash: log.transactionHash,
      contract,
      event: eventName as string,
      args: (args ?? {}) as unknown as Record<string, unknown>,
    };
  } catch {
    return undefined;
  }
}

/** Decoded arguments as JSON holds them: bigints as decimal text. */
export function jsonArgs(args: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(args, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
  ) as Record<string, unknown>;
}

/** Rows that follow from logs alone. The same logs give the same rows, in whatever batches they come. */
export function deriveRows(
  logs: DecodedLog[],
  contracts: Contracts,
): { settlements: ChainSettlementRow[]; flows: TokenFlowRow[]; anchors: AnchoredRoot[] } {
  const settlements = logs
    .filter((log) => log.contract === "Settlement" && log.event === "JobSettled")
    .map(settlementRow);
  const anchors = logs
    .filter((log) => log.contract === "EvidenceRegistry" && log.event === "RootAnchored")
    .map(anchoredRoot);
  const flows = logs
    .filter((log) => log.contract === "HSToken" && log.event === "Transfer")
    .map((log) => {
      const { from, to, value } = log.args as { from: Hex; to: Hex; value: bigint };
      return {
        ...placeOf(log),
        logIndex: log.logIndex,
        purpose: purposeOf(from, to, log.txHash, logs, contracts),
        fromAddress: from,
        toAddress: to,
        amountWei: value,
      };
    });
  return { settlements, flows, anchors };
}

/**
 * Why HS moved. Out of the settlement contract: to a job's provider it is a payment, to its client a withdrawal, else the
 * share that the floor kept from burning, which funds holders (WP-B5): a reward.
 */
function purposeOf(from: Hex, to: Hex, txHash: Hex, logs: DecodedLog[], contracts: Contracts): TokenFlowRow["purpose"] {
  if (from === zeroAddress) return "mint";
  if (to === zeroAddress) return "burn";
  if (to === contracts.Settlement) return "deposit";
  if (from !== contracts.Settlement) return "transfer";
  const sameTx = logs.filter((log) => log.txHash === txHash && log.contract === "Settlement");
  if (sameTx.some((log) => log.event === "Withdrawn" && log.args.to === to)) return "withdrawal";
  return sameTx.some((log) => log.event === "JobSettled" && log.args.provider === to) ? "payment" : "reward";
}

function settlementRow(log: DecodedLog): ChainSettlementRow {
  const args = log.args as {
    jobHash: Hex;
    client: Hex;
    provider: Hex;
    amount: bigint;
    paid: bigint;
    burned: bigint;
    gpuSeconds: bigint;
    energyMilliWh: bigint;
    resultHash: Hex;
  };
  return {
    ...placeOf(log),
    jobHash: args.jobHash,
    client: args.client,
    provider: args.provider,
    amountWei: args.amount,
    paidWei: args.paid,
    burnedWei: args.burned,
    gpuSeconds: Number(args.gpuSeconds),
    energyMilliWh: Number(args.energyMilliWh),
    resultHash: args.resultHash,
  };
}

function anchoredRoot(log: DecodedLog): AnchoredRoot {
  const args = log.args as { centre: Hex; hour: bigint; root: Hex };
  return {
    centreHash: args.centre,
    hour: new Date(Number(args.hour) * 1000),
    root: args.root,
    txHash: log.txHash,
    blockNumber: log.block.number,
  };
}

function placeOf(log: DecodedLog) {
  return { blockHash: log.block.hash, blockNumber: log.block.number, txHash: log.txHash, time: log.block.time };
}
