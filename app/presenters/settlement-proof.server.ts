import type { AppLoadContext } from "@remix-run/node";
import { findSettlement } from "#db/queries/chain.ts";
import { evidenceForRun, evidenceOfHour } from "#db/queries/evidence.ts";
import type { Person } from "#db/queries/people.ts";
import { anchorEvents, devicesInRacksOf, settlementSalt } from "#db/queries/settlements.ts";
import { evidenceProof } from "#domain/evidence/tree.ts";
import { may, seesCentre } from "../auth/permissions.ts";
import type { EvidenceHour, SettlementProof } from "./settlement-proof.ts";

/** A run of weeks is proved by its first days; the rest is asked for by hour. */
const hoursShown = 72;

/** The proof of a settlement as a file; undefined when there is none that this person may see. */
export async function buildSettlementProof(
  context: AppLoadContext,
  person: Person,
  id: string,
): Promise<SettlementProof | undefined> {
  const { db } = context;
  const found = await findSettlement(db, id);
  if (!found || !seesCentre(person.centreIds, found.centre.id)) return undefined;
  const { settlement, run, chain } = found;
  const [salt, hours, devices] = await Promise.all([
    may(person.role, "settlement.salt") ? settlementSalt(db, id) : undefined,
    evidenceForRun(db, run.id),
    devicesInRacksOf(db, run.gpuIds),
  ]);
  const frozen = await Promise.all(
    hours
      .filter(({ root }) => root !== null)
      .slice(0, hoursShown)
      .map(({ centreId, hour }) => evidenceOfHour(db, centreId, hour)),
  );
  const present = frozen.filter((hour) => hour !== undefined);
  const events = await anchorEvents(
    db,
    present.map(({ anchoredTxHash }) => anchoredTxHash).filter((hash): hash is string => hash !== null),
  );
  return {
    format: "hs-settlement-proof-1",
    madeAt: new Date(context.clock()).toISOString(),
    simulated: found.centre.simulated,
    settlement: {
      id: settlement.id,
      jobId: settlement.jobId,
      status: settlement.status,
      jobHash: settlement.jobHash,
      resultHash: settlement.resultHash,
      outputSha256: run.outputSha256,
      gpuSeconds: settlement.gpuSeconds,
      energyMilliWh: settlement.energyMilliWh,
      amountWei: settlement.amountWei.toString(),
    },
    salt: salt ?? null,
    chain: chain && {
      chainId: found.chainId,
      contracts: found.contracts,
      txHash: chain.txHash,
      blockNumber: chain.blockNumber,
      blockHash: chain.blockHash,
      time: chain.time.toISOString(),
      jobHash: chain.jobHash,
      resultHash: chain.resultHash,
      gpuSeconds: chain.gpuSeconds,
      energyMilliWh: chain.energyMilliWh,
      amountWei: chain.amountWei.toString(),
      paidWei: chain.paidWei.toString(),
      burnedWei: chain.burnedWei.toString(),
    },
    evidence: present.map((hour): EvidenceHour => {
      const all = hour.leaves.map(({ values }) => values);
      const event = events.find(
        (one) => one.txHash === hour.anchoredTxHash && one.hourMs === hour.hour.getTime() && one.root === hour.root,
      );
      return {
        centreId: hour.centreId,
        hour: hour.hour.toISOString(),
        root: hour.root,
        anchor: event
          ? {
              txHash: event.txHash,
              blockNumber: event.blockNumber,
              centreHash: event.centreHash,
              root: event.root,
              leaves: event.leaves,
            }
          : null,
        leaves: hour.leaves.map(({ values, hash }) => ({
          values,
          hash,
          // The device of the leaf is its fourth value (domain/evidence/leaf.ts).
          ...(devices.includes(values[3] ?? "") && { proof: evidenceProof(all, values) }),
        })),
      };
    }),
  };
}
