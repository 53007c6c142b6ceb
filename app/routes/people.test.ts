import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "#db/client.ts";
import { authenticateApiToken, findSignInLink, listPeople } from "#db/queries/people.ts";
import { auditLog, session, signInLink } from "#db/schema/people.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { answerOf, loadContext, type SignedIn, signedIn } from "#test/support/signed-in.ts";
import { seedFleet } from "../api/testing.ts";
import type { PeopleAnswer } from "../presenters/people-actions.server.ts";
import * as people from "./people.tsx";

const nowMs = Date.UTC(2026, 10, 23, 10, 20);
const now = new Date(nowMs);
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let admin: SignedIn;
let operator: SignedIn;

beforeAll(async () => {
  clone = await cloneDatabase();
  db = clone.db;
  await seedFleet(db, nowMs, 1, []);
  admin = await signedIn(db, "admin", nowMs);
  operator = await signedIn(db, "operator", nowMs);
});
afterAll(() => clone?.drop());

const act = async (who: SignedIn, fields: Record<string, string | string[]>, csrf?: string | null) => {
  const answer = await answerOf(() =>
    people.action({ request: who.post("/people", fields, csrf), context: loadContext(db, nowMs), params: {} }),
  );
  return { status: answer.status, data: answer.data as PeopleAnswer };
};
const invite = { intent: "invite", email: "Mei@Example.org", name: "Mei", role: "scheduling", centreIds: ["qinghai"] };

