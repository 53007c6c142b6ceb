import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { apiToken, auditLog, person, type Role, session, signInLink } from "../schema/people.ts";
import { hashPassword, passwordMatches } from "./people-password.ts";
import { newToken, sha256Hex } from "./people-token.ts";

/** A person as every request sees them. `centreIds` null: all centres. */
export type Person = { id: string; email: string; name: string; role: Role; centreIds: string[] | null };
export type PersonRow = Person & {
  createdAt: Date;
  disabledAt: Date | null;
  hasPassword: boolean;
  lastSeenAt: Date | null;
};
export type NewPerson = { email: string; name: string; role: Role; centreIds: string[] | null };
export type Session = { person: Person; csrfToken: string; tokenSha256: string };

/** A session ends after this long without a request … */
const sessionIdleMs = 7 * 86_400_000;
/** … and its row is touched at most this often. */
const sessionTouchMs = 5 * 60_000;
const linkLifeMs = 3 * 86_400_000;

const personColumns = {
  id: person.id,
  email: person.email,
  name: person.name,
  role: person.role,
  centreIds: person.centreIds,
};

/** Emails are compared without case and outer spaces. */
export const normalEmail = (email: string) => email.trim().toLowerCase();

/** @throws the database's unique violation (23505) when the email is taken. */
export async function createPerson(db: Database, input: NewPerson, now: Date): Promise<Person> {
  const row = { ...input, email: normalEmail(input.email), id: `person-${newToken(9)}`, createdAt: now };
  const [made] = await db.orm.insert(person).values(row).returning(personColumns);
  return made!;
}

/** A one-time link's token; earlier unused links of the person stop working. Only its SHA-256 is kept. */
export async function createSignInLink(
  db: Database,
  personId: string,
  now: Date,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken(32);
  const expiresAt = new Date(now.getTime() + linkLifeMs);
  await db.orm.transaction(async (tx) => {
    await tx.delete(signInLink).where(and(eq(signInLink.personId, personId), isNull(signInLink.usedAt)));
    await tx.insert(signInLink).values({ tokenSha256: sha256Hex(token), personId, createdAt: now, expiresAt });
  });
  return { token, expiresAt };
}

/** Whom a link is for, without using it (link previews must not burn it). */
export async function findSignInLink(
  db: Database,
  token: string,
  now: Date,
): Promise<(Person & { hasPassword: boolean }) | undefined> {
  const [row] = await db.orm
    .select({ ...personColumns, passwordHash: person.passwordHash })
    .from(signInLink)
    .innerJoin(person, eq(person.id, signInLink.personId))
    .where(
      and(
        eq(signInLink.tokenSha256, sha256Hex(token)),
        isNull(signInLink.usedAt),
        gt(signInLink.expiresAt, now),
        isNull(person.disabledAt),
      ),
    );
  if (!row) return undefined;
  const { passwordHash, ...found } = row;
  return { ...found, hasPassword: passwordHash !== null };
}

/**
 * Uses a link once: sets name, email and password, ends every session of the person. Two simultaneous uses: one wins.
 * @returns undefined when the link is unknown, used or too old.
 */
export async function redeemSignInLink(
  db: Database,
  token: string,
  set: { name: string; email: string; password: string },
  now: Date,
): Promise<Person | undefined> {
  // Whoever makes links up is not worth the time that a password takes.
  if (!(await findSignInLink(db, token, now))) return undefined;
  const passwordHash = await hashPassword(set.password);
  return db.orm.transaction(async (tx) => {
    const [used] = await tx
      .update(signInLink)
      .set({ usedAt: now })
      .where(
        and(eq(signInLink.tokenSha256, sha256Hex(token)), isNull(signInLink.usedAt), gt(signInLink.expiresAt, now)),
      )
      .returning({ personId: signInLink.personId });
    if (!used) return undefined;
    await tx
      .update(session)
      .set({ endedAt: now })
      .where(and(eq(session.personId, used.personId), isNull(session.endedAt)));
    const [row] = await tx
      .update(person)
      .set({ name: set.name, email: normalEmail(set.email), passwordHash })
      .where(and(eq(person.id, used.personId), isNull(person.disabledAt)))
      .returning(personColumns);
    return row;
  });
}

