import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import type { RunningRole } from "#db/config/role.ts";
import { openJobs } from "#db/queries/job-pages.ts";
import {
  cancelJob,
  type JobDetail,
  JobRefused,
  jobDetail,
  jobRequest,
  listJobs,
  quote,
  submitJob,
} from "#db/queries/jobs.ts";
import { centreHour } from "#db/schema/energy.ts";
import { centre, forecast, gpu, hall, rack } from "#db/schema/fleet.ts";
import { job } from "#db/schema/work.ts";
import { localEngine } from "#scheduler/dispatch/local/engine.ts";
import { isAlive } from "#scheduler/dispatch/local/process-identity.ts";
import { readClaim } from "#scheduler/dispatch/local/run-folder.ts";
import { centreInputsReader } from "#scheduler/forecast/centre-inputs.ts";
import { schedulerMetrics } from "#scheduler/loop/metrics.ts";
import { noNodeMemory } from "#scheduler/loop/pending.ts";
import { planPass } from "#scheduler/loop/plan-pass.ts";
import { decide } from "#scheduler/placement/decide.ts";
import type { DecisionInputs, DecisionOutcome } from "#scheduler/placement/types.ts";
import { startSchedulerWith } from "#scheduler/role.ts";
import { cloneDatabase } from "#test/support/database.ts";

const hourMs = 3_600_000;
const log = pino({ level: process.env.LOG_LEVEL ?? "silent" });
const actor = { id: "person-1", tenant: "lab", centreIds: null };
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let dataDir: string;
let running: RunningRole | undefined;
let localRuns = 100;
/** How far the scheduler's clock is ahead of ours, ms. */
let aheadMs = 0;

