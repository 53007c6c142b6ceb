import { and, eq, sql } from "drizzle-orm";
import {
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hex,
  type TransactionReceipt,
  toFunctionSelector,
} from "viem";
import { evidenceRegistryBytecode } from "#contracts/abi/EvidenceRegistry.bytecode.ts";
import { evidenceRegistryAbi } from "#contracts/abi/EvidenceRegistry.ts";
import { hsAccessBytecode } from "#contracts/abi/HSAccess.bytecode.ts";
import { hsAccessAbi } from "#contracts/abi/HSAccess.ts";
import { hsTokenBytecode } from "#contracts/abi/HSToken.bytecode.ts";
import { hsTokenAbi } from "#contracts/abi/HSToken.ts";
import { settlementBytecode } from "#contracts/abi/Settlement.bytecode.ts";
import { settlementAbi } from "#contracts/abi/Settlement.ts";
import type { Database } from "#db/client.ts";
import { chainContract } from "#db/schema/chain.ts";
import type { Chain, ChainIdentity } from "./chain.ts";
import { ChainSetupError } from "./errors.ts";
import type { Sender } from "./sender.ts";
import type { Wallet } from "./wallet.ts";

export const contractNames = ["HSAccess", "HSToken", "Settlement", "EvidenceRegistry"] as const;
export type ContractName = (typeof contractNames)[number];

/** Addresses of the chain in use; `fromBlock` is where the first of them was made. */
export type Contracts = Record<ContractName, Address> & { fromBlock: bigint };

/** WP-B1 gives no share and WP-B2 gives 20 % of revenue: that is what a compute payment burns. */
export const burnBps = 2_000n;

/** Roles in the AccessManager. */
const settlerRole = 1n;
const anchorRole = 2n;
const pauserRole = 3n;

/** Public networks where a deployment costs money: only an operator's own command deploys there. */
const mainNetworks = new Set([1, 10, 56, 137, 8453, 42_161]);

/** Addresses that we know for this chain; undefined when it has none yet. */
export async function readContracts(
  db: Database,
  { chainId, genesisHash }: ChainIdentity,
): Promise<Contracts | undefined> {
  const rows = await db.orm
    .select()
    .from(chainContract)
    .where(and(eq(chainContract.chainId, chainId), eq(chainContract.genesisHash, genesisHash)));
  const found = Object.fromEntries(rows.map((row) => [row.name, getAddress(row.address)])) as Partial<
    Record<ContractName, Address>
  >;
  if (contractNames.some((name) => !found[name])) return undefined;
  return {
    ...(found as Record<ContractName, Address>),
    fromBlock: BigInt(Math.min(...rows.map((row) => row.deployedBlock))),
  };
}

/**
 * Deploys what the chain does not hold and gives the roles. Every step is a transaction with its own key, so it goes on
 * where a crash stopped it, and does nothing when all stands. Addresses that were entered by hand are used as they are.
 * @throws ChainSetupError on a main network without contracts, and where known contracts have no code.
 */
export async function ensureContracts(
  deps: { db: Database; chain: Chain; sender: Sender; wallet: Wallet },
  options: { allowMainNetwork?: boolean } = {},
): Promise<Contracts> {
  const { db, chain, sender, wallet } = deps;
  const known = await readContracts(db, chain);
  if (wallet.kind === "keystore" && known) {
    for (const name of contractNames) {
      if (!(await chain.rpc.getCode({ address: known[name] })))
        throw new ChainSetupError(
          `${name} is said to stand at ${known[name]}, but chain ${chain.chainId} has no code there.`,
        );
    }
    return known;
  }
  if (mainNetworks.has(chain.chainId) && !options.allowMainNetwork) {
    throw new ChainSetupError(
      `Chain ${chain.chainId} is a main network and no contracts are known on it: run contracts/script/deploy.ts.`,
    );
  }
  const { owner } = wallet;
  const deploy = async (name: ContractName, data: Hex) => {
    const receipt = await sender.ensure(`deploy:${name}`, owner, { data });
    if (!receipt.contractAddress) throw new ChainSetupError(`The deployment of ${name} made no contract.`);
    return { name, address: getAddress(receipt.contractAddress), receipt };
  };
  const access = await deploy(
    "HSAccess",
    encodeDeployData({ abi: hsAccessAbi, bytecode: hsAccessBytecode, args: [owner.address] }),
  );
  const token = await deploy(
    "HSToken",
    encodeDeployData({ abi: hsTokenAbi, bytecode: hsTokenBytecode, args: [owner.address] }),
  );
  const settlement = await deploy(
    "Settlement",
    encodeDeployData({
      abi: settlementAbi,
      bytecode: settlementBytecode,
      args: [access.address, token.address, wallet.treasury, burnBps],
    }),
  );
  const evidence = await deploy(
    "EvidenceRegistry",
    encodeDeployData({ abi: evidenceRegistryAbi, bytecode: evidenceRegistryBytecode, args: [access.address] }),
  );
  await sender.ensure("roles", owner, {
    to: access.address,
    data: encodeFunctionData({
      abi: hsAccessAbi,
      functionName: "multicall",
      args: [roleCalls(settlement.address, evidence.address, wallet)],
    }),
  });
  const deployed = [access, token, settlement, evidence];
  await saveContracts(db, chain, deployed);
  return (await readContracts(db, chain))!;
}

function roleCalls(settlement: Address, evidence: Address, wallet: Wallet): Hex[] {
  const functionRole = (target: Address, functions: readonly string[], role: bigint) =>
    encodeFunctionData({
      abi: hsAccessAbi,
      functionName: "setTargetFunctionRole",
      args: [target, functions.map((signature) => toFunctionSelector(signature)), role],
    });
  const grant = (role: bigint, account: Address) =>
    encodeFunctionData({ abi: hsAccessAbi, functionName: "grantRole", args: [role, account, 0] });
  return [
    functionRole(settlement, ["settle((bytes32,address,address,uint256,uint64,uint64,bytes32))"], settlerRole),
    functionRole(settlement, ["pause()", "unpause()"], pauserRole),
    functionRole(evidence, ["anchor((bytes32,uint64,uint32,bytes32)[])"], anchorRole),
    grant(settlerRole, wallet.settler.address),
    grant(anchorRole, wallet.settler.address),
    grant(pauserRole, wallet.owner.address),
  ];
}

/** All at once: a reader sees the old set of addresses, or the new one. */
async function saveContracts(
  db: Database,
  { chainId, genesisHash }: Chain,
  deployed: { name: ContractName; address: Address; receipt: TransactionReceipt }[],
): Promise<void> {
  const rows = deployed.map(({ name, address, receipt }) => ({
    chainId,
    genesisHash,
    name,
    address,
    deployedBlock: Number(receipt.blockNumber),
  }));
  await db.orm
    .insert(chainContract)
    .values(rows)
    .onConflictDoUpdate({
      target: [chainContract.chainId, chainContract.genesisHash, chainContract.name],
      set: { address: sql`excluded.address`, deployedBlock: sql`excluded.deployed_block` },
    });
}
