import type { AppLoadContext } from "@remix-run/node";
import { chainStatus, findSettlement } from "#db/queries/chain.ts";
import { evidenceForRun } from "#db/queries/evidence.ts";
import type { Person } from "#db/queries/people.ts";
import { settlementSalt } from "#db/queries/settlements.ts";
import { may, seesCentre } from "../auth/permissions.ts";
import { isEstimate } from "./energy-method.ts";
import type { Say } from "./fleet.server.ts";
import { chainState } from "./settlement-chain.ts";
import { settlementReason } from "./settlement-reason.ts";

/** One settlement from the job to the transaction; undefined when there is none that this person may see. */
export async function presentSettlement(context: AppLoadContext, person: Person, id: string, say: Say) {
  const { db } = context;
  const found = await findSettlement(db, id);
  if (!found || !seesCentre(person.centreIds, found.centre.id)) return undefined;
  const { settlement, job, run, chain } = found;
  const maySalt = may(person.role, "settlement.salt");
  const [salt, hours, status] = await Promise.all([
    maySalt ? settlementSalt(db, id) : undefined,
    evidenceForRun(db, run.id),
    chainStatus(db),
  ]);
  const { t, format } = say;
  const reason = settlement.statusReason === null ? null : settlementReason(settlement.statusReason, say);
  const anchored = hours.filter(({ root }) => root?.anchoredTxHash != null).length;
  const amount = format.token(settlement.amountWei);
  return {
    lead: {
      strong: t(`settlements:one.lead.${settlement.status}`, { amount }),
      rest:
        reason ??
        (settlement.status === "confirmed" && chain
          ? t(found.final ? "settlements:one.lead.final" : "settlements:one.lead.notFinal", {
              count: found.confirmations ?? 0,
              block: format.number(chain.blockNumber),
            })
          : t(`settlements:status.${settlement.status}.why`)),
    },
    id: settlement.id,
    status: settlement.status,
    waitsFor: settlement.status === "pending" && reason !== null,
    reason,
    simulated: found.centre.simulated,
    createdAtMs: settlement.createdAt.getTime(),
    job: { id: job.id, name: job.name, linked: may(person.role, "job.view") },
    centre: { id: found.centre.id, name: format.name(found.centre.name) },
    run: {
      id: run.id,
      startedAtMs: run.startedAt?.getTime() ?? null,
      endedAtMs: run.endedAt?.getTime() ?? null,
      isEstimate: isEstimate(run.energyMethod),
      outputSha256: run.outputSha256,
      gpus: run.gpuIds.length,
    },
    energyMilliWh: settlement.energyMilliWh,
    gpuSeconds: settlement.gpuSeconds,
    jobHash: settlement.jobHash,
    resultHash: settlement.resultHash,
    client: settlement.client,
    provider: settlement.provider,
    amountWei: settlement.amountWei.toString(),
    /** null with `maySalt`: it was never made. */
    salt: salt ?? null,
    maySalt,
    chainState: chainState(status, context.readiness().indexer, context.clock()),
    chain: chain && {
      txHash: chain.txHash,
      blockNumber: chain.blockNumber,
      blockHash: chain.blockHash,
      timeMs: chain.time.getTime(),
      amountWei: chain.amountWei.toString(),
      paidWei: chain.paidWei.toString(),
      burnedWei: chain.burnedWei.toString(),
      treasuryWei: (found.treasuryWei ?? 0n).toString(),
      energyMilliWh: chain.energyMilliWh,
      confirmations: found.confirmations,
      final: found.final,
    },
    contracts: found.contracts,
    flows: found.flows.map((flow) => ({
      logIndex: flow.logIndex,
      purpose: flow.purpose,
      from: flow.fromAddress,
      to: flow.toAddress,
      amountWei: flow.amountWei.toString(),
    })),
    hours: hours.map(({ hour, root }) => ({
      hourMs: hour.getTime(),
      root: root?.root ?? null,
      leaves: root?.leaves ?? null,
      txHash: root?.anchoredTxHash ?? null,
      block: root?.anchoredBlock ?? null,
    })),
    anchored,
  };
}
export type SettlementPage = NonNullable<Awaited<ReturnType<typeof presentSettlement>>>;
