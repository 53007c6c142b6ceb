import { encodeFunctionData, maxUint256 } from "viem";
import { hsTokenAbi } from "#contracts/abi/HSToken.ts";
import { settlementAbi } from "#contracts/abi/Settlement.ts";
import type { Chain } from "./chain.ts";
import type { Contracts } from "./contracts.ts";
import type { Sender } from "./sender.ts";
import type { Wallet } from "./wallet.ts";

/** What the client of the embedded chain is given at the start, out of the owner's 100,000,000 HS. */
const clientAllocationWei = 10_000_000n * 10n ** 18n;
/** The deposit is brought back to at least this when it cannot cover a job. */
const depositTargetWei = 100_000n * 10n ** 18n;

/**
 * On the embedded chain: the client's deposit covers at least `neededWei`. Elsewhere nothing is sent: a client's money is
 * the client's own to deposit.
 */
export async function ensureDeposit(
  deps: { chain: Chain; sender: Sender; wallet: Wallet; contracts: Contracts },
  neededWei: bigint,
): Promise<void> {
  const { chain, sender, wallet, contracts } = deps;
  if (wallet.kind !== "embedded") return;
  const client = wallet.client.address;
  const deposit = await chain.rpc.readContract({
    address: contracts.Settlement,
    abi: settlementAbi,
    functionName: "depositOf",
    args: [client],
  });
  if (deposit >= neededWei && deposit > 0n) return;
  await sender.ensure("allocate:client", wallet.owner, {
    to: contracts.HSToken,
    data: encodeFunctionData({ abi: hsTokenAbi, functionName: "transfer", args: [client, clientAllocationWei] }),
  });
  await sender.ensure("approve:client", wallet.client, {
    to: contracts.HSToken,
    data: encodeFunctionData({ abi: hsTokenAbi, functionName: "approve", args: [contracts.Settlement, maxUint256] }),
  });
  const target = neededWei > depositTargetWei ? neededWei : depositTargetWei;
  const supplied = await chain.rpc.readContract({
    address: contracts.HSToken,
    abi: hsTokenAbi,
    functionName: "balanceOf",
    args: [client],
  });
  // Never more than the client holds: a deposit that is too small says so at the settlement.
  let amount = target - deposit;
  if (supplied < amount) amount = supplied;
  if (amount <= 0n) return;
  // The client's nonce stands in the key: the same need after a crash is the same transaction, a later one is another.
  const nonce = await chain.rpc.getTransactionCount({ address: client, blockTag: "latest" });
  await sender.ensure(`deposit:client:${nonce}`, wallet.client, {
    to: contracts.Settlement,
    data: encodeFunctionData({
      abi: settlementAbi,
      functionName: "depositFor",
      args: [client, amount],
    }),
  });
}
