import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import express from "express";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import { createApiToken } from "#db/queries/people.ts";
import { auditLog, type Role, roles } from "#db/schema/people.ts";
import { decision, job as jobTable, placement } from "#db/schema/work.ts";
import { decide } from "#scheduler/placement/decide.ts";
import { centreInputs, decisionInputs } from "#scheduler/placement/inputs.fixture.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { may } from "../auth/permissions.ts";
import type { ErrorCode } from "./errors.ts";
import type { ApiRoute } from "./route.ts";
import { apiRouter } from "./router.ts";
import { apiRoutes } from "./routes/index.ts";
import { type ApiServer, type CallOptions, type Seeded, seedFleet, startApi } from "./testing.ts";

const nowMs = Date.UTC(2026, 10, 24, 6, 20, 30);
const hour = 3_600_000;
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let api: ApiServer;
let seeded: Seeded;
let reportId: string;

const job = { name: "story", gpus: 4, durationS: 60, deadlineInS: 7_200, policy: "fastest", residency: ["CN"] };
const report = { centreIds: ["qinghai", "guangzhou"], from: "2026-11-22", to: "2026-11-24", timeZone: "Asia/Shanghai" };
type Failure = {
  error: { code: ErrorCode; message: string; requestId: string; details?: { path: string }[]; reason?: string };
};
const fail = (answer: { body: never }) => (answer.body as Failure).error;

beforeAll(async () => {
  clone = await cloneDatabase();
  seeded = await seedFleet(clone.db, nowMs, 72);
  api = await startApi(clone.db, nowMs);
  const made = await api.call("/reports", { as: "sustainability", body: report });
  expect(made.status, made.text).toBe(201);
  reportId = (made.body as { report: { id: string } }).report.id;
});
afterAll(async () => {
  await api?.stop();
  await clone?.drop();
});

/** A request that a permitted client may make of each route. */
function requestOf(route: ApiRoute): { path: string; options: CallOptions } {
  const ids: Record<string, string | number> = {
    centres: "qinghai",
    readings: route.path.startsWith("/points") ? seeded.pointId : "qinghai",
    jobs: seeded.jobId,
    settlements: seeded.settlementId,
    reports: reportId,
    alarms: seeded.alarmId,
  };
  const path = route.path.replace("{id}", String(ids[route.tag]));
  const body = route.body ? (route.tag === "reports" ? report : job) : undefined;
  return { path, options: { method: route.method.toUpperCase(), ...(body && { body }) } };
}