/** The person whose email and password these are. Costs the same time when there is no such person. */
export async function verifyPassword(db: Database, email: string, password: string): Promise<Person | undefined> {
  const [row] = await db.orm
    .select({ ...personColumns, passwordHash: person.passwordHash })
    .from(person)
    .where(and(eq(person.email, normalEmail(email)), isNull(person.disabledAt)));
  const matches = await passwordMatches(password, row?.passwordHash ?? null);
  if (!row || !matches) return undefined;
  const { passwordHash: _, ...found } = row;
  return found;
}

/** Opens a session; the token goes into the cookie, its SHA-256 into the database. */
export async function startSession(
  db: Database,
  personId: string,
  now: Date,
): Promise<{ token: string; maxAgeS: number }> {
  const token = newToken(32);
  await db.orm.insert(session).values({
    tokenSha256: sha256Hex(token),
    personId,
    csrfToken: newToken(24),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + sessionIdleMs),
  });
  return { token, maxAgeS: sessionIdleMs / 1000 };
}

/** The live session of a cookie's token; its expiry slides. */
export async function findSession(db: Database, token: string, now: Date): Promise<Session | undefined> {
  const tokenSha256 = sha256Hex(token);
  const [row] = await db.orm
    .select({ ...personColumns, csrfToken: session.csrfToken, lastSeenAt: session.lastSeenAt })
    .from(session)
    .innerJoin(person, eq(person.id, session.personId))
    .where(
      and(
        eq(session.tokenSha256, tokenSha256),
        isNull(session.endedAt),
        gt(session.expiresAt, now),
        isNull(person.disabledAt),
      ),
    );
  if (!row) return undefined;
  const { csrfToken, lastSeenAt, ...found } = row;
  if (now.getTime() - lastSeenAt.getTime() > sessionTouchMs) {
    await db.orm
      .update(session)
      .set({ lastSeenAt: now, expiresAt: new Date(now.getTime() + sessionIdleMs) })
      .where(and(eq(session.tokenSha256, tokenSha256), lt(session.lastSeenAt, now)));
  }
  return { person: found, csrfToken, tokenSha256 };
}

export async function endSession(db: Database, tokenSha256: string, now: Date): Promise<void> {
  await db.orm
    .update(session)
    .set({ endedAt: now })
    .where(and(eq(session.tokenSha256, tokenSha256), isNull(session.endedAt)));
}

export async function listPeople(db: Database): Promise<PersonRow[]> {
  const rows = await db.orm
    .select({
      ...personColumns,
      createdAt: person.createdAt,
      disabledAt: person.disabledAt,
      hasPassword: sql<boolean>`${person.passwordHash} is not null`,
      lastSeenAt: sql<
        string | null
      >`(select max(${session.lastSeenAt}) from ${session} where ${session.personId} = ${person.id})`,
    })
    .from(person)
    .orderBy(person.createdAt);
  return rows.map((row) => ({ ...row, lastSeenAt: row.lastSeenAt ? new Date(row.lastSeenAt) : null }));
}

/** Disables or enables a person; disabling ends their sessions and links at once. */
export async function setPersonDisabled(
  db: Database,
  personId: string,
  disabled: boolean,
  now: Date,
): Promise<boolean> {
  return db.orm.transaction(async (tx) => {
    const changed = await tx
      .update(person)
      .set({ disabledAt: disabled ? now : null })
      .where(eq(person.id, personId))
      .returning({ id: person.id });
    if (disabled) {
      await tx
        .update(session)
        .set({ endedAt: now })
        .where(and(eq(session.personId, personId), isNull(session.endedAt)));
      await tx.delete(signInLink).where(and(eq(signInLink.personId, personId), isNull(signInLink.usedAt)));
    }
    return changed.length === 1;
  });
}

