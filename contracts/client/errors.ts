import { BaseError, decodeErrorResult, type Hex } from "viem";
import { evidenceRegistryAbi } from "#contracts/abi/EvidenceRegistry.ts";
import { hsAccessAbi } from "#contracts/abi/HSAccess.ts";
import { hsTokenAbi } from "#contracts/abi/HSToken.ts";
import { settlementAbi } from "#contracts/abi/Settlement.ts";
import { isDatabaseError, isDatabaseLost } from "#db/failure.ts";

/** A transaction would revert or did: sending it again as it is changes nothing. */
export class TransactionRevertedError extends Error {
  readonly code = "TX_REVERTED";
  readonly key: string;
  /** Name of the contract's custom error, or "unknown". */
  readonly reason: string;
  constructor(key: string, reason: string, options?: ErrorOptions) {
    super(`Transaction ${key} reverts: ${reason}`, options);
    this.key = key;
    this.reason = reason;
  }
}

/** Reason of a transaction that was in a block and reverted there. */
export const revertedInBlock = "reverted in its block";

/** A transaction is on its way and not yet in a block: ask again later. */
export class TransactionPendingError extends Error {
  readonly code = "TX_PENDING";
  constructor(key: string, hash: string) {
    super(`Transaction ${key} (${hash}) is not in a block yet`);
  }
}

/** The signing keys or the contracts that the settlement needs are not there; the message says what to do. */
export class ChainSetupError extends Error {
  readonly code = "CHAIN_SETUP";
}

/** What a step of the settlement or the indexer failed for, as /readyz says it: the database and the chain are told apart. */
export function failedPart(error: unknown): string {
  if (error instanceof ChainSetupError) return error.message;
  // viem wraps a refused connection to the chain in an error of its own; the same code from below is the database's.
  if (error instanceof BaseError) return "the chain cannot be reached";
  if (isDatabaseLost(error)) return "the database cannot be reached";
  if (isDatabaseError(error)) return "the database refused a query; the log has it";
  return "the last step failed; the log has it";
}

const knownErrors = [...settlementAbi, ...evidenceRegistryAbi, ...hsTokenAbi, ...hsAccessAbi].filter(
  (entry) => entry.type === "error",
);

/** Name of the custom error behind a viem error when it is a revert; undefined when it is another failure. */
export function revertReason(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const withData = error.walk((cause) => typeof (cause as { data?: unknown }).data === "string") as {
    data?: Hex;
  } | null;
  if (withData?.data && withData.data.length >= 10) {
    try {
      return decodeErrorResult({ abi: knownErrors, data: withData.data }).errorName;
    } catch {
      return `unknown error ${withData.data.slice(0, 10)}`;
    }
  }
  return error.walk((cause) => (cause as Error).name === "ExecutionRevertedError") ? "unknown error" : undefined;
}
