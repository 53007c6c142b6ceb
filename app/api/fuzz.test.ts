import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { apiRoutes } from "./routes/index.ts";
import { type ApiServer, seedFleet, startApi } from "./testing.ts";

const nowMs = Date.UTC(2026, 10, 24, 6, 20, 30);
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let api: ApiServer;
beforeAll(async () => {
  clone = await cloneDatabase();
  await seedFleet(clone.db, nowMs, 30);
  api = await startApi(clone.db, nowMs);
});
afterAll(async () => {
  await api?.stop();
  await clone?.drop();
});

/** Values that have broken parsers, databases and date libraries before. */
const values: unknown[] = [
  "\u0000",
  "\ud800",
  "a".repeat(5_000),
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "-1",
  "1e400",
  "NaN",
  "'; drop table job; --",
  "%00",
  "../../etc/passwd",
  "__proto__",
  "{{7*7}}",
  "=1+1",
  -0,
  2 ** 53,
  -1,
  1e308,
  null,
  [],
  {},
  "💥",
];
const nasty = fc.oneof(
  fc.constantFrom(...values),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const valid = {
  jobs: { name: "x", gpus: 1, durationS: 60, deadlineInS: 3_600, policy: "balanced" },
  reports: { centreIds: ["qinghai"], from: "2026-11-23", to: "2026-11-24", timeZone: "UTC" },
};
const keys = [
  "name",
  "gpus",
  "gpuClass",
  "durationS",
  "powerClass",
  "powerPerGpuW",
  "releaseAt",
  "deadlineAt",
  "deadlineInS",
  "residency",
  "budgetUsd",
  "policy",
  "priority",
  "workload",
  "idempotencyKey",
  "centreIds",
  "from",
  "to",
  "timeZone",
  "__proto__",
  "constructor",
  "toString",
];

const sane = (answer: { status: number; text: string; headers: Headers }, what: unknown) => {
  expect(answer.status, JSON.stringify({ what, answer: answer.text }).slice(0, 2_000)).toBeLessThan(500);
  if (answer.status >= 400) {
    const { error } = JSON.parse(answer.text) as { error: { code: string; message: string; requestId: string } };
    expect(error.code).toMatch(/^[A-Z_]+$/);
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.requestId).toBe(answer.headers.get("x-request-id"));
    expect(answer.text).not.toMatch(/node_modules|postgres|at .*\.ts:\d/i);
  }
};

describe("hostile input is never our failure", () => {
  const posts = apiRoutes.filter((route) => route.body);
  it.each(posts.map((route) => [route.path, route] as const))("in the body of POST %s", async (path, route) => {
    const base = route.tag === "reports" ? valid.reports : valid.jobs;
    const changed = fc
      .dictionary(fc.constantFrom(...keys), nasty, { maxKeys: 3 })
      .map((change) => JSON.stringify({ ...base, ...change }));
    const own = fc
      .string({ maxLength: 12 })
      .chain((key) =>
        nasty.map(
          (value) =>
            `{"__proto__":${JSON.stringify(value) ?? "1"},${JSON.stringify(key)}:${JSON.stringify(value) ?? "1"}}`,
        ),
      );
    const bodies = fc.oneof({ weight: 4, arbitrary: changed }, own, fc.json(), fc.string({ unit: "binary" }));
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => sane(await api.call(path, { as: "admin", method: "POST", body }), body)),
      { numRuns: 100 },
    );
  });

  it.each(posts.map((route) => [route.path, route] as const))("in each key of POST %s", async (path, route) => {
    const base = route.tag === "reports" ? valid.reports : valid.jobs;
    for (const key of keys)
      for (const value of values) {
        // By hand: an object literal would take __proto__ for itself.
        const body = `${JSON.stringify(base).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`;
        sane(await api.call(path, { as: "admin", method: "POST", body }), body.slice(0, 300));
      }
  });

  const gets = apiRoutes.filter((route) => route.method === "get" && route.permission !== null);
  it.each(gets.map((route) => [route.path, route] as const))("in the path and query of GET %s", async (path, route) => {
    const names = ["limit", "cursor", "from", "to", "resolution", "timeZone", "status", "centreId", "bom", "x"];
    const text = nasty.map((value) =>
      (typeof value === "string" ? value.toWellFormed() : (JSON.stringify(value) ?? "")).slice(0, 2_000),
    );
    // A cursor of a list's own form with a place that is none.
    const places = (value: unknown) => [
      { t: value },
      { id: value },
      { t: value, id: "x" },
      { t: 0, id: value, offset: 0 },
    ];
    const cursor = fc.tuple(fc.oneof(nasty, fc.constantFrom(8.64e15, 8.64e15 - 1)), fc.nat(3)).map(([value, at]) =>
      Buffer.from(JSON.stringify(places(value)[at]))
        .toString("base64url")
        .slice(0, 400),
    );
    const query = fc.dictionary(fc.constantFrom(...names), fc.oneof(text, cursor), { maxKeys: 3 });
    const id = route.params ? fc.oneof(fc.constant("qinghai"), fc.constant("1"), text) : fc.constant("");
    await fc.assert(
      fc.asyncProperty(query, id, async (parameters, where) => {
        const address = `${path.replace("{id}", encodeURIComponent(where))}?${new URLSearchParams(parameters)}`;
        const answer = await api.call(address, { as: "admin" });
        // A path of dots is another address altogether.
        if (answer.status !== 404 || answer.text.startsWith("{")) sane(answer, address);
      }),
      { numRuns: 60 },
    );
  });

  it("in headers", async () => {
    for (const value of [
      "",
      "Bearer",
      "Bearer ",
      "Bearer hs_",
      `Bearer ${"a".repeat(5_000)}`,
      "Basic YTpi",
      "bearer hs_a hs_b",
      "Bearer \u00e9",
    ])
      sane(await api.call("/centres", { headers: { authorization: value } }), value);
    for (const key of ["é", "a".repeat(300), "a b"])
      sane(await api.call("/jobs", { as: "admin", body: valid.jobs, headers: { "idempotency-key": key } }), key);
    const gzip = await api.call("/jobs", {
      as: "admin",
      method: "POST",
      body: "no gzip",
      headers: { "content-encoding": "gzip" },
    });
    expect(gzip.status).toBe(400);
  });
});