/** While no one has set a password yet: the first administrator with a fresh one-time link; else null. */
export async function ensureFirstAdmin(db: Database, now: Date): Promise<{ token: string } | null> {
  return db.orm.transaction(async (tx) => {
    // Two starts at once must not make two administrators.
    await tx.execute(sql`select pg_advisory_xact_lock(4851002)`);
    const people = await tx
      .select({ id: person.id, role: person.role, passwordHash: person.passwordHash })
      .from(person)
      .orderBy(person.createdAt);
    if (people.some((row) => row.passwordHash !== null)) return null;
    let id = people.find((row) => row.role === "admin")?.id;
    if (!id) {
      id = `person-${newToken(9)}`;
      await tx.insert(person).values({
        id,
        email: "admin@localhost",
        name: "Administrator",
        role: "admin",
        centreIds: null,
        createdAt: now,
      });
    }
    const token = newToken(32);
    await tx.delete(signInLink).where(and(eq(signInLink.personId, id), isNull(signInLink.usedAt)));
    await tx.insert(signInLink).values({
      tokenSha256: sha256Hex(token),
      personId: id,
      createdAt: now,
      expiresAt: new Date(now.getTime() + linkLifeMs),
    });
    return { token };
  });
}

export type NewApiToken = { name: string; role: Role; centreIds: string[] | null; expiresAt: Date | null };
export type ApiClient = { id: string; name: string; role: Role; centreIds: string[] | null };

/** @returns the plain token `hs_…`, shown once; only its SHA-256 is kept. */
export async function createApiToken(
  db: Database,
  input: NewApiToken,
  now: Date = new Date(),
): Promise<{ id: string; token: string }> {
  const token = `hs_${newToken(32)}`;
  const id = `token-${newToken(9)}`;
  await db.orm.insert(apiToken).values({ ...input, id, tokenSha256: sha256Hex(token), createdAt: now });
  return { id, token };
}

/** Whose token this is; undefined when it is unknown, revoked or expired. */
export async function authenticateApiToken(
  db: Database,
  token: string,
  now: Date = new Date(),
): Promise<ApiClient | undefined> {
  if (!token.startsWith("hs_")) return undefined;
  const tokenSha256 = sha256Hex(token);
  const [row] = await db.orm
    .select({
      id: apiToken.id,
      name: apiToken.name,
      role: apiToken.role,
      centreIds: apiToken.centreIds,
      lastUsedAt: apiToken.lastUsedAt,
    })
    .from(apiToken)
    .where(
      and(
        eq(apiToken.tokenSha256, tokenSha256),
        isNull(apiToken.revokedAt),
        or(isNull(apiToken.expiresAt), gt(apiToken.expiresAt, now)),
      ),
    );
  if (!row) return undefined;
  const { lastUsedAt, ...client } = row;
  if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() > 60_000) {
    await db.orm.update(apiToken).set({ lastUsedAt: now }).where(eq(apiToken.id, row.id));
  }
  return client;
}

export async function revokeApiToken(db: Database, id: string, now: Date): Promise<boolean> {
  const changed = await db.orm
    .update(apiToken)
    .set({ revokedAt: now })
    .where(and(eq(apiToken.id, id), isNull(apiToken.revokedAt)))
    .returning({ id: apiToken.id });
  return changed.length === 1;
}

/** Writes one line of the audit log. Never put a secret into `detail`. */
export async function audit(
  db: Database,
  entry: { actor: string; action: string; subject: string; detail?: Record<string, unknown> },
  now: Date,
): Promise<void> {
  await db.orm.insert(auditLog).values({ at: now, detail: {}, ...entry });
}
