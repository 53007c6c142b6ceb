/* The whole story, from nothing: start, sign in, watch, submit a job, see it in the meters, on chain and in the report. */

import pg from "pg";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRunning } from "#cli/data-folder.ts";
import { axeViolations, launchBrowser, openPage, type Watched } from "#test/support/browser.ts";
import {
  type ConsoleProcess,
  firstSignInLink,
  startConsole,
  temporaryFolder,
  waitUntil,
} from "#test/support/console-process.ts";
import { hs } from "#test/support/hs.ts";
import { redeemLink } from "#test/support/sign-in.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ConsoleProcess;
let browser: Browser;
let watched: Watched;
let database: pg.Client;
let token: string;

const api = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...init.headers },
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  };
};

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startConsole(folder.path);
  browser = await launchBrowser();
  watched = await openPage(browser);
  database = new pg.Client({ connectionString: (await readRunning(folder.path))!.databaseUrl });
  await database.connect();
}, 180_000);

afterAll(async () => {
  await database?.end();
  await browser?.close();
  await server?.interrupt();
  await folder?.remove();
});

const visit = async (path: string) => {
  await watched.page.goto(`${server.url}${path}`, { waitUntil: "load" });
  expect(await axeViolations(watched.page)).toEqual([]);
};

describe("the story", () => {
  it("asks a stranger to sign in, and takes the one-time link once", async () => {
    const { page } = watched;
    await visit("/");
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    const link = await firstSignInLink(folder.path);
    await visit(new URL(link).pathname);
    await redeemLink(page, link, "Lin Wei", "lin.wei@example.org");
    const again = await fetch(link, { redirect: "manual" });
    expect(again.status).toBeGreaterThanOrEqual(400);
  });

  it("shows three centres with figures that change", async () => {
    const { page } = watched;
    await visit("/");
    const main = page.locator("main");
    for (const name of ["Guangzhou", "Qinghai", "Xinjiang"]) await main.getByText(name).first().waitFor();
    await expect(main.textContent()).resolves.toMatch(/\d\s?[kM]W/);
    const before = await main.textContent();
    await waitUntil(
      async () => (await main.textContent()) !== before,
      30_000,
      "a figure that changes on the fleet page",
    );
  });

  it("shows a centre's PUE equal to E_DC/E_IT of the ledger, for every hour", async () => {
    await waitUntil(
      async () =>
        Number((await database.query("select count(*) from centre_hour where pue is not null")).rows[0].count) > 3 * 24,
      120_000,
      "three days of history in the ledger",
    );
    const { rows } = await database.query(
      `select pue, facility_milli_wh::float8 / it_milli_wh as ratio from centre_hour where pue is not null`,
    );
    for (const row of rows) expect(Math.abs(row.pue - row.ratio)).toBeLessThan(1e-9);
    for (const id of ["guangzhou", "qinghai", "xinjiang"]) await visit(`/centres/${id}`);
  });

  it("places a job from the command line at the cleanest centre, runs it, meters it, settles it and reports it", async () => {
    token = await hs(["token", "create", "--role", "scheduling"], { DATA_DIR: folder.path });
    const submitted = await api("/jobs", {
      method: "POST",
      headers: { "idempotency-key": "story-1" },
      body: JSON.stringify({
        name: "story",
        gpus: 16,
        durationS: 60,
        deadlineInS: 7_200,
        policy: "fastest",
        residency: ["CN"],
        workload: { kind: "hash-chain" },
      }),
    });
    expect(submitted).toMatchObject({ status: 201 });
    const jobId = (submitted.body.job as { id: string }).id;
    await waitUntil(async () => (await statusOf(jobId)) === "running", 60_000, "the job to run");
    const run = (await database.query("select * from job_run where job_id = $1", [jobId])).rows[0];
    expect(run.gpu_ids).toHaveLength(16);

    // The racks' feeds must draw what the job's GPUs draw: at least 16 × 300 W above what they drew before it started.
    const racks = (await database.query("select distinct rack_id from gpu where id = any($1)", [run.gpu_ids])).rows.map(
      (row) => row.rack_id,
    );
    const rackPower = async (condition: string) => {
      const { rows } = await database.query(
        `select coalesce(sum(mean), 0) as watts from (select avg(r.value) as mean from reading r join point p on p.id = r.point_id join device d on d.id = p.device_id
          where d.rack_id = any($1) and d.role = 'rack_feed' and p.quantity = 'activePower' and r.quality = 0 and ${condition} group by r.point_id) means`,
        [racks, run.started_at],
      );
      return Number(rows[0].watts);
    };
    const before = await rackPower(
      "r.time between $2::timestamptz - interval '25 seconds' and $2::timestamptz - interval '1 second'",
    );
    await waitUntil(
      async () => (await rackPower("r.time > $2::timestamptz + interval '8 seconds'")) > before + 16 * 300,
      45_000,
      `the racks' measured power above ${before} W`,
    );

    await visit(`/jobs/${jobId}`);
    await waitUntil(async () => (await statusOf(jobId)) === "succeeded", 150_000, "the job to succeed");
    const done = (await database.query("select * from job_run where job_id = $1", [jobId])).rows;
    expect(done).toHaveLength(1);
    expect(Number(done[0].it_milli_wh)).toBeGreaterThan(16 * 60 * 300 * (1_000 / 3_600));

    await waitUntil(
      async () =>
        (
          await database.query(
            "select 1 from settlement s join chain_settlement c on c.job_hash = s.job_hash where s.job_id = $1 and s.status = 'confirmed'",
            [jobId],
          )
        ).rowCount === 1,
      90_000,
      "the settlement on chain and back through the indexer",
    );
    const chain = (
      await database.query(
        "select c.*, s.id as settlement_id from settlement s join chain_settlement c on c.job_hash = s.job_hash where s.job_id = $1",
        [jobId],
      )
    ).rows[0];
    expect(BigInt(chain.paid_wei) + BigInt(chain.burned_wei)).toBe(BigInt(chain.amount_wei));
    expect(BigInt(chain.burned_wei)).toBeGreaterThan(0n);
    expect(Number(chain.energy_milli_wh)).toBe(Number(done[0].it_milli_wh));
    const burns = (
      await database.query("select sum(amount_wei) as burned from token_flow where purpose = 'burn' and tx_hash = $1", [
        chain.tx_hash,
      ])
    ).rows[0];
    expect(BigInt(burns.burned)).toBe(BigInt(chain.burned_wei));

    await visit(`/jobs/${jobId}`);
    await visit(`/settlements/${chain.settlement_id}`);
    for (const path of ["/jobs", "/jobs/new", "/settlements", "/reports"]) await visit(path);
  });

  it("exports a report in which the job's footprint stands", async () => {
    token = await hs(["token", "create", "--role", "sustainability"], { DATA_DIR: folder.path });
    const now = Date.now();
    const report = await api("/reports", {
      method: "POST",
      body: JSON.stringify({
        centreIds: ["guangzhou", "qinghai", "xinjiang"],
        from: new Date(now - 86_400_000).toISOString(),
        to: new Date(Math.ceil(now / 3_600_000) * 3_600_000).toISOString(),
        timeZone: "Asia/Shanghai",
      }),
    });
    expect(report.status).toBe(201);
    const text = JSON.stringify(report.body);
    expect(text).toContain("story");
    expect(text.toLowerCase()).toContain("simulated");
  });

  it("speaks three languages and two themes without a mistake", async () => {
    for (const language of ["zh-Hant", "zh-Hans"]) {
      for (const colorScheme of ["light", "dark"] as const) {
        const cookies = (await watched.context.cookies()).filter((cookie) => !cookie.name.includes("lang"));
        const other = await openPage(browser, { locale: language === "zh-Hant" ? "zh-TW" : "zh-CN", colorScheme });
        await other.context.addCookies(cookies);
        for (const path of ["/", "/centres/qinghai", "/jobs", "/settlements", "/reports"]) {
          await other.page.goto(`${server.url}${path}`, { waitUntil: "load" });
          expect(await other.page.locator("html").getAttribute("lang")).toBe(language);
          expect(await axeViolations(other.page)).toEqual([]);
        }
        expect(other.problems).toEqual([]);
        await other.context.close();
      }
    }
  });

  it("wrote no error to the browser's console", () => {
    expect(watched.problems).toEqual([]);
  });

  it("stops on Ctrl-C within 10 s and leaves no process", async () => {
    await database.end();
    expect(await server.interrupt()).toBeLessThan(10);
    const { execFileSync } = await import("node:child_process");
    const processes = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes(folder.path));
    expect(processes).toEqual([]);
  });
});

async function statusOf(jobId: string): Promise<string> {
  return (await database.query("select status from job where id = $1", [jobId])).rows[0]?.status;
}
