import { and, desc, eq, gt, inArray, isNull } from "drizzle-orm";
import type { Database } from "../client.ts";
import { apiToken, auditLog, type Role, session } from "../schema/people.ts";

/** What the administrator's page reads and does beside `people.ts`. */

export type ApiTokenRow = {
  id: string;
  name: string;
  role: Role;
  centreIds: string[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

/** Never the token itself, nor its hash. */
const tokenColumns = {
  id: apiToken.id,
  name: apiToken.name,
  role: apiToken.role,
  centreIds: apiToken.centreIds,
  createdAt: apiToken.createdAt,
  expiresAt: apiToken.expiresAt,
  lastUsedAt: apiToken.lastUsedAt,
  revokedAt: apiToken.revokedAt,
};

/** API tokens, newest first. */
export function listApiTokens(db: Database): Promise<ApiTokenRow[]> {
  return db.orm.select(tokenColumns).from(apiToken).orderBy(desc(apiToken.createdAt), desc(apiToken.id));
}

export async function findApiToken(db: Database, id: string): Promise<ApiTokenRow | undefined> {
  const [row] = await db.orm.select(tokenColumns).from(apiToken).where(eq(apiToken.id, id));
  return row;
}

/** Ends every live session of a person. @returns how many there were. */
export async function endSessionsOf(db: Database, personId: string, now: Date): Promise<number> {
  const ended = await db.orm
    .update(session)
    .set({ endedAt: now })
    .where(and(eq(session.personId, personId), isNull(session.endedAt), gt(session.expiresAt, now)))
    .returning({ token: session.tokenSha256 });
  return ended.length;
}

/** Live sessions by person. */
export async function liveSessions(db: Database, now: Date): Promise<Map<string, number>> {
  const rows = await db.sql<{ personId: string; sessions: number }[]>`
    select person_id as "personId", count(*)::int as sessions from session
    where ended_at is null and expires_at > ${now.toISOString()} group by person_id`;
  return new Map(rows.map(({ personId, sessions }) => [personId, sessions]));
}

export type AuditRow = typeof auditLog.$inferSelect;

/** The newest lines of the audit log; `actors` null: whoever wrote them. */
export function auditTail(db: Database, actors: string[] | null, limit: number): Promise<AuditRow[]> {
  return db.orm
    .select()
    .from(auditLog)
    .where(actors === null ? undefined : inArray(auditLog.actor, actors))
    .orderBy(desc(auditLog.id))
    .limit(limit);
}
