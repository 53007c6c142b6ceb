import { eq } from "drizzle-orm";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Env } from "#db/config/env.ts";
import type { RunningRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { centreHour } from "#db/schema/energy.ts";
import { device, gateway } from "#db/schema/fleet.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { type OpenSink, openSink } from "../pipeline/sink.ts";
import { seedFleet } from "../pipeline/testing.ts";
import { type AlarmOptions, startAlarmsWith } from "./role.ts";
import { rules } from "./rules/index.ts";

const log = pino({ level: "silent" });
const clock = Date.now;

const closing = (closesAfterMs: number) => rules.map((rule) => ({ ...rule, closesAfterMs }));

describe("alarms", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let sink: OpenSink;
  let roles: RunningRole[] = [];
  let ids: { points: number[]; gpus: number[] };
  let beating: NodeJS.Timeout;
  let speaking = new Set<string>();
  const told: Record<string, unknown>[] = [];
  let subscription: { stop(): Promise<void> };

  const everyone = [...Array.from({ length: 8 }, (_, at) => `m-${at}`), "sensor", "publisher"];
  /** Long after the start of ingest, unless said otherwise. */
  const start = async (options: Partial<AlarmOptions> = {}) => {
    const deps = { db: database.db, env: {} as Env, log, clock, metrics: new Registry() };
    roles.push(await startAlarmsWith(deps, { sinceMs: clock() - 60_000, ...options }));
  };
  const alarms = async (open = true) =>
    (
      await database.db.sql<Record<string, unknown>[]>`
      select id::int, cause, rule, severity, centre_id, device_id, message, (extract(epoch from opened_at) * 1000)::float8 as "openedMs"
      from alarm where (closed_at is null) = ${open} order by id`
    ).map(
      (row) =>
        ({ ...row }) as {
          id: number;
          cause: string;
          openedMs: number;
          message: { key: string; values: Record<string, unknown> };
        },
    );
  const until = async (condition: () => Promise<boolean>, withinMs: number, what: string) => {
    const end = Date.now() + withinMs;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  beforeAll(async () => {
    database = await cloneDatabase();
    ids = await seedFleet(database.db, {
      devices: everyone.map((id) => ({ id, points: [[`activePowerW`, "activePower"]] })),
    });
    const { orm } = database.db;
    await orm.insert(gateway).values({ id: "gw", centreId: "c", protocol: "modbus-tcp", host: "h", port: 502 });
    for (const id of everyone.slice(0, 8))
      await orm.update(device).set({ gatewayId: "gw", role: "rack_feed" }).where(eq(device.id, id));
    sink = openSink({ db: database.db, log, clock, metrics: new Registry(), watchSilence: true });
    subscription = await database.db.listen(channels.alarm, (payload) => told.push(payload));
    beating = setInterval(() => {
      for (const id of speaking) sink.seen(id, clock() * 1_000);
    }, 300);
  });
  afterAll(async () => {
    clearInterval(beating);
    await subscription.stop();
    await sink.close();
    await database.drop();
  });
  beforeEach(async () => {
    speaking = new Set(everyone);
    for (const id of everyone) sink.seen(id, clock() * 1_000);
    await database.db.sql`truncate alarm`;
    told.length = 0;
    const begun = new Date().toISOString();
    await until(
      async () =>
        (await database.db.sql`select 1 from source_health where last_seen_at >= ${begun}`).length === everyone.length,
      4_000,
      "health",
    );
  });
  afterEach(async () => {
    await Promise.all(roles.map((role) => role.stop()));
    roles = [];
  });

  it("opens one alarm for a silent device within its patience and 3 s, tells it, and closes it when it speaks", async () => {
    await start({ rules: closing(2_000) });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await alarms()).toEqual([]);
    speaking.delete("m-3");
    const lastMs = clock();
    await until(async () => (await alarms()).length > 0, 9_000, "the alarm");
    const [alarm] = await alarms();
    expect(alarm).toMatchObject({
      cause: "silent:m-3",
      rule: "silent",
      severity: "act",
      centre_id: "c",
      device_id: "m-3",
      message: { key: "silent" },
    });
    const lateMs = alarm!.openedMs - lastMs;
    console.log(`silence to alarm: ${(lateMs / 1_000).toFixed(1)} s`);
    expect(lateMs).toBeGreaterThan(4_500);
    expect(lateMs).toBeLessThan(8_000);
    speaking.add("m-3");
    await until(async () => (await alarms()).length === 0, 14_000, "the alarm's end");
    expect((await alarms(false)).map(({ cause }) => cause)).toEqual(["silent:m-3"]);
    await until(async () => told.length === 2, 1_000, "what was told");
    expect(told).toEqual([
      { alarmId: alarm!.id, centreId: "c" },
      { alarmId: alarm!.id, centreId: "c" },
    ]);
  }, 40_000);

  it("makes one alarm of a lost gateway, also with two roles at once, and goes on after a restart", async () => {
    await Promise.all([start(), start()]);
    for (const id of everyone.slice(0, 8)) speaking.delete(id);
    await until(async () => (await alarms()).length > 0, 9_000, "the alarm");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const open = await alarms();
    expect(open.map(({ cause, message }) => [cause, message.key, message.values.devices])).toEqual([
      ["gateway:gw", "gatewaySilent", 8],
    ]);
    expect(await alarms(false)).toEqual([]);
    expect(told).toEqual([{ alarmId: open[0]!.id, centreId: "c" }]);
    await Promise.all(roles.map((role) => role.stop()));
    roles = [];
    // Within the grace of a start, which is longer than an alarm without its finding lives.
    await start({ sinceMs: clock(), everyMs: 300, rules: closing(500) });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(
      (await alarms()).map(({ id }) => id),
      "the same alarm",
    ).toEqual([open[0]!.id]);
    expect(roles[0]!.notReady()).toBeUndefined();
  }, 30_000);

  it("reads every part of the world: faults, heat, hours, letters, the pipeline", async () => {
    const { sql, orm } = database.db;
    const nowUs = clock() * 1_000;
    await sink.gpuSamples([
      {
        gpuId: ids.gpus[0]!,
        timeUs: nowUs,
        receivedAtUs: nowUs,
        quality: "good",
        values: { temperatureC: 93 },
        xid: 79,
      },
    ]);
    const heldUs = nowUs - 60_000_000;
    await sink.readings([{ pointId: ids.points[0]!, timeUs: heldUs, receivedAtUs: heldUs, value: 1, quality: "good" }]);
    await sql`update gpu_latest set received_at = received_at - interval '60 seconds'`;
    await Promise.all(
      Array.from({ length: 60 }, () =>
        sink.deadLetter({
          receivedAtUs: nowUs,
          source: "hs/c/m-1",
          reason: "malformed",
          detail: "",
          payload: Buffer.from("{"),
        }),
      ),
    );
    for (const id of everyone) sink.seen(id, nowUs, id === "sensor" ? -3e8 : 5);
    const hour = 3_600_000;
    for (const back of [1, 2, 3])
      await orm.insert(centreHour).values({
        centreId: "c",
        hour: new Date(Math.floor(clock() / hour) * hour - back * hour),
        parts: {},
        facilityMilliWh: 150,
        itMilliWh: 100,
        pue: 1.5,
        pueCategory: 2,
        coverage: 0.93,
        simulated: false,
        derivedAt: new Date(),
      });
    await start({ everyMs: 300, rules: rules.map((rule) => ({ ...rule, opensAfterMs: rule.opensAfterMs / 30 })) });
    const expected = [
      "gpuFault:c-01/0:xid",
      "gpuHot:c-hall",
      "deadLetters:c",
      "ingestBehind:c",
      "coverageLow:c",
      "clockOff:c",
      "pueAboveTarget:c",
    ];
    const openCauses = async () => (await alarms()).map(({ cause }) => cause).sort();
    await until(async () => (await openCauses()).length >= expected.length, 6_000, "what opens");
    expect(await openCauses()).toEqual(expected.sort());
    const open = await alarms();
    expect(open.find(({ cause }) => cause === "clockOff:c")?.message.values).toMatchObject({
      device: "sensor",
      devices: 1,
    });
    expect(open.find(({ cause }) => cause === "deadLetters:c")?.message.values).toMatchObject({
      source: "hs/c/m-1",
      letters: 60,
    });
  });
});