describe("people", () => {
  it("are for administrators alone, with the form's own token", async () => {
    const view = (who: SignedIn) =>
      answerOf(() => people.loader({ request: who.get("/people"), context: loadContext(db, nowMs), params: {} }));
    expect((await view(operator)).status).toBe(403);
    expect((await view(admin)).status).toBe(200);
    expect((await act(operator, invite)).status).toBe(403);
    expect((await act(admin, invite, null)).status).toBe(403);
    expect((await listPeople(db)).map(({ email }) => email)).not.toContain("mei@example.org");
  });

  it("are invited with a link that works and is shown once; an email is taken once", async () => {
    const { status, data } = await act(admin, invite);
    expect(status).toBe(200);
    const token = data.secret!.value.replace("http://console.test/sign-in/link/", "");
    expect(await findSignInLink(db, token, now)).toMatchObject({
      email: "mei@example.org",
      role: "scheduling",
      centreIds: ["qinghai"],
    });
    const kept = JSON.stringify([await db.orm.select().from(signInLink), await db.orm.select().from(auditLog)]);
    expect(kept).not.toContain(token);
    expect(await act(admin, invite)).toMatchObject({
      status: 409,
      data: { errors: { email: "errors.taken" }, values: { name: "Mei", centreIds: ["qinghai"] } },
    });
    expect(await act(admin, { ...invite, email: "no", name: "" })).toMatchObject({
      status: 422,
      data: { errors: { email: "errors.email", name: "errors.name" } },
    });
    expect((await act(admin, { intent: "rule the world" })).status).toBe(422);
  });

  it("are signed out, disabled and enabled; nobody disables themselves", async () => {
    const [open] = await db.orm.select().from(session).where(eq(session.personId, operator.person.id));
    expect(open?.endedAt).toBeNull();
    expect(await act(admin, { intent: "signOut", id: operator.person.id })).toMatchObject({
      data: { done: { count: 1 } },
    });
    const after = await answerOf(() =>
      people.loader({ request: operator.get("/people"), context: loadContext(db, nowMs), params: {} }),
    );
    expect(after.status).toBe(302);
    expect((await act(admin, { intent: "disable", id: operator.person.id })).status).toBe(200);
    expect((await act(admin, { intent: "link", id: operator.person.id })).status).toBe(409);
    expect((await act(admin, { intent: "enable", id: operator.person.id })).status).toBe(200);
    expect((await act(admin, { intent: "disable", id: admin.person.id })).data.errors).toEqual({ form: "errors.self" });
    expect((await act(admin, { intent: "disable", id: "person-none" })).status).toBe(409);
    expect((await db.orm.select().from(auditLog)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(["person.invite", "person.sign-out", "person.disable", "person.enable"]),
    );
  });

  it("tokens are made once, work, and stop when revoked", async () => {
    const { data } = await act(admin, { intent: "token", name: "ci", role: "scheduling", days: "30", centreIds: [] });
    const token = data.secret!.value;
    const client = await authenticateApiToken(db, token, now);
    expect(client).toMatchObject({ role: "scheduling", centreIds: null });
    expect(await authenticateApiToken(db, token, new Date(nowMs + 31 * 86_400_000))).toBeUndefined();
    expect((await act(admin, { intent: "revoke", id: client!.id })).status).toBe(200);
    expect(await authenticateApiToken(db, token, now)).toBeUndefined();
    expect((await act(admin, { intent: "revoke", id: client!.id })).status).toBe(409);
  });

  it("an administrator of some centres gives no more than they have", async () => {
    const local = await signedIn(db, "admin", nowMs, ["qinghai"]);
    const wide = { ...invite, email: "wide@example.org" };
    expect((await act(local, { ...wide, centreIds: [] })).status).toBe(422);
    expect((await act(local, { ...wide, centreIds: ["qinghai", "xinjiang"] })).status).toBe(422);
    expect((await act(local, { ...wide, centreIds: ["qinghai"] })).status).toBe(200);
    expect(await act(local, { intent: "link", id: admin.person.id })).toMatchObject({
      status: 409,
      data: { errors: { form: "errors.scope" } },
    });
    expect((await act(local, { intent: "token", name: "t", role: "admin", days: "1", centreIds: [] })).status).toBe(
      422,
    );
    expect((await act(admin, { ...wide, email: "x@example.org", centreIds: ["tibet"] })).status).toBe(422);
  });

  it("an administrator of some centres sees and revokes what lies within them alone", async () => {
    const local = await signedIn(db, "admin", nowMs, ["qinghai"]);
    const tokenOf = async (name: string, centreIds: string[]) => {
      const { data } = await act(admin, { intent: "token", name, role: "operator", days: "1", centreIds });
      return { name, id: (await authenticateApiToken(db, data.secret!.value, now))!.id };
    };
    const [whole, other, both, own] = [
      await tokenOf("of the fleet", []),
      await tokenOf("of xinjiang", ["xinjiang"]),
      await tokenOf("of two", ["qinghai", "xinjiang"]),
      await tokenOf("of qinghai", ["qinghai"]),
    ];
    await signedIn(db, "operator", nowMs, ["xinjiang"]);
    for (const { id } of [whole, other, both])
      expect(await act(local, { intent: "revoke", id })).toMatchObject({
        status: 409,
        data: { errors: { form: "errors.scope" } },
      });
    const page = async (who: SignedIn) =>
      (
        await answerOf(() =>
          people.loader({ request: who.get("/people"), context: loadContext(db, nowMs), params: {} }),
        )
      ).data as unknown as Awaited<ReturnType<typeof people.loader>>;
    expect((await act(local, { intent: "revoke", id: own.id })).status).toBe(200);
    const seen = await page(local);
    expect(seen.tokens.map(({ name }) => name)).toEqual(["of qinghai"]);
    expect(seen.people.length).toBeGreaterThan(1);
    expect(new Set(seen.people.map(({ centres }) => JSON.stringify(centres)))).toEqual(new Set(['["Qinghai"]']));
    // What the fleet's administrator did to others' tokens and people is not among it.
    expect(seen.audit.map(({ action, subject }) => [action, subject])).toEqual([
      ["token.revoke", "of qinghai"],
      ["person.invite", "Mei"],
    ]);
    const all = await page(admin);
    expect(all.tokens.map(({ name }) => name)).toEqual(expect.arrayContaining(["of the fleet", "of xinjiang"]));
    expect(all.audit.length).toBeGreaterThan(seen.audit.length);
  });
});
