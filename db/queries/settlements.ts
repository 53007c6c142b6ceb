import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "../client.ts";
import { chainContract, chainCursor, chainLog, settlement } from "../schema/chain.ts";

/** What a settlement's page and its downloadable proof read beside `chain.ts` and `evidence.ts`. */

/** The salt that ties a job to its hashes on chain (WP-E3). Ask for it only on behalf of somebody who may see it. */
export async function settlementSalt(db: Database, id: string): Promise<`0x${string}` | undefined> {
  const [row] = await db.orm.select({ salt: settlement.salt }).from(settlement).where(eq(settlement.id, id));
  return row?.salt as `0x${string}` | undefined;
}

export type AnchorEvent = {
  /** keccak256 of the centre's id, as the registry holds it. */
  centreHash: string;
  hourMs: number;
  root: string;
  leaves: number;
  txHash: string;
  blockNumber: number;
};

/**
 * Roots as the chain itself told them (RootAnchored events), for these transactions. A page compares them with what we
 * hold: a copy that agrees with itself proves nothing.
 */
export async function anchorEvents(db: Database, txHashes: string[]): Promise<AnchorEvent[]> {
  if (txHashes.length === 0) return [];
  const rows = await db.orm
    .select({ args: chainLog.args, txHash: chainLog.txHash, blockNumber: chainLog.blockNumber })
    .from(chainLog)
    .where(
      and(
        inArray(chainLog.txHash, txHashes),
        eq(chainLog.contract, "EvidenceRegistry"),
        eq(chainLog.event, "RootAnchored"),
      ),
    );
  return rows.map(({ args, txHash, blockNumber }) => ({
    centreHash: String(args.centre),
    hourMs: Number(args.hour) * 1_000,
    root: String(args.root),
    leaves: Number(args.leaves),
    txHash,
    blockNumber,
  }));
}

/** Addresses of the contracts of the chain in use, by name. */
export async function contractsInUse(db: Database): Promise<Record<string, string>> {
  const rows = await db.orm
    .select({ name: chainContract.name, address: chainContract.address })
    .from(chainContract)
    .innerJoin(
      chainCursor,
      and(eq(chainCursor.genesisHash, chainContract.genesisHash), eq(chainCursor.chainId, chainContract.chainId)),
    );
  return Object.fromEntries(rows.map(({ name, address }) => [name, address]));
}

/** Evidence roots of the centres in sight: how many there are, how many stand on chain, and the newest hour of each. */
export async function evidenceCounts(
  db: Database,
  centreIds: string[] | null,
): Promise<{ roots: number; anchored: number; newestHourMs: number | null }> {
  const [row] = await db.sql<{ roots: number; anchored: number; newestHourMs: number | null }[]>`
    select count(*)::int as roots, count(anchored_tx_hash)::int as anchored,
      extract(epoch from max(hour))::float8 * 1000 as "newestHourMs"
    from evidence_root where (${centreIds}::text[] is null or centre_id = any(${centreIds}::text[]))`;
  return row ?? { roots: 0, anchored: 0, newestHourMs: null };
}

/** Devices in the racks of these GPUs: whose leaves in an hour's evidence speak of this run. */
export async function devicesInRacksOf(db: Database, gpuIds: number[]): Promise<string[]> {
  if (gpuIds.length === 0) return [];
  const rows = await db.sql<{ id: string }[]>`
    select distinct d.id from device d join gpu g on g.rack_id = d.rack_id where g.id = any(${gpuIds}) order by d.id`;
  return rows.map(({ id }) => id);
}
