import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "#db/client.ts";
import { createPerson, createSignInLink, redeemSignInLink, verifyPassword } from "#db/queries/people.ts";
import { alarm } from "#db/schema/work.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { answerOf, loadContext, signedIn } from "#test/support/signed-in.ts";
import { seedFleet } from "../api/testing.ts";
import * as acknowledge from "./alarms.$id.acknowledge.tsx";
import * as password from "./sign-in.tsx";
import * as link from "./sign-in_.link.$token.tsx";

const nowMs = Date.UTC(2026, 10, 23, 10, 20);
const now = new Date(nowMs);
const right = "correct horse battery staple";
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let personId: string;

beforeAll(async () => {
  clone = await cloneDatabase();
  db = clone.db;
  const person = await createPerson(
    db,
    { email: "mei@example.org", name: "Mei", role: "operator", centreIds: null },
    now,
  );
  personId = person.id;
  const { token } = await createSignInLink(db, personId, now);
  await redeemSignInLink(db, token, { name: "Mei", email: "mei@example.org", password: right }, now);
});
afterAll(() => clone?.drop());

const csrf = "form-token-of-a-browser";
const post = (path: string, fields: Record<string, string>) =>
  new Request(`http://console.test${path}`, {
    method: "POST",
    headers: { Cookie: `hs_form=${csrf}`, "Accept-Language": "en" },
    body: new URLSearchParams({ csrf, ...fields }),
  });
const from = (remoteAddress: string, atMs = nowMs) => ({ ...loadContext(db, atMs), remoteAddress });

describe("signing in", () => {
  const attempt = (email: string, typed: string, address: string, atMs = nowMs) =>
    answerOf(() =>
      password.action({
        request: post("/sign-in", { email, password: typed }),
        context: from(address, atMs),
        params: {},
      }),
    );

  it("counts attempts before they are looked at: forty at once are ten guesses", async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => attempt("li@example.org", `x${at}`, "a1")));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
    expect((await attempt("LI@example.org ", right, "a2")).status).toBe(429);
    expect((await attempt("li@example.org", "x", "a2", nowMs + 15 * 60_000)).status).toBe(401);
  });

  it("that succeeds is no guess: neither the name nor the address is closed by it", async () => {
    for (let round = 0; round < 60; round++)
      expect((await attempt("mei@example.org", right, "office")).status, `round ${round}`).toBe(302);
  }, 60_000);
});

describe("a one-time link", () => {
  const look = (token: string, address: string) =>
    answerOf(() =>
      link.loader({
        request: new Request(`http://console.test/sign-in/link/${token}`),
        context: from(address),
        params: { token },
      }),
    );
  const use = (token: string, address: string) =>
    answerOf(() =>
      link.action({
        request: post(`/sign-in/link/${token}`, {
          name: "Mei",
          email: "mei@example.org",
          password: "another password",
        }),
        context: from(address),
        params: { token },
      }),
    );

  it("that somebody made up costs no password's time, and closes the door after thirty", async () => {
    const begun = performance.now();
    for (let at = 0; at < 100; at++)
      expect(
        await redeemSignInLink(db, `made-up-${at}`, { name: "x", email: "x@example.org", password: right }, now),
      ).toBeUndefined();
    const linksMs = performance.now() - begun;
    const alone = performance.now();
    for (let at = 0; at < 20; at++) await verifyPassword(db, "nobody@example.org", "x");
    // A hundred look-ups against twenty passwords: hashing first would take five times as long as these.
    expect(linksMs).toBeLessThan((performance.now() - alone) * 2);

    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 ? look : use)(`made-up-${at}`, "b1")),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 410 || status === 302)).toHaveLength(30);
  });

  it("works from an address that is not closed, and looking at it is no guess", async () => {
    const { token } = await createSignInLink(db, personId, now);
    for (let round = 0; round < 40; round++) expect((await look(token, "b2")).status).toBe(200);
    expect((await use(token, "b1")).status).toBe(429);
    expect(await use(token, "b2")).toMatchObject({ status: 302, location: "/" });
    expect(await use(token, "b2")).toMatchObject({ status: 302, location: `/sign-in/link/${token}` });
    expect(await verifyPassword(db, "mei@example.org", "another password")).toMatchObject({ id: personId });
  });
});

describe("taking on an alarm", () => {
  it("that there is not is 404; one that somebody else took leads back", async () => {
    const { alarmId } = await seedFleet(db, nowMs, 1, []);
    const operator = await signedIn(db, "operator", nowMs);
    const elsewhere = await signedIn(db, "operator", nowMs, ["qinghai"]);
    const take = (who: typeof operator, id: string) =>
      answerOf(() =>
        acknowledge.action({
          request: who.post(`/alarms/${id}/acknowledge`, { back: "/centres/xinjiang" }),
          context: loadContext(db, nowMs),
          params: { id },
        }),
      );
    for (const id of ["999999", "0", "1e99", "nonsense"]) expect((await take(operator, id)).status, id).toBe(404);
    expect((await take(elsewhere, String(alarmId))).status).toBe(404);
    for (let round = 0; round < 2; round++)
      expect(await take(operator, String(alarmId))).toMatchObject({ status: 302, location: "/centres/xinjiang" });
    expect(await db.orm.select().from(alarm)).toMatchObject([{ acknowledgedBy: operator.person.id }]);
  });
});
