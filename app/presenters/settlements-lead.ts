import type { Say } from "./fleet.server.ts";
import type { Lead } from "./fleet-lead.ts";
import { sentences } from "./fleet-lead.ts";
import { sinceText } from "./hours.ts";
import type { ChainState } from "./settlement-chain.ts";

/** Wei of HS, by what it is. */
export type Tokens = {
  known: boolean;
  minted: bigint;
  supply: bigint;
  burned: bigint;
  floor: bigint;
  burnable: bigint;
  paid: bigint;
  burnedBySettlement: bigint;
  settled: bigint;
  settledJobs: number;
  byStatus: Partial<Record<"pending" | "sent" | "confirmed" | "failed", number>>;
};

/** What is wrong with chain or settlements; or that everything is settled. */
export function settlementsLead(
  {
    chain,
    tokens,
    failed,
    failedReason,
  }: { chain: ChainState; tokens: Tokens; failed: number; failedReason: string | null },
  say: Say,
): Lead {
  const { t, format } = say;
  const open = (tokens.byStatus.pending ?? 0) + (tokens.byStatus.sent ?? 0);
  const state = sentences(
    [
      tokens.known
        ? t("settlements:lead.settled", {
            count: tokens.settledJobs,
            burned: format.token(tokens.burnedBySettlement),
            supply: format.token(tokens.supply),
          })
        : "",
      open > 0 ? t("settlements:lead.open", { count: open }) : "",
    ],
    say,
  );
  if (chain.state === "none") return { strong: t("settlements:lead.noChain"), rest: t("settlements:lead.noChainRest") };
  if (chain.state === "silent")
    return {
      strong: t("settlements:lead.silent"),
      rest: sentences(
        [t("settlements:lead.silentRest", { time: sinceText(chain.updatedAtMs ?? 0, format) }), state],
        say,
      ),
    };
  if (failed > 0)
    return {
      strong: t("settlements:lead.failed", { count: failed }),
      rest: sentences([failedReason ?? "", state], say),
    };
  return { strong: t(open > 0 ? "settlements:lead.working" : "settlements:lead.good"), rest: state };
}