beforeAll(async () => {
  clone = await cloneDatabase();
  db = clone.db;
  dataDir = mkdtempSync(join(tmpdir(), "hs-scheduler-"));
  await seedFleet();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  aheadMs = 0;
});
afterAll(async () => {
  await clone?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Three centres of two racks with four GPUs; carbon and price by zone; PUE 1.1 measured in the last hours. */
async function seedFleet(): Promise<void> {
  const names = { en: "C", "zh-Hant": "C", "zh-Hans": "C" };
  const now = Date.now();
  const hour = Math.floor(now / hourMs) * hourMs;
  const places = [
    { id: "guangzhou", zone: "CN-GD", jurisdiction: "CN", carbon: 450, price: 90 },
    { id: "qinghai", zone: "CN-QH", jurisdiction: "CN", carbon: 150, price: 50 },
    { id: "dubai", zone: "AE", jurisdiction: "AE", carbon: 50, price: 20 },
  ];
  for (const [position, place] of places.entries()) {
    await db.orm.insert(centre).values({
      id: place.id,
      name: names,
      locality: names,
      country: "CN",
      jurisdiction: place.jurisdiction,
      latitude: 0,
      longitude: 0,
      timeZone: "Asia/Shanghai",
      gridZone: place.zone,
      tier: "core",
      pueCategory: 2,
      powerCapW: 1e6,
      position,
      tariff: { adderUsdPerMwh: 0, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1.5" },
      targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
      engine: { kind: "local" },
      simulated: true,
    });
    await db.orm.insert(hall).values({ id: `${place.id}-h`, centreId: place.id, name: "A", cooling: "air" });
    for (const r of [1, 2]) {
      const rackId = `${place.id}-r${r}`;
      await db.orm.insert(rack).values({
        id: rackId,
        centreId: place.id,
        hallId: `${place.id}-h`,
        row: "A",
        slot: r,
        powerLimitW: 20_000,
        gpuClass: "H100",
        gpuCount: 4,
      });
      await db.orm.insert(gpu).values(
        [0, 1, 2, 3].map((index) => ({
          rackId,
          index,
          server: `${rackId}-s`,
          uuid: `${rackId}-${index}`,
          gpuClass: "H100",
          ratedPowerW: 700,
        })),
      );
    }
    await db.orm.insert(forecast).values(
      Array.from({ length: 48 }, (_, h) =>
        (["carbonLocationGPerKwh", "priceUsdPerMwh"] as const).map((series) => ({
          key: place.zone,
          series,
          issuedAt: new Date(now),
          time: new Date(hour + h * hourMs),
          // Now is the best hour: a job that may start does so.
          value: (series === "priceUsdPerMwh" ? place.price : place.carbon) * (h === 0 ? 1 : 1.5),
          source: "test",
          simulated: true,
        })),
      ).flat(),
    );
    await db.orm.insert(centreHour).values(
      [0, 1, 2].map((age) => ({
        centreId: place.id,
        hour: new Date(hour - age * hourMs),
        parts: {},
        facilityMilliWh: 11_000_000,
        itMilliWh: 10_000_000,
        pue: 1.1,
        pueCategory: 2,
        coverage: 1,
        carbonLocationG: 11 * place.carbon,
        carbonContractG: 0,
        costMicroUsd: 11 * place.price * 1_000,
        simulated: true,
        derivedAt: new Date(now),
      })),
    );
  }
}

const start = async () => {
  const env = { ...parseEnv({ NODE_ENV: "test", LOCAL_RUNS: String(localRuns) }), DATA_DIR: dataDir };
  running = await startSchedulerWith(
    { db, env, log, clock: () => Date.now() + aheadMs, metrics: new Registry() },
    { tickMs: 200, replanMs: 1_000, meterPatienceMs: 3_000 },
  );
  return running;
};
const submit = async (over: Record<string, unknown> = {}) =>
  (
    await submitJob(
      db,
      jobRequest.parse({
        name: "test",
        gpus: 4,
        durationS: 3,
        powerPerGpuW: 500,
        residency: ["CN"],
        policy: "cleanest",
        ...over,
      }),
      actor,
      new Date(),
    )
  ).job;

async function until(id: string, condition: (detail: JobDetail) => boolean, timeoutMs = 15_000): Promise<JobDetail> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const detail = (await jobDetail(db, id))!;
    if (condition(detail)) return detail;
    if (Date.now() > deadline) throw new Error(`job ${id} stays ${detail.job.status} (${detail.job.statusReason})`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const has = (status: string) => (detail: JobDetail) => detail.job.status === status;
const claimOf = (runId: string) => readClaim(join(dataDir, "jobs", runId))!;

/** The given GPUs draw `powerW` from a minute ago until a little after now. */
async function sample(gpuIds: number[], powerW: number): Promise<void> {
  const times = Array.from({ length: 16 }, (_, i) => new Date(Date.now() + (i - 12) * 5_000).toISOString());
  for (const id of gpuIds)
    for (const time of times)
      await db.sql`insert into gpu_sample (gpu_id, time, received_at, quality, power_w) values (${id}, ${time}, ${time}, 0, ${powerW}) on conflict do nothing`;
}

describe("the scheduler", () => {
  it("runs a job as a real process at the cleanest allowed centre and meters it", async () => {
    const role = await start();
    const submitted = await submit();
    const started = await until(submitted.id, (detail) => detail.job.status === "running");
    const run = started.runs[0]!;
    expect(run).toMatchObject({ centreId: "qinghai", engine: "local", exitCode: null });
    expect(isAlive(claimOf(run.id))).toBe(true);
    const racks = await db.sql`select distinct rack_id from gpu where id = any(${run.gpuIds})`;
    expect([run.gpuIds.length, racks.length]).toEqual([4, 1]);
    await expect.poll(() => role.notReady(), { timeout: 5_000 }).toBeUndefined();
    await sample(run.gpuIds, 300);

    const { runs, placements, decisions, job: done } = await until(submitted.id, has("succeeded"));
    const [metered] = runs;
    expect(done.statusReason).toBeNull();
    expect(metered).toMatchObject({
      exitCode: 0,
      outputSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      energyMethod: expect.stringContaining("trapezoid: gpu_sample.power_w"),
    });
    expect(metered!.outputTail).toContain("result: ");
    const seconds = (metered!.endedAt!.getTime() - metered!.startedAt!.getTime()) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(3);
    expect(metered!.gpuSeconds).toBeCloseTo(4 * seconds, 6);
    // 4 GPUs × 300 W; the centre's hour has PUE 1.1, 150 g and 0.05 USD a kWh.
    const itMilliWh = (4 * 300 * seconds) / 3.6;
    expect(Math.abs(metered!.itMilliWh! - itMilliWh)).toBeLessThanOrEqual(1);
    expect(Math.abs(metered!.facilityMilliWh! - itMilliWh * 1.1)).toBeLessThanOrEqual(1);
    expect(metered!.carbonLocationG).toBeCloseTo((itMilliWh * 1.1 * 150) / 1e6, 6);
    expect(metered!.carbonContractG).toBe(0);
    expect(metered!.costMicroUsd).toBe(Math.round((itMilliWh * 1.1 * 50_000) / 1e6));
    expect(placements).toMatchObject([{ status: "released", centreId: "qinghai" }]);

    // "Why here": dubai is cleaner still and excluded by residency; the stored inputs give the stored outcome again.
    const outcome = decisions[0]!.outcome as DecisionOutcome;
    expect(outcome.centres.find((c) => c.centreId === "dubai")).toMatchObject({ rule: "residency" });
    expect(outcome.alternatives.filter((a) => a.centreId === "guangzhou" && a.rule === null).length).toBeGreaterThan(
      20,
    );
    expect(decide(decisions[0]!.inputs as DecisionInputs)).toEqual(outcome);
  });

  it("names an estimate where no GPU was heard", async () => {
    await start();
    const { id } = await submit({ durationS: 1, gpus: 2, residency: ["AE"] });
    const { runs } = await until(id, has("succeeded"));
    expect(runs[0]!.energyMethod).toContain("estimate: requested power × time");
    expect(runs[0]!.itMilliWh).toBeGreaterThan(0);
  });

  it("plans a later start, tells it, and ends a cancelled plan", async () => {
    await start();
    const { id } = await submit({ releaseAt: new Date(Date.now() + 90 * 60_000).toISOString() });
    const placed = await until(id, has("placed"));
    expect(placed.placements).toMatchObject([{ status: "planned", centreId: "qinghai", gpuIds: [] }]);
    expect(placed.runs).toEqual([]);
    expect(await cancelJob(db, id, actor, new Date())).toBe(true);
    expect(await cancelJob(db, id, actor, new Date())).toBe(false);
    expect((await jobDetail(db, id))!.placements.map((p) => p.status)).toEqual(["released"]);
  });

  it("tries a failing job once more, on another centre", async () => {
    await start();
    const { id } = await submit({ durationS: 1, workload: { kind: "sleep", exitCode: 7 } });
    const { runs, job: failed } = await until(id, has("failed"));
    expect(runs.map((run) => [run.centreId, run.exitCode]).reverse()).toEqual([
      ["qinghai", 7],
      ["guangzhou", 7],
    ]);
    expect(failed.statusReason).toContain("exit code 7 at guangzhou");
  });

  it("stops a cancelled run", async () => {
    await start();
    const { id } = await submit({ durationS: 600 });
    const { runs } = await until(id, has("running"));
    const claim = claimOf(runs[0]!.id);
    await cancelJob(db, id, actor, new Date());
    const { job: cancelled, placements } = await until(id, (detail) => detail.runs[0]!.endedAt !== null);
    expect(cancelled.status).toBe("cancelled");
    expect(placements[0]!.status).toBe("released");
    expect(isAlive(claim)).toBe(false);
  });

  it("lets a job wait while the engine carries as many runs as it may, and fails none of them for it", async () => {
    localRuns = 1;
    await start();
    const first = await submit({ durationS: 600, gpus: 1 });
    await until(first.id, has("running"));
    const second = await submit({ durationS: 600, gpus: 1 });
    const waiting = await until(second.id, (detail) => /noNode/.test(detail.job.statusReason ?? ""));
    expect([waiting.job.status, waiting.runs]).toEqual(["queued", []]);
    await cancelJob(db, first.id, actor, new Date());
    await until(first.id, (detail) => detail.runs[0]!.endedAt !== null);
    aheadMs = 61_000;
    await until(second.id, has("running"));
    await cancelJob(db, second.id, actor, new Date());
    await until(second.id, (detail) => detail.runs[0]!.endedAt !== null);
    localRuns = 100;
  });

  it("ends a run that holds its GPUs beyond its time limit, as a failure of that place", async () => {
    await start();
    const { id } = await submit({ durationS: 1, workload: { kind: "sleep" }, residency: ["AE"] });
    const { runs } = await until(id, has("running"));
    const claim = claimOf(runs[0]!.id);
    process.kill(claim.pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await jobDetail(db, id))!.job.status).toBe("running");
    aheadMs = 62_000;
    const { runs: ended, job: failed } = await until(id, has("failed"));
    expect(ended).toMatchObject([{ exitCode: 124, outputTail: "time limit" }]);
    expect(failed.statusReason).toContain("failed and may run nowhere else");
    expect(isAlive(claim)).toBe(false);
  });

  it("waits after its own start for samples that came late", async () => {
    const role = await start();
    const { id } = await submit({ durationS: 1, gpus: 3, residency: ["AE"] });
    const { runs } = await until(id, (detail) => detail.runs[0]?.endedAt != null);
    await role.stop();
    expect((await jobDetail(db, id))!.runs[0]!.energyMethod).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await start();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await sample(runs[0]!.gpuIds, 250);
    const done = await until(id, has("succeeded"));
    expect(done.runs[0]!.energyMethod).toMatch(/^trapezoid: gpu_sample.power_w; /);
  });

  it("meters from samples that can be believed only", async () => {
    await start();
    const { id } = await submit({ durationS: 2, gpus: 4, residency: ["AE"], deadlineInS: 3_600 });
    const { runs } = await until(id, has("running"));
    await db.sql`delete from gpu_sample where gpu_id = any(${runs[0]!.gpuIds})`;
    await sample(runs[0]!.gpuIds, 200);
    /** Every fourth sample becomes one that cannot be. */
    const spoil = (phase: number, powerW: number, quality: number) =>
      db.sql`update gpu_sample set power_w = ${powerW}, quality = ${quality}
        where gpu_id = any(${runs[0]!.gpuIds}) and extract(epoch from time)::bigint / 5 % 4 = ${phase}`;
    await spoil(0, -3_000, 0);
    await spoil(1, 65_535, 0);
    await spoil(2, 999, 6); // clock_suspect
    const { runs: metered } = await until(id, has("succeeded"));
    const seconds = (metered[0]!.endedAt!.getTime() - metered[0]!.startedAt!.getTime()) / 1_000;
    expect(Math.abs(metered[0]!.itMilliWh! - (4 * 200 * seconds) / 3.6)).toBeLessThanOrEqual(1);
  });

  it("leaves nothing running when it stops, and starts the job again at its next start", async () => {
    const role = await start();
    const { id } = await submit({ durationS: 4 });
    const { runs } = await until(id, has("running"));
    const claim = claimOf(runs[0]!.id);
    const begun = Date.now();
    await role.stop();
    expect(Date.now() - begun).toBeLessThan(4_000);
    expect(isAlive(claim)).toBe(false);
    const queued = (await jobDetail(db, id))!;
    expect(queued.job).toMatchObject({
      status: "queued",
      statusReason: expect.stringContaining("the scheduler was stopped"),
    });
    expect(queued.runs[0]).toMatchObject({ exitCode: null, endedAt: expect.any(Date) });
    await start();
    const again = await until(id, has("succeeded"), 20_000);
    expect(again.runs.filter((run) => run.exitCode === 0)).toHaveLength(1);
    expect(again.runs).toHaveLength(2);
  });

  it("lets one scheduler plan while another stands by", async () => {
    const first = await start();
    const second = await start();
    const { id } = await submit({ durationS: 1 });
    const { runs } = await until(id, has("succeeded"));
    expect(runs).toHaveLength(1);
    await first.stop();
    const next = await submit({ durationS: 1 });
    await until(next.id, has("succeeded"));
    await second.stop();
  });
});

// Its engine kills the process instead of starting the committed run, or as soon as it has started it.
const program = `
  import pino from "pino";
  import { Registry } from "prom-client";
  import { openDatabase } from "#db/client.ts";
  import { parseEnv } from "#db/config/env.ts";
  import { localEngine } from "#scheduler/dispatch/local/engine.ts";
  import { startSchedulerWith } from "#scheduler/role.ts";
  const env = parseEnv(process.env);
  const local = localEngine({ jobsFolder: env.DATA_DIR + "/jobs", mostRuns: 100 });
  const submit = async (spec) => {
    if (process.env.KILL_AFTER === "spawn") await local.submit(spec);
    process.kill(process.pid, "SIGKILL");
  };
  const db = openDatabase({ url: env.DATABASE_URL, applicationName: "hs-test-crash" });
  const log = pino({ level: "silent" });
  await startSchedulerWith({ db, env, log, clock: Date.now, metrics: new Registry() }, { tickMs: 100, engines: [{ ...local, submit }] });`;
const launch = (env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", program], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { PATH: process.env.PATH, NODE_ENV: "test", DATABASE_URL: clone.url, DATA_DIR: dataDir, ...env },
  });

describe("kill -9 of the scheduler", () => {
  it.each(["commit", "spawn"])("after the %s gives exactly one run", async (point) => {
    const { id } = await submit({ durationS: 2 });
    const child = launch({ KILL_AFTER: point });
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGKILL");
    const crashed = (await jobDetail(db, id))!;
    expect(crashed.job.status).toBe("starting");
    expect(crashed.runs).toMatchObject([{ engineRef: null, endedAt: null }]);
    const runId = crashed.runs[0]!.id;
    expect(existsSync(join(dataDir, "jobs", runId, "claim.json"))).toBe(point === "spawn");
    await start();
    const { runs } = await until(id, has("succeeded"));
    expect(runs.map((run) => [run.id, run.exitCode])).toEqual([[runId, 0]]);
    expect(runs[0]!.outputTail!.match(/^run /gm)).toHaveLength(1);
    expect(readdirSync(join(dataDir, "jobs", runId)).filter((name) => name.startsWith("claim"))).toEqual([
      "claim.json",
    ]);
  });
});

describe("a job that is cancelled while it is being planned", () => {
  it.each(["now", "later"])("is not committed or planned any more (%s)", async (when) => {
    const { id } = await submit(
      when === "later" ? { releaseAt: new Date(Date.now() + 90 * 60_000).toISOString() } : {},
    );
    const context = {
      db,
      log,
      clock: Date.now,
      engines: new Map(),
      meterPatienceMs: 0,
      startedAtMs: 0,
      metrics: schedulerMetrics(new Registry()),
    };
    const readCentres = centreInputsReader(db, new Set(["local"]));
    const committed = await planPass(
      context,
      async (nowMs) => {
        await cancelJob(db, id, actor, new Date());
        return readCentres(nowMs);
      },
      noNodeMemory(),
    );
    expect(committed).not.toContain(id);
    const { job: cancelled, runs, placements } = (await jobDetail(db, id))!;
    expect([cancelled.status, runs, placements]).toEqual(["cancelled", [], []]);
  });
});

describe("a job that is cancelled between a kill and the next start", () => {
  it("never runs, also when the killed scheduler's process comes late", async () => {
    const { id } = await submit({ durationS: 600 });
    const child = launch({ KILL_AFTER: "commit" });
    await once(child, "exit");
    const runId = (await jobDetail(db, id))!.runs[0]!.id;
    await cancelJob(db, id, actor, new Date());
    await start();
    const { job: cancelled, runs, placements } = await until(id, (detail) => detail.runs[0]!.endedAt !== null);
    expect(cancelled.status).toBe("cancelled");
    expect(runs).toMatchObject([{ exitCode: null, startedAt: null }]);
    expect(placements.map((row) => row.status)).toEqual(["released"]);
    const late = localEngine({ jobsFolder: join(dataDir, "jobs"), mostRuns: 100 });
    await late.submit({ runId, jobId: id, gpuIds: [1], durationS: 600, workload: { kind: "sleep" } });
    expect(await late.status(runId)).toMatchObject({ state: "stopped", startedAt: null });
  });
});

describe("submitting", () => {
  it("takes a job once per idempotency key", async () => {
    const request = jobRequest.parse({
      name: "once",
      gpus: 1,
      durationS: 60,
      releaseAt: "2100-01-01T00:00:00Z",
      idempotencyKey: "key-1",
    });
    const all = await Promise.all([1, 2, 3].map(() => submitJob(db, request, actor, new Date())));
    expect(new Set(all.map((result) => result.job.id)).size).toBe(1);
    expect(all.filter((result) => result.created)).toHaveLength(1);
    await expect(submitJob(db, { ...request, gpus: 2 }, actor, new Date())).rejects.toMatchObject({
      reason: "idempotencyConflict",
      values: { jobId: all[0]!.job.id },
    });
    const other = await submitJob(db, request, { id: "stranger", centreIds: null }, new Date());
    expect(other.created).toBe(true);
    for (const { id } of [all[0]!.job, other.job]) await db.orm.delete(job).where(eq(job.id, id));
  });

  it("keeps a job at the centres of whoever submitted it, cleaner ones or not, and says nothing of the others", async () => {
    const there = { id: "token-guangzhou", centreIds: ["guangzhou"] };
    const ask = (over: Record<string, unknown> = {}) =>
      jobRequest.parse({ name: "scoped", gpus: 1, durationS: 60, policy: "cleanest", ...over });
    await expect(submitJob(db, ask({ residency: ["AE"] }), there, new Date())).rejects.toMatchObject({
      reason: "unknownResidency",
      values: { known: "CN" },
    });
    await expect(submitJob(db, ask(), { id: "token-none", centreIds: [] }, new Date())).rejects.toMatchObject({
      reason: "noCapacity",
    });
    expect((await quote(db, ask(), there.centreIds, new Date())).map(({ centreId }) => centreId)).toEqual([
      "guangzhou",
    ]);
    const releaseAt = new Date(Date.now() + 1_800_000).toISOString();
    const { job: made } = await submitJob(db, ask({ releaseAt }), there, new Date());
    const context = {
      db,
      log,
      clock: Date.now,
      engines: new Map(),
      metrics: schedulerMetrics(new Registry()),
      meterPatienceMs: 0,
      startedAtMs: 0,
    };
    await planPass(context, centreInputsReader(db, new Set(["local"])), noNodeMemory());
    const detail = (await jobDetail(db, made.id))!;
    const outcome = detail.decisions[0]!.outcome as DecisionOutcome;
    expect(outcome.chosen?.centreId).toBe("guangzhou");
    expect(outcome.centres.map(({ centreId, rule }) => [centreId, rule])).toEqual([
      ["dubai", "scope"],
      ["guangzhou", null],
      ["qinghai", "scope"],
    ]);
    // Retired meanwhile: the job waits, and its reason names none of the other centres.
    await db.orm.update(centre).set({ retiredAt: new Date() }).where(eq(centre.id, "guangzhou"));
    await planPass(context, centreInputsReader(db, new Set(["local"])), noNodeMemory());
    await db.orm.update(centre).set({ retiredAt: null }).where(eq(centre.id, "guangzhou"));
    const waiting = (await jobDetail(db, made.id))!;
    expect([waiting.job.status, waiting.job.statusReason]).toEqual(["queued", "no allowed place now ()"]);
    // It was planned there and is no more: that is no reason to show it to whoever reads that centre.
    const reader = { centreIds: ["guangzhou"] };
    expect(waiting.placements.map(({ status }) => status)).toEqual(["released"]);
    expect(await jobDetail(db, made.id, reader)).toBeUndefined();
    expect((await listJobs(db, {}, reader)).map(({ id }) => id)).not.toContain(made.id);
    expect(await openJobs(db, reader)).toEqual([]);
    expect(await jobDetail(db, made.id, { ...reader, submittedBy: there.id })).toBeDefined();
    await cancelJob(db, made.id, there, new Date());
  });

  it.each([
    [{ residency: ["EU"] }, "unknownResidency", /No centre lies in EU; known jurisdictions: AE, CN/],
    [{ gpus: 9 }, "tooManyGpus", /largest allowed centre has 8 GPUs, the job asks for 9/],
    [{ gpuClass: "B300" }, "unknownGpuClass", /class B300; there are: H100/],
    [{ deadlineInS: 2 }, "deadlineTooEarly", /leaves 2 s, the job needs 3 s/],
    [{ policy: "greenest" }, "unknownPolicy", /the presets are/],
  ])("refuses %j as %s", async (over, reason, message) => {
    const error = await submit(over).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(JobRefused);
    expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  it("keeps money exact and refuses what it does not know", () => {
    expect(() => jobRequest.parse({ name: "x", gpus: 1, durationS: 1, budgetUsd: "1e3" })).toThrow(/decimal number/);
    expect(() => jobRequest.parse({ name: "x", gpus: 1, durationS: 1, color: "red" })).toThrow(/color/);
    expect(() =>
      jobRequest.parse({ name: "x", gpus: 1, durationS: 1, workload: { kind: "shell", command: "rm" } }),
    ).toThrow();
  });

  it("shows a reader the jobs of their centres only", async () => {
    const seen = await listJobs(db, {}, { centreIds: ["guangzhou"] });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((row) => row.centreId === "guangzhou")).toBe(true);
    expect((await listJobs(db, {}, { centreIds: [], submittedBy: actor.id })).length).toBeGreaterThan(seen.length);
    const elsewhere = (await listJobs(db, { status: ["succeeded"] }, { centreIds: ["qinghai"] }))[0]!;
    expect(await jobDetail(db, elsewhere.id, { centreIds: ["dubai"] })).toBeUndefined();
  });

  it("quotes in wei", async () => {
    const quotes = await quote(
      db,
      jobRequest.parse({ name: "q", gpus: 4, durationS: 1_800, residency: ["AE"] }),
      null,
      new Date(),
    );
    expect(quotes.find((q) => q.centreId === "dubai")).toMatchObject({
      amountWei: 3n * 10n ** 18n,
      refused: null,
      freeGpus: 8,
    });
    expect(quotes.find((q) => q.centreId === "qinghai")?.refused).toBe("residency");
  });
});
