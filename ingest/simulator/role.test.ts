import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedBroker, startEmbeddedBroker } from "#cli/embedded/mqtt-broker.ts";
import type { Database } from "#db/client.ts";
import { applyFleet } from "#db/config/apply-fleet.ts";
import { parseEnv } from "#db/config/env.ts";
import type { RunningRole } from "#db/config/role.ts";
import { device } from "#db/schema/fleet.ts";
import { decision, job, jobRun, placement } from "#db/schema/work.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { type ModbusAdapter, startModbusAdapter } from "../adapters/modbus/adapter.ts";
import { silentLog, until } from "../adapters/modbus/testing.ts";
import type { ReadingRow } from "../pipeline/types.ts";
import { openWriter, type Writer } from "../pipeline/writer.ts";
import { hourMs } from "./physics/units.ts";
import { startSimulator } from "./role.ts";
import { demonstrationFleet, pointsOf } from "./testing.ts";
import { compareTruth } from "./truth.ts";

const days = 2;
let own: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let dataDir: string;
let broker: EmbeddedBroker;
let role: RunningRole;
let adapter: ModbusAdapter;
let writer: Writer;

const start = () =>
  startSimulator({
    db,
    env: parseEnv({ DATA_DIR: dataDir, MQTT_URL: broker.url, SIM_HISTORY_DAYS: String(days), NODE_ENV: "test" }),
    log: silentLog,
    clock: Date.now,
    metrics: new Registry(),
  });
const one = async <T>(text: string): Promise<T> => (await db.pool.query(text)).rows[0] as T;
const historyDone = async () =>
  (await one<{ status: string } | undefined>("select status from task_progress where kind = 'history'"))?.status ===
  "done";

