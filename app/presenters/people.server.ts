import type { AppLoadContext } from "@remix-run/node";
import { centreNames } from "#db/queries/job-pages.ts";
import { listPeople, type Person } from "#db/queries/people.ts";
import { type AuditRow, auditTail, listApiTokens, liveSessions } from "#db/queries/people-admin.ts";
import { roles } from "#db/schema/people.ts";
import { isWithin } from "../auth/permissions.ts";
import type { Say } from "./fleet.server.ts";

const auditLines = 50;

/**
 * People with their sessions, API tokens and the end of the audit log. To an administrator of some centres: those who
 * have to do with these centres alone, and what they did to each other and to jobs and alarms.
 */
export async function presentPeople(context: AppLoadContext, person: Person, say: Say) {
  const { db } = context;
  const now = new Date(context.clock());
  const seen = ({ centreIds }: { centreIds: string[] | null }) => isWithin(person.centreIds, centreIds);
  const [people, tokens, sessionsOfAll, centres] = await Promise.all([
    listPeople(db).then((rows) => rows.filter(seen)),
    listApiTokens(db).then((rows) => rows.filter(seen)),
    liveSessions(db, now),
    centreNames(db),
  ]);
  const ids = new Set([...people, ...tokens].map(({ id }) => id));
  const sessions = new Map([...sessionsOfAll].filter(([id]) => ids.has(id)));
  const lines = (await auditTail(db, person.centreIds === null ? null : [...ids], auditLines)).filter(
    ({ subject }) => person.centreIds === null || !/^(person|token)[/-]/.test(subject) || ids.has(subjectId(subject)),
  );
  const names = new Map<string, string>([
    ...people.map((row): [string, string] => [row.id, row.name]),
    ...tokens.map((row): [string, string] => [row.id, row.name]),
  ]);
  const centreText = (ids: string[] | null) =>
    ids === null
      ? null
      : ids.map((id) => {
          const centre = centres.find((row) => row.id === id);
          return centre ? say.format.name(centre.name) : id;
        });
  const active = people.filter(({ disabledAt }) => disabledAt === null);
  const waiting = active.filter(({ hasPassword }) => !hasPassword);
  return {
    lead: {
      strong:
        waiting.length > 0
          ? say.t("people:lead.waiting", { count: waiting.length })
          : say.t("people:lead.good", { count: active.length }),
      rest: say.t("people:lead.rest", {
        count: [...sessions.values()].reduce((sum, number) => sum + number, 0),
        tokens: say.format.number(tokens.filter((row) => isLive(row, now)).length),
      }),
    },
    roles,
    // An administrator of some centres gives no more than they have.
    centres: centres
      .filter(({ id }) => person.centreIds === null || person.centreIds.includes(id))
      .map(({ id, name }) => ({ id, name: say.format.name(name) })),
    mayAllCentres: person.centreIds === null,
    people: people.map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      role: row.role,
      centres: centreText(row.centreIds),
      state: row.disabledAt ? ("disabled" as const) : row.hasPassword ? ("active" as const) : ("invited" as const),
      sessions: sessions.get(row.id) ?? 0,
      lastSeenAtMs: row.lastSeenAt?.getTime() ?? null,
      createdAtMs: row.createdAt.getTime(),
      self: row.id === person.id,
    })),
    tokens: tokens.map((row) => ({
      id: row.id,
      name: row.name,
      role: row.role,
      centres: centreText(row.centreIds),
      createdAtMs: row.createdAt.getTime(),
      expiresAtMs: row.expiresAt?.getTime() ?? null,
      lastUsedAtMs: row.lastUsedAt?.getTime() ?? null,
      state: row.revokedAt ? ("revoked" as const) : isLive(row, now) ? ("live" as const) : ("expired" as const),
    })),
    audit: lines.map((line) => auditLine(line, names)),
  };
}
export type PeoplePage = Awaited<ReturnType<typeof presentPeople>>;

const isLive = (row: { revokedAt: Date | null; expiresAt: Date | null }, now: Date) =>
  row.revokedAt === null && (row.expiresAt === null || row.expiresAt > now);

/** `person/person-1`, and `person-1` of a sign-in: the id. */
const subjectId = (subject: string) => /^(?:[a-z]+\/)?(.+)$/.exec(subject)?.[1] ?? "";

/** A line of the audit log with names in place of ids. */
function auditLine(line: AuditRow, names: Map<string, string>) {
  return {
    id: line.id,
    atMs: line.at.getTime(),
    actor: names.get(line.actor) ?? line.actor,
    action: line.action,
    subject: names.get(subjectId(line.subject)) ?? subjectId(line.subject),
    detail: Object.entries(line.detail).map(([name, value]) => ({
      name,
      value: typeof value === "string" ? value : JSON.stringify(value),
    })),
  };
}
