import { afterAll, beforeAll, expect, it } from "vitest";
import { seedFleet } from "#app/api/testing.ts";
import { authenticateApiToken, listPeople } from "#db/queries/people.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { hs } from "#test/support/hs.ts";

let clone: Awaited<ReturnType<typeof cloneDatabase>>;
beforeAll(async () => {
  clone = await cloneDatabase();
  await seedFleet(clone.db, Date.UTC(2026, 10, 24), 1, []);
});
afterAll(() => clone?.drop());

const run = (...args: string[]) =>
  hs(args, { DATABASE_URL: clone.url }).then(
    (out) => ({ code: 0, out, error: "" }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, out: "", error: stderr.trim() }),
  );

it("gives tokens and invites people at centres that there are; one line says what is wrong, and nothing is made", async () => {
  const made = await run("token", "create", "--role", "operator", "--centres", "qinghai,xinjiang", "--days", "3650");
  expect(await authenticateApiToken(clone.db, made.out)).toMatchObject({ centreIds: ["qinghai", "xinjiang"] });
  const invite = (email: string, centres: string) =>
    run("person", "invite", "--role", "operator", "--name", "Mei", "--email", email, "--centres", centres);
  expect((await invite("Mei@Example.org", "qinghai")).out).toMatch(/\/sign-in\/link\/[\w-]{43}$/);
  expect(await invite("mei@example.org", "qinghai")).toMatchObject({
    code: 2,
    error: "hs: --email mei@example.org is taken: give another, or make that person a new link on /people",
  });
  expect(await invite("li@example.org", "qinghai,tibet")).toMatchObject({
    code: 2,
    error: "hs: --centres: there is no tibet; known are guangzhou, qinghai, xinjiang",
  });
  expect((await run("token", "create", "--role", "operator", "--centres", "tibet")).code).toBe(2);
  expect((await listPeople(clone.db)).map(({ email }) => email)).toEqual(["mei@example.org"]);
}, 60_000);
