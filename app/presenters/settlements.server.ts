import type { AppLoadContext } from "@remix-run/node";
import { chainStatus, listSettlements, tokenSummary } from "#db/queries/chain.ts";
import type { Person } from "#db/queries/people.ts";
import { contractsInUse, evidenceCounts } from "#db/queries/settlements.ts";
import { isEstimate } from "./energy-method.ts";
import type { Say } from "./fleet.server.ts";
import { chainState } from "./settlement-chain.ts";
import { settlementReason } from "./settlement-reason.ts";
import { settlementFigures } from "./settlements-figures.ts";
import { settlementsLead } from "./settlements-lead.ts";

export const settlementStatuses = ["pending", "sent", "confirmed", "failed"] as const;
export type SettlementStatus = (typeof settlementStatuses)[number];
export const isSettlementStatus = (text: string | null): text is SettlementStatus =>
  settlementStatuses.some((status) => status === text);

export const pageSize = 50;

/** The settlements that a person may see, the supply of HS against its floor, and how far the chain was read. */
export async function presentSettlements(
  context: AppLoadContext,
  person: Person,
  asked: { status: SettlementStatus | null; offset: number },
  say: Say,
) {
  const { db } = context;
  // A person of no centre sees none: the query takes an empty list for "all".
  const none = person.centreIds?.length === 0;
  const filter = { ...(person.centreIds?.length && { centreIds: person.centreIds }) };
  const [listed, failed, summary, status, contracts, evidence] = await Promise.all([
    none
      ? { rows: [], total: 0 }
      : listSettlements(db, {
          ...filter,
          ...(asked.status && { status: asked.status }),
          limit: pageSize,
          offset: asked.offset,
        }),
    none ? { rows: [], total: 0 } : listSettlements(db, { ...filter, status: "failed", limit: 1 }),
    tokenSummary(db),
    chainStatus(db),
    contractsInUse(db),
    evidenceCounts(db, person.centreIds),
  ]);
  const chain = chainState(status, context.readiness().indexer, context.clock());
  const tokens = {
    known: summary.known,
    minted: summary.mintedWei,
    supply: summary.supplyWei,
    burned: summary.burnedWei,
    floor: summary.floorWei,
    burnable: summary.burnableWei,
    paid: summary.paidWei,
    burnedBySettlement: summary.burnedBySettlementWei,
    settled: summary.settledWei,
    settledJobs: summary.settledJobs,
    byStatus: summary.settlementsByStatus,
  };
  return {
    lead: settlementsLead(
      {
        chain,
        tokens,
        failed: failed.total,
        failedReason: failed.rows[0]?.statusReason ? settlementReason(failed.rows[0].statusReason, say) : null,
      },
      say,
    ),
    figures: settlementFigures({ chain, tokens, evidence }, say),
    chain,
    contracts,
    supply: summary.known
      ? {
          mintedWei: summary.mintedWei.toString(),
          supplyWei: summary.supplyWei.toString(),
          floorWei: summary.floorWei.toString(),
          burnedWei: summary.burnedWei.toString(),
          burnableWei: summary.burnableWei.toString(),
        }
      : null,
    total: listed.total,
    rows: listed.rows.map((row) => ({
      id: row.id,
      jobId: row.jobId,
      jobName: row.jobName,
      centre: say.format.name(row.centreName),
      simulated: row.simulated,
      status: row.status,
      reason: row.statusReason === null ? null : settlementReason(row.statusReason, say),
      gpuSeconds: row.gpuSeconds,
      energyMilliWh: row.energyMilliWh,
      isEstimate: isEstimate(row.energyMethod),
      amountWei: row.amountWei.toString(),
      paidWei: row.paidWei?.toString() ?? null,
      burnedWei: row.burnedWei?.toString() ?? null,
      txHash: row.txHash,
      blockNumber: row.blockNumber,
      createdAtMs: row.createdAt.getTime(),
      settledAtMs: row.settledAt?.getTime() ?? null,
    })),
  };
}
export type SettlementsPage = Awaited<ReturnType<typeof presentSettlements>>;
export type SettlementItem = SettlementsPage["rows"][number];
