import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { keepHouse } from "./maintenance.ts";
import { type OpenSink, openSink } from "./sink.ts";
import { seedFleet } from "./testing.ts";
import type { DeadLetter, ReadingRow } from "./types.ts";

const log = pino({ level: "silent" });

describe("openSink", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let sink: OpenSink;
  let metrics: Registry;
  let points: number[];
  /** Added to the real time. */
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs;

  beforeAll(async () => {
    database = await cloneDatabase();
    ({ points } = await seedFleet(database.db, {
      devices: [
        { id: "fast", intervalS: 1, points: [["activePowerW", "activePower"]] },
        { id: "slow", intervalS: 60, points: [["activePowerW", "activePower"]] },
        { id: "mute", intervalS: 1, points: [["activePowerW", "activePower"]] },
      ],
    }));
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    aheadMs = 0;
    await database.db.sql`truncate reading, point_latest, energy_dirty_hour, dead_letter, source_health`;
    metrics = new Registry();
    sink = openSink({ db: database.db, log, clock, metrics, watchSilence: true });
  });
  afterEach(() => sink.close());

  const health = async (id: string) =>
    (
      await database.db.sql<Record<string, unknown>[]>`
      select stale, messages::int, errors::int, last_error, clock_offset_ms, (extract(epoch from last_seen_at) * 1000)::float8 as seen_ms
      from source_health where device_id = ${id}`
    )[0];
  const until = async (condition: () => Promise<boolean>, withinMs: number, what: string) => {
    const end = Date.now() + withinMs;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it("keeps what was heard of a device, added up", async () => {
    const atMs = clock();
    sink.seen("fast", (atMs - 500) * 1_000, -1_250);
    sink.seen("fast", atMs * 1_000);
    sink.failed("fast", atMs * 1_000, "exception 2 at register 40\0");
    sink.failed("slow", atMs * 1_000, "timeout");
    await until(async () => (await health("fast"))?.messages === 2, 3_000, "the flush");
    expect(await health("fast")).toEqual({
      stale: false,
      messages: 2,
      errors: 1,
      last_error: "exception 2 at register 40\ufffd",
      clock_offset_ms: -1_250,
      seen_ms: atMs,
    });
    sink.seen("fast", (atMs - 9_000) * 1_000, 3);
    await until(async () => (await health("fast"))?.messages === 3, 3_000, "the next flush");
    expect(await health("fast")).toMatchObject({
      seen_ms: atMs,
      clock_offset_ms: 3,
      last_error: "exception 2 at register 40\ufffd",
    });
    expect(await health("slow")).toMatchObject({ messages: 0, errors: 1, seen_ms: null });
    expect(sink.notReady()).toBeUndefined();
  });

  it("marks a device stale after three intervals and at least 5 s, also one never heard, and live when it speaks", async () => {
    sink.seen("fast", clock() * 1_000);
    sink.seen("slow", clock() * 1_000);
    await until(async () => (await health("slow")) !== undefined, 3_000, "the flush");
    aheadMs = 4_000;
    sink.seen("fast", clock() * 1_000);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect([(await health("fast"))?.stale, (await health("slow"))?.stale]).toEqual([false, false]);
    await until(
      async () => (await health("mute"))?.stale === true,
      1_500,
      "the device never heard is stale, 5 s after the start",
    );
    await until(async () => (await health("fast"))?.stale === true, 5_000, "silence of the fast device");
    expect((await health("slow"))?.stale).toBe(false);
    expect(await metrics.getSingleMetricAsString("hs_ingest_stale_devices")).toContain("hs_ingest_stale_devices 2");
    sink.seen("fast", clock() * 1_000);
    await until(async () => (await health("fast"))?.stale === false, 3_000, "life");
    aheadMs = 185_000;
    await until(async () => (await health("slow"))?.stale === true, 3_000, "silence of the slow device");
  });

  it("keeps a dead letter with the first 64 KiB, and counts every one by reason", async () => {
    const letter: DeadLetter = {
      receivedAtUs: clock() * 1_000,
      source: "hs/c/\0x",
      reason: "too_large",
      detail: "10 MB",
      payload: Buffer.alloc(10 * 1024 * 1024, 7),
    };
    await sink.deadLetter(letter);
    await sink.deadLetter({ ...letter, reason: "malformed", payload: Buffer.from("{not") });
    const rows = await database.db
      .sql`select source, reason, length(payload) as kept, payload_bytes from dead_letter order by id`;
    expect([...rows]).toEqual([
      { source: "hs/c/\ufffdx", reason: "too_large", kept: 65_536, payload_bytes: 10_485_760 },
      { source: "hs/c/\ufffdx", reason: "malformed", kept: 4, payload_bytes: 4 },
    ]);
    expect(await metrics.metrics()).toContain('hs_ingest_dead_letters_total{reason="too_large"} 1');
  });

  it("does not let a flood fill the disk: by source, in all, and by bytes; the next hour begins anew", async () => {
    const now = clock() * 1_000;
    const send = (source: string, payload = "x", receivedAtUs = now) =>
      sink.deadLetter({ receivedAtUs, source, reason: "malformed", detail: "", payload: Buffer.from(payload) });
    const kept = async () =>
      (await database.db.sql`select count(*)::int as letters, sum(length(payload))::int as bytes from dead_letter`)[0];
    await Promise.all(Array.from({ length: 500 }, () => send("one")));
    expect(await kept()).toMatchObject({ letters: 100 });
    await Promise.all(Array.from({ length: 2_000 }, (_, at) => send(`other/${at}`)));
    expect(await kept()).toMatchObject({ letters: 1_000 });
    expect(await metrics.metrics()).toContain('hs_ingest_dead_letters_total{reason="malformed"} 2500');
    await Promise.all(
      Array.from({ length: 200 }, (_, at) => send(`wide/${at}`, "y".repeat(65_536), now + 3_600_000_000)),
    );
    expect(await kept()).toMatchObject({ letters: 1_128, bytes: 1_000 + 128 * 65_536 });
  });

  it("of two processes at once stores each row once, whoever comes first", async () => {
    const other = openSink({ db: database.db, log, clock, metrics: new Registry() });
    const base = Math.floor(Date.now() / 1_000) * 1_000_000;
    const rows = Array.from({ length: 2_000 }, (_, at): ReadingRow => {
      const timeUs = base - Math.floor(at / 3) * 1_000;
      return { pointId: points[at % 3]!, timeUs, receivedAtUs: timeUs, value: at, quality: "good" };
    });
    const backwards = rows.toReversed();
    const sends: Promise<void>[] = [];
    for (let at = 0; at < rows.length; at += 40) {
      sends.push(sink.readings(rows.slice(at, at + 40)), other.readings(backwards.slice(at, at + 40)));
      if (at % 400 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await Promise.all(sends);
    await other.close();
    const [found] = await database.db
      .sql`select count(*)::int as rows, count(distinct value)::int as values from reading`;
    expect(found).toEqual({ rows: 2_000, values: 2_000 });
    const [corrected] = await database.db.sql`select count(*)::int as rows from reading_correction`;
    expect(corrected).toEqual({ rows: 0 });
  });

  it("keeps house: partitions ahead with the rows that waited for them, old ones and old letters away", async () => {
    const now = new Date(Date.now() + 20 * 86_400_000);
    const timeUs = now.getTime() * 1_000;
    await sink.readings([{ pointId: points[0]!, timeUs, receivedAtUs: timeUs, value: 1, quality: "good" }]);
    await sink.deadLetter({
      receivedAtUs: clock() * 1_000,
      source: "s",
      reason: "malformed",
      detail: "",
      payload: Buffer.alloc(0),
    });
    const partitionOf = async () =>
      (await database.db.sql`select tableoid::regclass::text as name from reading`)[0]?.name;
    const plain = (await database.db.sql`select 1 from pg_extension where extname = 'timescaledb'`).length === 0;
    if (plain) expect(await partitionOf()).toBe("reading_rest");
    const dropped = await keepHouse(database.db, now);
    if (plain) {
      expect(await partitionOf()).toBe(`reading_${now.toISOString().slice(0, 10).replaceAll("-", "")}`);
      expect(dropped.every((name) => name.startsWith("gpu_sample_2"))).toBe(true);
      expect(dropped.length).toBeGreaterThan(0);
    }
    expect((await database.db.sql`select 1 from dead_letter`).length).toBe(0);
  });
});