describe("roles and routes", () => {
  const cases = apiRoutes
    .filter((route) => route.permission !== null)
    .flatMap((route) => roles.map((role) => ({ name: `${route.method} ${route.path} as ${role}`, route, role })));

  it.each(cases)("$name", async ({ route, role }: { route: ApiRoute; role: Role }) => {
    const { path, options } = requestOf(route);
    const answer = await api.call(path, { ...options, as: role });
    if (!may(role, route.permission!)) {
      expect(answer.status).toBe(403);
      expect(fail(answer)).toMatchObject({ code: "FORBIDDEN" });
      expect(fail(answer).message).toContain(role);
      return;
    }
    // Two operators cannot both take on one alarm, nor cancel one job twice.
    const once = route.path.endsWith("acknowledge") || route.permission === "job.cancel";
    expect([...Object.keys(route.answers).map(Number), ...(once ? [404, 409] : [])], answer.text).toContain(
      answer.status,
    );
    const { schema } = route.answers[answer.status] ?? {};
    if (schema) expect(() => schema.parse(answer.body)).not.toThrow();
  });

  it("answers strangers, wrong tokens and cookies with 401 on every route", async () => {
    for (const route of apiRoutes.filter(({ permission }) => permission !== null)) {
      const { path, options } = requestOf(route);
      const cookie = await api.call(path, { ...options, headers: { cookie: "hs_session=abc" } });
      expect(cookie.status, route.path).toBe(401);
      expect(fail(cookie).message).toMatch(/Cookies are not accepted/);
      const wrong = await api.call(path, { ...options, headers: { authorization: "Bearer hs_wrong" } });
      expect(wrong.status, route.path).toBe(401);
      expect(wrong.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
  });
});

describe("centre scope", () => {
  it("shows a token its own centres only", async () => {
    const list = await api.call("/centres", { as: "qinghai" });
    expect((list.body as { centres: { id: string }[] }).centres.map(({ id }) => id)).toEqual(["qinghai"]);
    for (const path of [
      "/centres/xinjiang",
      "/centres/xinjiang/kpis",
      "/centres/xinjiang/readings/latest",
      `/settlements/${seeded.settlementId}`,
      `/reports/${reportId}`,
      `/reports/${reportId}.csv`,
    ])
      expect((await api.call(path, { as: "qinghai" })).status, path).toBe(404);
    expect((await api.call(`/points/${seeded.pointId}/readings`, { as: "qinghai" })).status).toBe(200);
    expect((await api.call(`/points/${seeded.pointId}/readings`, { as: "nowhere" })).status).toBe(404);
    const settlements = await api.call("/settlements", { as: "qinghai" });
    expect(settlements.body).toMatchObject({ settlements: [], nextCursor: null });
    const foreign = await api.call("/reports", { as: "qinghai", body: report });
    expect(foreign.status).toBe(404);
    expect(fail(foreign)).toMatchObject({ reason: "unknownCentre" });
  });

  it("takes a token without centres for one that sees nothing", async () => {
    for (const [path, key] of [
      ["/centres", "centres"],
      ["/jobs", "jobs"],
      ["/settlements", "settlements"],
      ["/reports", "reports"],
      ["/alarms", "alarms"],
    ] as const)
      expect((await api.call(path, { as: "nowhere" })).body, path).toEqual({ [key]: [], nextCursor: null });
  });
});

describe("what was asked", () => {
  it("refuses unknown keys, wrong values and broken bodies with the place and a hint", async () => {
    const unknown = await api.call("/jobs", { as: "scheduling", body: { ...job, surprise: true } });
    expect(unknown.status).toBe(400);
    expect(fail(unknown).message).toMatch(/body: unknown key "surprise"/);
    expect(unknown.headers.get("x-request-id")).toBe(fail(unknown).requestId);
    const query = await api.call("/jobs?colour=green", { as: "operator" });
    expect(fail(query)).toMatchObject({
      code: "INVALID_QUERY",
      details: [{ path: "query", message: 'unknown key "colour"' }],
    });
    expect(fail(await api.call("/jobs?limit=0", { as: "operator" })).details?.[0]?.path).toBe("query.limit");
    expect(fail(await api.call("/jobs?cursor=abc", { as: "operator" })).code).toBe("INVALID_QUERY");
    for (const [path, place] of [
      ["/jobs", { t: 8.64e15, id: "job-1" }],
      ["/jobs", { t: 0, id: "a\u0000b" }],
      ["/reports", { t: 8.64e15, id: "report-1" }],
      ["/reports", { t: 0, id: "\u0000" }],
      ["/settlements", { t: 0, id: "\u0000", offset: 0 }],
      [`/points/${seeded.pointId}/readings`, { t: "0000-01-01T00:00:00.000000Z" }],
    ] as const) {
      const cursor = Buffer.from(JSON.stringify(place)).toString("base64url");
      const answer = await api.call(`${path}?cursor=${cursor}`, { as: "admin" });
      expect([answer.status, fail(answer).code], `${path} ${JSON.stringify(place)}`).toEqual([400, "INVALID_QUERY"]);
    }
    expect(fail(await api.call("/jobs", { as: "scheduling", body: "{" })).code).toBe("MALFORMED_JSON");
    expect(fail(await api.call("/jobs", { as: "scheduling", body: { ...job, name: "a\u0000b" } })).code).toBe(
      "INVALID_BODY",
    );
    const half = JSON.stringify({ ...job, workload: { kind: "hash-chain", seed: "\ud800" } });
    expect(fail(await api.call("/jobs", { as: "scheduling", body: half })).code).toBe("INVALID_BODY");
    const text = await api.call("/jobs", {
      as: "scheduling",
      method: "POST",
      body: "x",
      headers: { "content-type": "text/plain" },
    });
    expect(text.status).toBe(415);
    expect((await api.call("/jobs", { as: "scheduling", body: { ...job, name: "x".repeat(3_000_000) } })).status).toBe(
      413,
    );
    expect(
      fail(await api.call("/centres/qinghai/kpis?from=2026-11-25&to=2026-11-24", { as: "operator" })).message,
    ).toMatch(/before/);
    expect(fail(await api.call("/centres/qinghai/kpis?from=2026-11-24T00:00:00", { as: "operator" })).message).toMatch(
      /offset/,
    );
  });

  it("answers JSON for what is not there, and leaves other addresses to the pages", async () => {
    const nothing = await fetch(`${api.url}/api/v2/centres`);
    expect([nothing.status, ((await nothing.json()) as Failure).error.code]).toEqual([404, "NOT_FOUND"]);
    const method = await api.call("/centres", { as: "operator", method: "PUT" });
    expect([method.status, method.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await (await fetch(`${api.url}/apiary`)).text()).toBe("a page");
    expect(
      (await fetch(`${api.url}/api/v1/jobs/%E0%A4%A`, { headers: { authorization: `Bearer ${api.tokens.operator}` } }))
        .status,
    ).toBe(400);
  });

  it("gives the rule that refuses a job or a report", async () => {
    const nowhere = await api.call("/jobs", { as: "scheduling", body: { ...job, residency: ["EU"] } });
    expect([nowhere.status, fail(nowhere).reason]).toEqual([422, "unknownResidency"]);
    const future = await api.call("/reports", {
      as: "governance",
      body: { ...report, from: "2027-01-01", to: "2027-02-01" },
    });
    expect([future.status, fail(future).reason]).toEqual([422, "periodInFuture"]);
    const empty = await api.call("/reports", {
      as: "governance",
      body: { ...report, from: "2026-01-01", to: "2026-02-01" },
    });
    expect([empty.status, fail(empty).reason]).toEqual([422, "noData"]);
    const long = await api.call("/reports", { as: "governance", body: { ...report, from: "2024-01-01" } });
    expect([long.status, fail(long).reason]).toEqual([422, "periodTooLong"]);
  });
});

describe("jobs", () => {
  it("submits once per key, tells who did it, and cancels once", async () => {
    const post = (as: Role, key: string) => api.call("/jobs", { as, body: job, headers: { "idempotency-key": key } });
    const first = await post("scheduling", "key-1");
    const again = await post("scheduling", "key-1");
    expect([first.status, again.status]).toEqual([201, 200]);
    const { id } = (first.body as { job: { id: string } }).job;
    expect(again.body).toEqual(first.body);
    expect(first.headers.get("location")).toBe(`/api/v1/jobs/${id}`);
    // A key is its submitter's own, and stands for one request.
    const others = await post("admin", "key-1");
    expect([others.status, (others.body as { job: { id: string } }).job.id === id]).toEqual([201, false]);
    const changed = await api.call("/jobs", {
      as: "scheduling",
      body: { ...job, gpus: 2 },
      headers: { "idempotency-key": "key-1" },
    });
    expect([changed.status, fail(changed).code, fail(changed).reason]).toEqual([
      409,
      "IDEMPOTENCY_CONFLICT",
      "idempotencyConflict",
    ]);
    expect(fail(changed).message).toContain(id);
    const log = await clone.db.orm.select().from(auditLog);
    expect(log.filter((row) => row.subject === `job/${id}`).map(({ action }) => action)).toEqual(["job.submit"]);
    const cancelled = await api.call(`/jobs/${id}`, { as: "scheduling", method: "DELETE" });
    expect(cancelled.body).toMatchObject({ job: { id, status: "cancelled" } });
    expect(fail(await api.call(`/jobs/${id}/cancel`, { as: "scheduling", method: "POST" })).code).toBe("JOB_ENDED");
  });

  it("pages through all jobs without loss or repetition, also within one millisecond", async () => {
    for (let index = 0; index < 7; index++)
      await api.call("/jobs", { as: "scheduling", body: { ...job, name: `page ${index}` } });
    const whole = ((await api.call("/jobs", { as: "operator" })).body as { jobs: { id: string }[] }).jobs.map(
      ({ id }) => id,
    );
    const pages: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const answer = await api.call(`/jobs?limit=2${cursor && `&cursor=${cursor}`}`, { as: "operator" });
      const body = answer.body as { jobs: { id: string }[]; nextCursor: string | null };
      pages.push(...body.jobs.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(pages).toEqual(whole);
    expect(new Set(pages).size).toBe(pages.length);
  });

  it("shows a token of some centres nothing of the others, and lets its jobs run at its own only", async () => {
    const { token, id: tokenId } = await createApiToken(clone.db, {
      name: "qinghai",
      role: "scheduling",
      centreIds: ["qinghai"],
      expiresAt: null,
    });
    const headers = { authorization: `Bearer ${token}` };
    const inputs = decisionInputs(
      ["guangzhou", "qinghai", "xinjiang"].map((id, at) => centreInputs(id, [450, 150, 600][at]!, 50)),
      { job: { id: "job-00000002" } },
    );
    const [made] = await clone.db.orm
      .insert(decision)
      .values({ jobId: "job-00000002", decidedAt: new Date(nowMs), inputs, outcome: decide(inputs) })
      .returning({ id: decision.id });
    await clone.db.orm.insert(placement).values({
      jobId: "job-00000002",
      decisionId: made!.id,
      centreId: "xinjiang",
      plannedStartAt: new Date(nowMs),
      plannedEndAt: new Date(nowMs + hour),
      status: "released",
      createdAt: new Date(nowMs),
    });
    const whole = await api.call("/jobs/job-00000002", { as: "operator" });
    expect(whole.text).toMatch(/guangzhou.*xinjiang|xinjiang.*guangzhou/);
    const seen = await api.call("/jobs/job-00000002", { headers });
    expect(seen.status).toBe(200);
    expect(seen.text).not.toMatch(/guangzhou|xinjiang/);
    const { decision: shown, placements } = seen.body as Record<string, never> & {
      decision: { outcome: { chosen: { centreId: string }; centres: { centreId: string }[]; alternatives: unknown[] } };
      placements: unknown[];
    };
    expect(shown.outcome.chosen.centreId).toBe("qinghai");
    expect(shown.outcome.centres.map(({ centreId }) => centreId)).toEqual(["qinghai"]);
    expect(shown.outcome.alternatives.length).toBeGreaterThan(0);
    expect(placements).toHaveLength(1);
    // Planned at xinjiang once and given up: that shows it to nobody of xinjiang, nor does a run elsewhere.
    expect((await api.call("/jobs/job-00000001", { headers })).status).toBe(404);

    const own = await api.call("/jobs", { headers, body: job });
    expect(own.status).toBe(201);
    const ownId = (own.body as { job: { id: string } }).job.id;
    const [row] = await clone.db.orm.select().from(jobTable).where(eq(jobTable.id, ownId));
    expect(row).toMatchObject({ submittedBy: tokenId, allowedCentreIds: ["qinghai"] });
    const quotes = await api.call("/jobs/quote", { headers, body: job });
    expect((quotes.body as { quotes: { centreId: string }[] }).quotes.map(({ centreId }) => centreId)).toEqual([
      "qinghai",
    ]);
  });

  it("quotes in exact wei", async () => {
    const { body } = await api.call("/jobs/quote", { as: "scheduling", body: { ...job, durationS: 3_600 } });
    expect((body as { quotes: { amountWei: string }[] }).quotes[0]?.amountWei).toBe("6000000000000000000");
  });
});

describe("figures", () => {
  type Kpis = {
    kpis: {
      from: string;
      to: string;
      hours: number;
      pue: number | null;
      facilityMilliWh: number | null;
      itMilliWh: number | null;
      mix: Record<string, number> | null;
      notComputable: { hours: number; devices: { deviceId: string }[] }[];
      coverage: number;
    }[];
    nextCursor: string | null;
  };
  const kpis = async (query: string) =>
    (await api.call(`/centres/xinjiang/kpis?${query}`, { as: "governance" })).body as Kpis;

  it("gives PUE as a ratio of sums, and names the silent meter where there is none", async () => {
    const { kpis: hours } = await kpis("resolution=hour");
    // The last 24 h begin inside an hour: 25 ledger hours, the newest of which is not derived yet.
    expect(hours).toHaveLength(25);
    const known = hours.filter(({ pue }) => pue !== null);
    expect(known).toHaveLength(22);
    const silent = hours.filter(({ notComputable }) => notComputable[0]?.devices[0]?.deviceId === "xj-wind-04");
    expect(silent.map(({ pue, facilityMilliWh }) => [pue, facilityMilliWh])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(hours.at(-1)).toMatchObject({ pue: null, coverage: 0, notComputable: [{ hours: 1, devices: [] }] });
    const [total] = (await kpis("resolution=total")).kpis;
    const sum = (key: "facilityMilliWh" | "itMilliWh") => known.reduce((all, row) => all + row[key]!, 0);
    expect(total!.pue).toBeCloseTo(sum("facilityMilliWh") / sum("itMilliWh"), 6);
    expect(Object.values(total!.mix!).reduce((a, b) => a + b)).toBe(total!.facilityMilliWh);
  });

  it("cuts days in the zone that is asked for, and pages", async () => {
    const range = "from=2026-11-22&to=2026-11-24";
    const shanghai = await kpis(`resolution=day&${range}`);
    expect(shanghai.kpis.map(({ from, hours }) => [from, hours])).toEqual([
      ["2026-11-21T16:00:00.000Z", 24],
      ["2026-11-22T16:00:00.000Z", 24],
    ]);
    const utc = await kpis(`resolution=day&${range}&timeZone=UTC`);
    expect(utc.kpis.map(({ from }) => from)).toEqual(["2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"]);
    const first = await kpis(`resolution=hour&limit=30&${range}`);
    const second = await kpis(`resolution=hour&limit=30&${range}&cursor=${first.nextCursor}`);
    expect([first.kpis.length, second.kpis.length, second.nextCursor]).toEqual([30, 18, null]);
    expect(second.kpis[0]?.from).toBe(first.kpis.at(-1)?.to);
  });

  it("gives readings with microseconds, page by page, found by way of the latest", async () => {
    const latest = await api.call("/centres/qinghai/readings/latest", { as: "operator" });
    const [found] = (latest.body as { readings: { pointId: number; value: number; time: string; quality: string }[] })
      .readings;
    expect(found).toMatchObject({ pointId: seeded.pointId, value: 5_000_029, quality: "good" });
    expect(found!.time).toMatch(/\.\d{3}123Z$/);
    const path = `/points/${found!.pointId}/readings?limit=20`;
    type Page = { readings: { time: string; value: number }[]; nextCursor: string | null };
    const first = (await api.call(path, { as: "operator" })).body as Page;
    const second = (await api.call(`${path}&cursor=${first.nextCursor}`, { as: "operator" })).body as Page;
    expect([...first.readings, ...second.readings].map(({ value }) => value)).toEqual(
      Array.from({ length: 30 }, (_, i) => 5e6 + i),
    );
    expect(second.nextCursor).toBeNull();
  });

  it("gives wei as decimal text and never the salt", async () => {
    const { body, text } = await api.call(`/settlements/${seeded.settlementId}`, { as: "governance" });
    expect(body).toMatchObject({
      settlement: { amountWei: "24000000000000000001", paidWei: "22800000000000000001", treasuryWei: "0" },
    });
    expect(text).not.toContain("0xsalt");
  });
});

describe("reports", () => {
  it("is frozen: the JSON file has the hash that was promised, and is not sent twice", async () => {
    const file = await api.call(`/reports/${reportId}.json`, { as: "governance" });
    const { createHash } = await import("node:crypto");
    const one = (await api.call(`/reports/${reportId}`, { as: "governance" })).body as {
      report: { contentSha256: string; content: unknown };
    };
    expect(createHash("sha256").update(file.text).digest("hex")).toBe(one.report.contentSha256);
    expect(one.report.content).toEqual(file.body);
    expect(file.headers.get("content-disposition")).toMatch(new RegExp(`^attachment; filename="${reportId}_`));
    const etag = file.headers.get("etag")!;
    const second = await api.call(`/reports/${reportId}.json`, {
      as: "governance",
      headers: { "if-none-match": etag },
    });
    expect([second.status, second.text]).toEqual([304, ""]);
    expect((await api.call("/reports", { as: "governance" })).headers.get("cache-control")).toBe("no-store");
    await expect(clone.db.sql`update report set content = '{}'::jsonb where id = ${reportId}`).rejects.toThrow(
      /frozen/,
    );
    await expect(clone.db.sql`delete from report where id = ${reportId}`).rejects.toThrow(/append-only/);
  });

  it("takes instants inside an hour and says so in the report; jobs and the mark of the simulator stand in it", async () => {
    const made = await api.call("/reports", {
      as: "sustainability",
      body: {
        centreIds: ["guangzhou", "qinghai", "xinjiang"],
        from: new Date(nowMs - 24 * hour).toISOString(),
        to: new Date(Math.ceil(nowMs / hour) * hour).toISOString(),
        timeZone: "Asia/Shanghai",
      },
    });
    expect(made.status).toBe(201);
    const { content } = (
      made.body as {
        report: {
          content: { simulated: boolean; warnings: { code: string }[]; jobs: { parts: { jobName: string }[] } };
        };
      }
    ).report;
    expect(content.simulated).toBe(true);
    expect(content.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["SIMULATED", "PERIOD_WIDENED", "HOURS_NOT_COMPUTABLE"]),
    );
    expect(content.jobs.parts.map(({ jobName }) => jobName)).toContain("Protein folding, batch 7");
  });
});

describe("failures", () => {
  it("of the database are 503 with a time to come again, also where drizzle has wrapped them", async () => {
    const gone = openDatabase({ url: "postgres://hs@127.0.0.1:1/hs", applicationName: "hs-test" });
    const app = express();
    const metrics = new Registry();
    const env = parseEnv({ NODE_ENV: "test" });
    app.use(apiRouter({ db: gone, env, log: pino({ level: "silent" }), clock: () => nowMs, metrics }));
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const begun = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/jobs`, {
      headers: { authorization: `Bearer ${api.tokens.operator}` },
    });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(((await answer.json()) as Failure).error.code).toBe("NOT_AVAILABLE");
    expect(performance.now() - begun).toBeLessThan(2_000);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await gone.close();
  });

  it("close the door to wrong tokens for a while, and not to right ones behind the same address", async () => {
    const strict = await startApi(clone.db, nowMs, { perAddress: 3, perToken: 2, windowMs: 60_000 });
    try {
      const wrong = () => strict.call("/centres", { headers: { authorization: "Bearer hs_wrong" } });
      expect([(await wrong()).status, (await wrong()).status, (await wrong()).status]).toEqual([401, 401, 401]);
      const closed = await wrong();
      expect([closed.status, Number(closed.headers.get("retry-after")) > 0]).toEqual([429, true]);
      expect((await strict.call("/centres", { as: "operator" })).status).toBe(200);
      expect((await strict.call("/jobs?x=1", { as: "operator" })).status).toBe(400);
      expect((await strict.call("/jobs?x=1", { as: "operator" })).status).toBe(400);
      expect((await strict.call("/jobs", { as: "operator" })).status).toBe(429);
      expect((await strict.call("/jobs", { as: "admin" })).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  it("are counted by route pattern, method and status", async () => {
    const text = await api.metrics.metrics();
    expect(text).toMatch(/hs_http_requests_total\{method="GET",route="\/api\/v1\/centres\/:id",status="200"\} \d+/);
    expect(text).toMatch(/hs_http_requests_total\{method="POST",route="\/api\/v1\/jobs",status="403"\} \d+/);
    const paths = new Set([...text.matchAll(/route="([^"]+)"/g)].map(([, route]) => route));
    expect([...paths].filter((route) => !/^\/api\/(\*|v1\/[a-z:._/]+)$|^unmatched$/.test(route!))).toEqual([]);
  });
});
