import type { AppLoadContext } from "@remix-run/node";
import { z } from "zod";
import { isUniqueViolation } from "#db/failure.ts";
import { centreNames } from "#db/queries/job-pages.ts";
import {
  audit,
  createApiToken,
  createPerson,
  createSignInLink,
  listPeople,
  type Person,
  revokeApiToken,
  setPersonDisabled,
} from "#db/queries/people.ts";
import { endSessionsOf, findApiToken } from "#db/queries/people-admin.ts";
import { roles } from "#db/schema/people.ts";
import { isWithin } from "../auth/permissions.ts";

const centreIds = z.array(z.string().min(1).max(64)).max(200);
const id = z.string().min(1).max(64);

/** What the administrator's forms ask for, by their `intent`. */
const requests = z.discriminatedUnion("intent", [
  z.object({
    intent: z.literal("invite"),
    email: z.string().trim().max(320).pipe(z.email()),
    name: z.string().trim().min(1).max(120),
    role: z.enum(roles),
    centreIds,
  }),
  z.object({ intent: z.literal("link"), id }),
  z.object({ intent: z.literal("disable"), id }),
  z.object({ intent: z.literal("enable"), id }),
  z.object({ intent: z.literal("signOut"), id }),
  z.object({
    intent: z.literal("token"),
    name: z.string().trim().min(1).max(120),
    role: z.enum(roles),
    centreIds,
    days: z.coerce.number().int().min(1).max(3_650),
  }),
  z.object({ intent: z.literal("revoke"), id }),
]);
export type PeopleRequest = z.infer<typeof requests>;
export type PeopleIntent = PeopleRequest["intent"];

/** What an action answers. `secret` is shown once: it is kept nowhere. */
export type PeopleAnswer = {
  intent: PeopleIntent | "unknown";
  /** Keys of texts in people.json, by field; "form" for all. */
  errors?: Record<string, string>;
  /** The form as typed. */
  values?: { name: string; email: string; role: string; days: string; centreIds: string[] };
  secret?: { kind: "link" | "token"; value: string; name: string; expiresAtMs: number | null };
  /** Something was done: the key of its text, and whom it concerned. */
  done?: { key: PeopleIntent; name: string; count?: number };
};

/** Reads one of the page's forms. */
export function parsePeopleForm(form: FormData): { request: PeopleRequest } | { answer: PeopleAnswer } {
  const text = (name: string) => String(form.get(name) ?? "").slice(0, 400);
  const chosen = form.getAll("centreIds").map(String).slice(0, 200);
  const parsed = requests.safeParse({
    ...Object.fromEntries([...form.keys()].map((key) => [key, text(key)])),
    centreIds: chosen,
  });
  if (parsed.success) return { request: parsed.data };
  const intent = text("intent");
  const known = intent === "invite" || intent === "token" ? intent : ("unknown" as const);
  return {
    answer: {
      intent: known,
      errors:
        known === "unknown"
          ? { form: "errors.form" }
          : Object.fromEntries(parsed.error.issues.map(({ path }) => [String(path[0]), `errors.${String(path[0])}`])),
      values: { name: text("name"), email: text("email"), role: text("role"), days: text("days"), centreIds: chosen },
    },
  };
}

