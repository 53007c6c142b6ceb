import { and, asc, eq, gte, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import { evidenceLeaf, evidenceRoot } from "../schema/energy.ts";
import { jobRun } from "../schema/work.ts";

const hourMs = 3_600_000;

export type EvidenceRootRow = {
  centreId: string;
  hour: Date;
  root: `0x${string}`;
  leaves: number;
  builtAt: Date;
  /** null: not seen on chain yet. */
  anchoredTxHash: string | null;
  anchoredBlock: number | null;
};

export type EvidenceLeafRow = {
  index: number;
  pointId: number;
  /** As hashed; fields in the order of domain/evidence/leaf.ts. */
  values: string[];
  hash: `0x${string}`;
};

const rootOf = (row: typeof evidenceRoot.$inferSelect): EvidenceRootRow => ({ ...row, root: hexOf(row.root) });
const hexOf = (bytes: Buffer): `0x${string}` => `0x${bytes.toString("hex")}`;

/** The frozen evidence of a centre's hour: what was anchored, with every leaf; undefined when the hour is not frozen yet. */
export async function evidenceOfHour(
  db: Database,
  centreId: string,
  hour: Date,
): Promise<(Omit<EvidenceRootRow, "leaves"> & { leaves: EvidenceLeafRow[] }) | undefined> {
  const [root] = await db.orm
    .select()
    .from(evidenceRoot)
    .where(and(eq(evidenceRoot.centreId, centreId), eq(evidenceRoot.hour, hour)));
  if (!root) return undefined;
  const leaves = await db.orm
    .select({
      index: evidenceLeaf.index,
      pointId: evidenceLeaf.pointId,
      values: evidenceLeaf.values,
      hash: evidenceLeaf.hash,
    })
    .from(evidenceLeaf)
    .where(and(eq(evidenceLeaf.centreId, centreId), eq(evidenceLeaf.hour, hour)))
    .orderBy(asc(evidenceLeaf.index));
  return { ...rootOf(root), leaves: leaves.map((leaf) => ({ ...leaf, hash: hexOf(leaf.hash) })) };
}

/** Every centre-hour that a run overlaps, oldest first; `root` null: not frozen yet. Empty for a run that never began. */
export async function evidenceForRun(
  db: Database,
  runId: string,
): Promise<{ centreId: string; hour: Date; root: EvidenceRootRow | null }[]> {
  const [run] = await db.orm.select().from(jobRun).where(eq(jobRun.id, runId));
  if (!run?.startedAt) return [];
  const first = Math.floor(run.startedAt.getTime() / hourMs) * hourMs;
  // A run that goes on is shown up to its first hour; half-open: an end on the hour does not touch the next one.
  const end = Math.max(run.endedAt?.getTime() ?? first + 1, first + 1);
  const roots = await db.orm
    .select()
    .from(evidenceRoot)
    .where(
      and(
        eq(evidenceRoot.centreId, run.centreId),
        gte(evidenceRoot.hour, new Date(first)),
        lt(evidenceRoot.hour, new Date(end)),
      ),
    );
  const byHour = new Map(roots.map((row) => [row.hour.getTime(), rootOf(row)]));
  return Array.from({ length: Math.ceil((end - first) / hourMs) }, (_, at) => {
    const hour = first + at * hourMs;
    return { centreId: run.centreId, hour: new Date(hour), root: byHour.get(hour) ?? null };
  });
}
