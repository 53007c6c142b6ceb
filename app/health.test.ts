import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "#db/client.ts";
import { openDatabase } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import { createApiToken } from "#db/queries/people.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { healthRoutes } from "./health.ts";

let clone: Awaited<ReturnType<typeof cloneDatabase>>;
const servers: Server[] = [];
let url: string;
let missing: Record<string, string> = {};
const tokens: Record<string, string> = {};

async function serve(db: Database, open: boolean): Promise<string> {
  const app = express();
  const deps = {
    db,
    env: parseEnv({ NODE_ENV: "test" }),
    log: pino({ level: "silent" }),
    clock: Date.now,
    metrics: new Registry(),
    readiness: () => missing,
  };
  healthRoutes(app, deps, { open });
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  clone = await cloneDatabase();
  url = await serve(clone.db, false);
  for (const role of ["operator", "admin", "sustainability"] as const)
    tokens[role] = (await createApiToken(clone.db, { name: role, role, centreIds: null, expiresAt: null })).token;
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await clone.drop();
});

const asked = async (headers: Record<string, string> = {}, at = url) =>
  (await fetch(`${at}/metrics`, { headers })).status;

it("gives metrics by an operator's token only, also to this machine: a proxy on it may name nobody", async () => {
  expect(await asked()).toBe(401);
  expect(await asked({ "x-forwarded-for": "203.0.113.7" })).toBe(401);
  expect(await asked({ authorization: "Bearer hs_wrong" })).toBe(401);
  expect(await asked({ authorization: `Bearer ${tokens.sustainability}` })).toBe(403);
  expect(await asked({ authorization: `Bearer ${tokens.operator}` })).toBe(200);
  expect(await asked({ authorization: `Bearer ${tokens.admin}` })).toBe(200);
  const scoped = { name: "scoped", role: "operator" as const, centreIds: ["qinghai"], expiresAt: null };
  const { token } = await createApiToken(clone.db, scoped);
  expect(await asked({ authorization: `Bearer ${token}` })).toBe(403);
  expect(await asked({}, await serve(clone.db, true))).toBe(200);
});

it("names the part that is not ready", async () => {
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  missing = { ledger: "catching up" };
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.json()]).toEqual([503, { status: "not ready", missing }]);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
});

it("answers within 2 s and names the database, whether it is gone or hangs", async () => {
  missing = { indexer: "the database cannot be reached" };
  const gone = openDatabase({ url: "postgres://hs@127.0.0.1:1/hs", applicationName: "hs-test" });
  const hanging = { sql: () => new Promise(() => {}), orm: { select: () => new Promise(() => {}) } };
  for (const [db, what] of [
    [gone, "does not answer"],
    [hanging as unknown as Database, "does not answer within 1.5 s"],
  ] as const) {
    const at = await serve(db, false);
    const begun = performance.now();
    const answers = await Promise.all([1, 2].map(() => fetch(`${at}/readyz`)));
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      const body = (await answer.json()) as { missing: Record<string, string> };
      expect(Object.entries(body.missing)).toEqual([["database", what], ...Object.entries(missing)]);
    }
    expect(performance.now() - begun).toBeLessThan(2_000);
  }
  await gone.close();
});

it("answers 503 and not 401 while tokens cannot be looked up", async () => {
  const gone = openDatabase({ url: "postgres://hs@127.0.0.1:1/hs", applicationName: "hs-test" });
  expect(await asked({ authorization: `Bearer ${tokens.operator}` }, await serve(gone, false))).toBe(503);
  await gone.close();
});