/** Does what an administrator asked for and writes it to the audit log. Status 409 or 422: nothing was done. */
export async function actOnPeople(
  context: AppLoadContext,
  admin: Person,
  request: PeopleRequest,
  origin: string,
): Promise<{ status: number; answer: PeopleAnswer }> {
  const { db } = context;
  const now = new Date(context.clock());
  const { intent } = request;
  const record = (action: string, subject: string, detail?: Record<string, unknown>) =>
    audit(db, { actor: admin.id, action, subject, ...(detail && { detail }) }, now);
  const refuse = (status: number, errors: Record<string, string>, values?: PeopleAnswer["values"]) => ({
    status,
    answer: { intent, errors, ...(values && { values }) },
  });

  if (request.intent === "invite" || request.intent === "token") {
    const values = {
      name: request.name,
      email: request.intent === "invite" ? request.email : "",
      role: request.role,
      days: request.intent === "token" ? String(request.days) : "",
      centreIds: request.centreIds,
    };
    const known = (await centreNames(db)).map((row) => row.id);
    const scope = scopeFor(admin, request.centreIds);
    if (scope === undefined || !request.centreIds.every((centreId) => known.includes(centreId)))
      return refuse(422, { centreIds: "errors.centreIds" }, values);
    if (request.intent === "token") {
      const expiresAt = new Date(now.getTime() + request.days * 86_400_000);
      const made = await createApiToken(
        db,
        { name: request.name, role: request.role, centreIds: scope, expiresAt },
        now,
      );
      await record("token.create", `token/${made.id}`, { role: request.role, days: request.days });
      const secret = {
        kind: "token" as const,
        value: made.token,
        name: request.name,
        expiresAtMs: expiresAt.getTime(),
      };
      return { status: 200, answer: { intent, secret } };
    }
    const person = await createPerson(
      db,
      { email: request.email, name: request.name, role: request.role, centreIds: scope },
      now,
    ).catch((error: unknown) => {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    });
    if (!person) return refuse(409, { email: "errors.taken" }, values);
    await record("person.invite", `person/${person.id}`, { role: person.role });
    return { status: 200, answer: { intent, secret: await linkFor(context, person, origin, now) } };
  }

  if (request.intent === "revoke") {
    const token = await findApiToken(db, request.id);
    if (token && !isWithin(admin.centreIds, token.centreIds)) return refuse(409, { form: "errors.scope" });
    if (!token || !(await revokeApiToken(db, token.id, now))) return refuse(409, { form: "errors.gone" });
    await record("token.revoke", `token/${request.id}`);
    return { status: 200, answer: { intent, done: { key: intent, name: "" } } };
  }

  const person = (await listPeople(db)).find((row) => row.id === request.id);
  if (!person) return refuse(409, { form: "errors.gone" });
  // A link to somebody who may see more would be a way to see more.
  if (!isWithin(admin.centreIds, person.centreIds)) return refuse(409, { form: "errors.scope" });
  switch (request.intent) {
    case "link": {
      if (person.disabledAt) return refuse(409, { form: "errors.disabled" });
      await record("person.link", `person/${person.id}`);
      return { status: 200, answer: { intent, secret: await linkFor(context, person, origin, now) } };
    }
    case "signOut": {
      const count = await endSessionsOf(db, person.id, now);
      await record("person.sign-out", `person/${person.id}`, { sessions: count });
      return { status: 200, answer: { intent, done: { key: "signOut", name: person.name, count } } };
    }
    default: {
      // Whoever locks themselves out cannot let themselves in again.
      if (person.id === admin.id) return refuse(409, { form: "errors.self" });
      const disable = request.intent === "disable";
      await setPersonDisabled(db, person.id, disable, now);
      await record(disable ? "person.disable" : "person.enable", `person/${person.id}`);
      return { status: 200, answer: { intent, done: { key: request.intent, name: person.name } } };
    }
  }
}

/** The centres to give: null for all. undefined: more than the administrator has. */
function scopeFor(admin: Person, chosen: string[]): string[] | null | undefined {
  if (admin.centreIds === null) return chosen.length ? chosen : null;
  return chosen.length && isWithin(admin.centreIds, chosen) ? chosen : undefined;
}

async function linkFor(context: AppLoadContext, person: Person, origin: string, now: Date) {
  const { token, expiresAt } = await createSignInLink(context.db, person.id, now);
  const base = (context.env.PUBLIC_URL ?? origin).replace(/\/$/, "");
  return {
    kind: "link" as const,
    value: `${base}/sign-in/link/${token}`,
    name: person.name,
    expiresAtMs: expiresAt.getTime(),
  };
}
