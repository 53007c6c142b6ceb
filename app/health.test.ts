import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseEnv } from "#db/config/env.ts";
import { createApiToken } from "#db/queries/people.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { healthRoutes } from "./health.ts";

let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let server: Server;
let url: string;
let missing: Record<string, string> = {};
const tokens: Record<string, string> = {};

beforeAll(async () => {
  clone = await cloneDatabase();
  const app = express();
  healthRoutes(app, {
    db: clone.db,
    env: parseEnv({ NODE_ENV: "test" }),
    log: pino({ level: "silent" }),
    clock: Date.now,
    metrics: new Registry(),
    readiness: () => missing,
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const role of ["operator", "admin", "sustainability"] as const)
    tokens[role] = (await createApiToken(clone.db, { name: role, role, centreIds: null, expiresAt: null })).token;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await clone.drop();
});

/** As a proxy on this machine passes on what came from elsewhere. */
const asked = async (headers: Record<string, string>) => (await fetch(`${url}/metrics`, { headers })).status;
const elsewhere = { "x-forwarded-for": "203.0.113.7" };

it("gives metrics to this machine, and to others by an operator's token only", async () => {
  expect(await asked({})).toBe(200);
  expect(await asked(elsewhere)).toBe(401);
  expect(await asked({ forwarded: "for=203.0.113.7" })).toBe(401);
  expect(await asked({ ...elsewhere, authorization: "Bearer hs_wrong" })).toBe(401);
  expect(await asked({ ...elsewhere, authorization: `Bearer ${tokens.sustainability}` })).toBe(403);
  expect(await asked({ ...elsewhere, authorization: `Bearer ${tokens.operator}` })).toBe(200);
  expect(await asked({ ...elsewhere, authorization: `Bearer ${tokens.admin}` })).toBe(200);
});

it("names the part that is not ready", async () => {
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  missing = { ledger: "catching up" };
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.json()]).toEqual([503, { status: "not ready", missing }]);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
});
