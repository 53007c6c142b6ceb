import { and, desc, eq } from "drizzle-orm";
import { bytesToHex, type Hex } from "viem";
import { centreHashOf, jobHashOf, resultHashOf } from "#contracts/client/hashes.ts";
import type { Database } from "#db/client.ts";
import { chainLog, chainSettlement, settlement } from "#db/schema/chain.ts";
import { evidenceRoot } from "#db/schema/energy.ts";
import { centre } from "#db/schema/fleet.ts";
import { jobRun } from "#db/schema/work.ts";

/** The chain says one thing and our own records another. */
export type Mismatch = {
  /** `chain:<hash>`: one alarm for a job or a root, however many of its fields differ. */
  cause: string;
  centreId: string;
  field: string;
  ours: string;
  onChain: string;
};

/** Centre of a mismatch that belongs to none of ours. */
const noCentre = "chain";

/** Every settlement on chain against settlement and run: parties, price, energy, GPU time, hashes. The first difference of each. */
export async function compareSettlements(db: Database): Promise<Mismatch[]> {
  const rows = await db.orm
    .select({
      chain: chainSettlement,
      ours: settlement,
      run: { itMilliWh: jobRun.itMilliWh, gpuSeconds: jobRun.gpuSeconds, outputSha256: jobRun.outputSha256 },
    })
    .from(chainSettlement)
    .leftJoin(settlement, eq(settlement.jobHash, chainSettlement.jobHash))
    .leftJoin(jobRun, eq(jobRun.id, settlement.runId))
    .orderBy(desc(chainSettlement.blockNumber));
  return rows.flatMap(({ chain, ours, run }): Mismatch[] => {
    const cause = `chain:${chain.jobHash}`;
    if (!ours) return [{ cause, centreId: noCentre, field: "jobHash", ours: "unknown", onChain: chain.jobHash }];
    const salt = ours.salt as Hex;
    const pairs: [
      field: string,
      ours: string | number | bigint | null | undefined,
      onChain: string | number | bigint,
    ][] = [
      ["jobHash", jobHashOf(ours.jobId, salt), chain.jobHash],
      ["client", ours.client, chain.client],
      ["provider", ours.provider, chain.provider],
      ["amountWei", ours.amountWei, chain.amountWei],
      ["gpuSeconds", run?.gpuSeconds == null ? run?.gpuSeconds : Math.round(run.gpuSeconds), chain.gpuSeconds],
      ["energyMilliWh", run?.itMilliWh, chain.energyMilliWh],
      ["resultHash", run ? resultHashOf(run.outputSha256, salt) : undefined, chain.resultHash],
    ];
    const different = pairs.find(([, mine, theirs]) => mine !== theirs);
    if (!different) return [];
    const [field, mine, theirs] = different;
    return [{ cause, centreId: ours.centreId, field, ours: String(mine ?? "missing"), onChain: String(theirs) }];
  });
}

/** Every anchored root against the one that we hold for its centre and hour. */
export async function compareRoots(db: Database): Promise<Mismatch[]> {
  const [anchored, ours, centres] = await Promise.all([
    db.orm
      .select({ args: chainLog.args })
      .from(chainLog)
      .where(and(eq(chainLog.contract, "EvidenceRegistry"), eq(chainLog.event, "RootAnchored"))),
    db.orm
      .select({ centreId: evidenceRoot.centreId, hour: evidenceRoot.hour, root: evidenceRoot.root })
      .from(evidenceRoot),
    db.orm.select({ id: centre.id }).from(centre),
  ]);
  const idOf = new Map<string, string>(centres.map(({ id }) => [centreHashOf(id), id]));
  const rootOf = new Map(ours.map((row) => [`${row.centreId} ${row.hour.getTime() / 1000}`, bytesToHex(row.root)]));
  return anchored.flatMap(({ args }): Mismatch[] => {
    const { centre: centreHash, hour, root } = args as { centre: string; hour: string; root: string };
    const centreId = idOf.get(centreHash);
    const held = centreId && rootOf.get(`${centreId} ${hour}`);
    if (held === root) return [];
    return [
      { cause: `chain:${root}`, centreId: centreId ?? noCentre, field: "root", ours: held ?? "missing", onChain: root },
    ];
  });
}
