import { asc, desc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { policy } from "../schema/work.ts";

export type PolicyRow = {
  id: string;
  version: number;
  document: Record<string, unknown>;
  createdBy: string;
  createdAt: Date;
};

/** Adds version 1 of each document whose id has no version yet; an edited policy is never touched. */
export async function seedPolicies(
  db: Database,
  documents: Record<string, Record<string, unknown>>,
  now: Date,
): Promise<void> {
  const rows = Object.entries(documents).map(([id, document]) => ({
    id,
    version: 1,
    document,
    createdBy: "system",
    createdAt: now,
  }));
  if (rows.length) await db.orm.insert(policy).values(rows).onConflictDoNothing();
}

/** The version in force of every policy, by id. */
export async function listPolicies(db: Database): Promise<PolicyRow[]> {
  return db.orm.selectDistinctOn([policy.id]).from(policy).orderBy(asc(policy.id), desc(policy.version));
}

/** All versions of a policy, newest first; empty: there is no such policy. */
export async function policyVersions(db: Database, id: string): Promise<PolicyRow[]> {
  return db.orm.select().from(policy).where(eq(policy.id, id)).orderBy(desc(policy.version));
}