beforeAll(async () => {
  own = await cloneDatabase();
  db = own.db;
  dataDir = await mkdtemp(join(tmpdir(), "hs-simulator-role-"));
  broker = await startEmbeddedBroker({ port: 0 });
  await applyFleet(db, demonstrationFleet(), pointsOf, new Date());
  role = await start();
  writer = openWriter({ db, log: silentLog, clock: Date.now, metrics: new Registry() });
  const sink = { seen: () => {}, failed: () => {} };
  const write = (rows: ReadingRow[]) => {
    void writer.readings(rows);
    return true;
  };
  const devices = await db.orm.select().from(device);
  adapter = await startModbusAdapter({
    db,
    devices,
    sink,
    write,
    clock: Date.now,
    log: silentLog,
    metrics: new Registry(),
  });
}, 60_000);
afterAll(async () => {
  await adapter?.stop();
  await role?.stop();
  await writer?.close();
  await broker?.stop();
  await own?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

describe("the simulator's role", () => {
  it("is ready, has its ports on record, and has issued zones and forecasts", async () => {
    await until(() => role.notReady() === undefined, 5_000, "the simulator to be ready");
    expect(await one("select count(*)::int as n from gateway where port is null")).toEqual({ n: 0 });
    const zones = await one<{ n: number; sum: number }>(
      `select count(distinct zone)::int as n, sum(value) filter (where series like 'mix%') as sum from zone_series
        where time = date_trunc('hour', now(), 'UTC') and simulated and source = 'simulator'`,
    );
    expect(zones.n).toBe(3);
    expect(zones.sum).toBeCloseTo(3, 9);
    const { rows } = await db.pool.query(
      `select key, series, count(*)::int as n from forecast where simulated and issued_at > now() - interval '5 minutes'
        and lower <= value and value <= upper group by 1, 2`,
    );
    expect(rows).toHaveLength(3 * 3 + 3 * 3);
    for (const row of rows) expect(row.n).toBe(72);
  });

  it("writes the past in the background, hour by hour, and the present joins it without a step", async () => {
    await until(historyDone, 30_000, "the history to be written");
    const past = await one<{ readings: number; hours: number; odd: number; devices: number }>(
      `select count(*)::int as readings, count(distinct r.time)::int as hours, count(distinct p.device_id)::int as devices,
        count(*) filter (where extract(minute from r.time) + extract(second from r.time) > 0)::int as odd
        from reading r join point p on p.id = r.point_id where r.quality = 5`,
    );
    expect(past).toMatchObject({ hours: 24 * days + 1, odd: 0 });
    expect(past.devices).toBeGreaterThan(90);
    const steps = await one<{ back: number; n: number }>(
      `select count(*) filter (where step < 0)::int as back, count(step)::int as n from (
        select r.value - lag(r.value) over (partition by r.point_id order by r.time) as step from reading r join point p on p.id = r.point_id where p.kind = 'counter') s`,
    );
    expect(steps.back).toBe(0);
    expect(steps.n).toBeGreaterThan(24 * days * 90);
    const series = await one<{ n: number }>(
      "select count(distinct time)::int as n from zone_series where zone = 'CN-QH' and series = 'mixHydro' and time <= now()",
    );
    expect(series.n).toBe(24 * days + 1);
    const foretold = await one<{ n: number }>(
      "select count(distinct time)::int as n from forecast where key = 'xinjiang' and series = 'wetBulbC' and time <= now()",
    );
    expect(foretold.n).toBe(24 * days + 1);
  });

  it("is read over Modbus by every meter, with the balance of the moment", async () => {
    const silent = async () =>
      (
        await db.pool.query(
          `select d.id from device d join point p on p.device_id = d.id left join point_latest l on l.point_id = p.id and l.quality = 0
          where d.protocol = 'modbus-tcp' and (l.value is null or l.value::text = 'NaN')`,
        )
      ).rows;
    await until(async () => (await silent()).length === 0, 20_000, "every point of every meter");
    const facility = await one<{ facility: number; it: number }>(
      `select sum(l.value) filter (where d.role in ('grid','hydro','wind','solar','battery') and d.supply is distinct from 'grid-contract') as facility,
        sum(l.value) filter (where d.role = 'rack_feed') as it from device d join point p on p.device_id = d.id join point_latest l on l.point_id = p.id
        where d.centre_id = 'qinghai' and p.quantity = 'activePower'`,
    );
    expect(facility.facility / facility.it).toBeGreaterThan(1.05);
    expect(facility.facility / facility.it).toBeLessThan(1.2);
  });

  it("agrees with a ledger of its readings, and says how far one is off that does not", async () => {
    await db.pool.query(
      `insert into energy_ledger (point_id, hour, method, energy_milli_wh, covered_s, readings, first_reading_at, last_reading_at, derived_at)
        select r.point_id, r.time, 'counter', round((next - r.value) * 1000), 3600, 2, r.time, r.time, now() from (
          select point_id, time, value, lead(value) over (partition by point_id order by time) as next from reading where quality = 5) r
        join point p on p.id = r.point_id where p.kind = 'counter' and p.unit = 'Wh' and r.next is not null`,
    );
    const to = Math.floor(Date.now() / hourMs) * hourMs;
    const period = [new Date(to - 20 * hourMs), new Date(to)] as const;
    const rows = await compareTruth(db, dataDir, ...period);
    expect(rows.length).toBeGreaterThan(80);
    for (const row of rows)
      expect([row.deviceId, row.point, Math.abs(row.deviation) < 0.001]).toEqual([row.deviceId, row.point, true]);
    expect(rows.find((row) => row.deviceId === "qh-grid" && row.point === "energyImportWh")!.truthWh).toBeGreaterThan(
      10_000,
    );
    await db.pool.query(
      "update energy_ledger set energy_milli_wh = energy_milli_wh * 1.01 where point_id = (select id from point where device_id = 'gz-grid' and name = 'energyImportWh')",
    );
    const off = (await compareTruth(db, dataDir, ...period)).find(
      (row) => row.deviceId === "gz-grid" && row.point === "energyImportWh",
    )!;
    expect(off.deviation).toBeCloseTo(0.01, 3);
    await expect(compareTruth(db, dataDir, new Date(to + hourMs), new Date(to + 2 * hourMs))).rejects.toThrow(
      /no whole hour/,
    );
  });

  it("lets the racks draw what a running job draws at the next reading of their feeds, and lets go when it ends", async () => {
    const { rows: gpus } = await db.pool.query(
      "select id from gpu where rack_id = 'qh-a-04' and index >= 8 order by index",
    );
    const feedW = async () =>
      Number(
        (
          await one<{ watts: number }>(
            "select sum(l.value) as watts from device d join point p on p.device_id = d.id join point_latest l on l.point_id = p.id where d.rack_id = 'qh-a-04' and p.name = 'activePowerW'",
          )
        ).watts,
      );
    const idleW = await feedW();
    const now = new Date();
    await seedRun(
      gpus.map(({ id }) => id),
      now,
    );
    await until(
      async () => (await feedW()) > idleW + 8 * 400,
      8_000,
      "the feeds to draw the job (they are read each 5 s)",
    );
    await db.pool.query("update job_run set ended_at = now()");
    await until(async () => (await feedW()) < idleW + 600, 8_000, "the feeds to let go");
  });

  it("goes on after a stop as if it had run: counters never step back, nothing is made up twice, ports stay", async () => {
    const ports = (await db.pool.query("select id, port from gateway order by id")).rows;
    const before = await one<{ n: number }>("select count(*)::int as n from reading where quality = 5");
    await role.stop();
    expect(await one("select count(*)::int as n from gateway where port is not null")).toEqual({ n: 0 });
    await db.pool.query(
      "update gateway g set port = p.port from json_to_recordset($1) as p(id text, port int) where g.id = p.id",
      [JSON.stringify(ports)],
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    role = await start();
    expect((await db.pool.query("select id, port from gateway order by id")).rows).toEqual(ports);
    const since = new Date().toISOString();
    await until(
      async () =>
        (
          await one<{ n: number }>(
            `select count(*)::int as n from point_latest l join point p on p.id = l.point_id where p.kind = 'counter' and l.time > '${since}'`,
          )
        ).n > 90,
      20_000,
      "the counters to be read again",
    );
    const steps = await one<{ back: number }>(
      `select count(*) filter (where step < 0)::int as back from (
        select r.value - lag(r.value) over (partition by r.point_id order by r.time) as step from reading r join point p on p.id = r.point_id where p.kind = 'counter') s`,
    );
    expect(steps.back).toBe(0);
    expect(await one("select count(*)::int as n from reading where quality = 5")).toEqual(before);
  });
});

async function seedRun(gpuIds: number[], at: Date): Promise<void> {
  const later = new Date(at.getTime() + hourMs);
  await db.orm.insert(job).values({
    id: "job-1",
    name: "t",
    tenant: "t",
    submittedBy: "t",
    submittedAt: at,
    gpus: gpuIds.length,
    durationS: 60,
    powerPerGpuW: 500,
    releaseAt: at,
    deadlineAt: later,
    policyId: "p",
    policyVersion: 1,
    workload: { kind: "sleep" },
    status: "running",
    updatedAt: at,
  });
  const [made] = await db.orm
    .insert(decision)
    .values({ jobId: "job-1", decidedAt: at, inputs: {}, outcome: {} })
    .returning({ id: decision.id });
  const [placed] = await db.orm
    .insert(placement)
    .values({
      jobId: "job-1",
      decisionId: made!.id,
      centreId: "qinghai",
      gpuIds,
      plannedStartAt: at,
      plannedEndAt: later,
      status: "committed",
      createdAt: at,
    })
    .returning({ id: placement.id });
  await db.orm.insert(jobRun).values({
    id: "run-1",
    jobId: "job-1",
    placementId: placed!.id,
    centreId: "qinghai",
    gpuIds,
    engine: "local",
    startedAt: at,
  });
}
