import type { Say } from "./fleet.server.ts";

/** Reasons that settlement and indexer write: names of the contracts' errors, and what the chain did. */
const known: Record<string, string> = {
  SettlementInsufficientDeposit: "insufficientDeposit",
  EnforcedPause: "paused",
  AccessManagedUnauthorized: "unauthorized",
  SettlementInvalidAddress: "invalidAddress",
  SettlementJobAlreadySettled: "alreadySettled",
  "unknown error": "unknown",
  "the chain lost its block": "blockLost",
};

/** Every key that `settlementReason` can give, so that the catalogue of texts can be checked for them. */
export const settlementReasonKeys = [...new Set(Object.values(known)), "other"];

export const settlementReasonKey = (reason: string) => known[reason] ?? "other";

/** Why a settlement waits or failed, in plain words of the reader's language. */
export const settlementReason = (reason: string, { t }: Say): string =>
  t(`settlements:reason.${settlementReasonKey(reason)}`, { reason });
