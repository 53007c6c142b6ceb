import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channels } from "#db/notify.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { InvalidRowError, PipelineClosedError } from "./errors.ts";
import { seedFleet } from "./testing.ts";
import type { GpuSampleRow, ReadingRow } from "./types.ts";
import { openWriter, type Writer } from "./writer.ts";

const log = pino({ level: "silent" });
/** Today at 10:00 UTC, in microseconds. */
const baseUs = Math.floor(Date.now() / 86_400_000) * 86_400_000_000 + 36_000_000_000;
const secondUs = 1_000_000;

describe("openWriter", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let writer: Writer;
  let metrics: Registry;
  let power: number;
  let inlet: number;
  let [gpuA, gpuB] = [0, 0];

  beforeAll(async () => {
    database = await cloneDatabase();
    const seeded = await seedFleet(database.db);
    [power, inlet] = seeded.points as [number, number];
    [gpuA, gpuB] = seeded.gpus as [number, number];
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.db
      .sql`truncate reading, gpu_sample, point_latest, gpu_latest, gpu_event, reading_clock_suspect, reading_correction, energy_dirty_hour`;
    metrics = new Registry();
    writer = openWriter({ db: database.db, log, clock: Date.now, metrics });
  });
  afterEach(() => writer.close());

  const row = (pointId: number, atS: number, value: number | null, more: Partial<ReadingRow> = {}): ReadingRow => ({
    pointId,
    timeUs: baseUs + Math.round(atS * secondUs),
    receivedAtUs: baseUs + Math.round(atS * secondUs) + 1_500,
    value,
    quality: "good",
    ...more,
  });
  const sample = (gpuId: number, atS: number, more: Partial<GpuSampleRow> = {}): GpuSampleRow => ({
    gpuId,
    timeUs: baseUs + atS * secondUs,
    receivedAtUs: baseUs + atS * secondUs + 1_500,
    quality: "good",
    values: { powerW: 500 },
    ...more,
  });
  const stored = async () =>
    (
      await database.db.sql<{ pointId: number; us: string; value: number | null; quality: number }[]>`
      select point_id as "pointId", (extract(epoch from time) * 1000000)::bigint as us, value, quality from reading order by 1, 2`
    ).map(({ pointId, us, value, quality }) => [pointId, (Number(us) - baseUs) / secondUs, value, quality]);
  const corrections = async () =>
    (
      await database.db.sql<{ pointId: number; value: number | null; received: string }[]>`
      select point_id as "pointId", previous_value as value, (extract(epoch from previous_received_at) * 1000000)::bigint as received
      from reading_correction order by id`
    ).map(({ pointId, value, received }) => [pointId, value, (Number(received) - baseUs) / secondUs]);
  const total = async (name: string) =>
    ((await metrics.getSingleMetric(name)?.get())?.values ?? []).reduce((sum, { value }) => sum + value, 0);

  describe("readings", () => {
    it("are committed when the promise resolves, to the microsecond, with value or missing", async () => {
      await writer.readings([
        row(power, 0.000_001, 12_345.678_9),
        row(power, 1, null, { quality: "sentinel" }),
        row(inlet, 0, -0.1, { quality: "out_of_range" }),
      ]);
      expect(await stored()).toEqual([
        [power, 0.000_001, 12_345.678_9, 0],
        [power, 1, null, 2],
        [inlet, 0, -0.1, 3],
      ]);
      expect((await metrics.metrics()).match(/hs_ingest_readings_total\{quality="(\w+)"\} 1/g)).toHaveLength(3);
    });

    it("delivered twice are one, in another batch or in the same", async () => {
      const rows = [row(power, 0, 1), row(power, 1, 2), row(inlet, 0, null, { quality: "sentinel" })];
      await writer.readings(rows);
      await writer.readings(rows.map((same) => ({ ...same, receivedAtUs: same.receivedAtUs + secondUs })));
      await Promise.all([writer.readings([row(power, 2, 3)]), writer.readings([row(power, 2, 3)])]);
      expect(await stored()).toEqual([
        [power, 0, 1, 0],
        [power, 1, 2, 0],
        [power, 2, 3, 0],
        [inlet, 0, null, 2],
      ]);
      expect(await corrections()).toEqual([]);
      expect(await total("hs_ingest_repetitions_total")).toBe(4);
    });

    it("with a different value for the same key are a correction with its history", async () => {
      await writer.readings([row(power, 0, 1), row(power, 5, 50)]);
      // 1 → 2 → 2 → 3 → missing: three steps; the reading beside them is new.
      await writer.readings([
        row(power, 0, 2, { receivedAtUs: baseUs + 7 * secondUs }),
        row(power, 0, 2, { receivedAtUs: baseUs + 8 * secondUs }),
        row(power, 0, 3, { receivedAtUs: baseUs + 9 * secondUs }),
        row(power, 0, null, { quality: "sentinel" }),
        row(power, 1, 9),
      ]);
      expect(await stored()).toEqual([
        [power, 0, null, 2],
        [power, 1, 9, 0],
        [power, 5, 50, 0],
      ]);
      expect(await corrections()).toEqual([
        [power, 1, 0.0015],
        [power, 2, 7],
        [power, 3, 9],
      ]);
      expect(await total("hs_ingest_corrections_total")).toBe(3);
    });

    it("that are NaN or infinite become missing, and the rows beside them stand", async () => {
      await writer.readings([
        row(power, 0, Number.NaN),
        row(power, 1, Infinity),
        row(power, 2, 5),
        row(power, 3, -Infinity),
      ]);
      expect(await stored()).toEqual([
        [power, 0, null, 2],
        [power, 1, null, 2],
        [power, 2, 5, 0],
        [power, 3, null, 2],
      ]);
    });

    it("of a day without a partition are taken all the same", async () => {
      const years = 3 * 365 * 86_400;
      await writer.readings([row(power, -years, 1), row(power, years, 2)]);
      expect(await stored()).toEqual([
        [power, -years, 1, 0],
        [power, years, 2, 0],
      ]);
    });

    it("of a device whose clock is off are kept apart with both times, once", async () => {
      const suspect = row(power, 0, 7, { timeUs: 31_536_000_000_000, quality: "clock_suspect" });
      await writer.readings([suspect, row(power, 0, 1)]);
      await writer.readings([{ ...suspect, receivedAtUs: suspect.receivedAtUs + secondUs }]);
      expect(await stored()).toEqual([[power, 0, 1, 0]]);
      const kept = await database.db.sql`select point_id, extract(epoch from device_time)::int as time,
        (extract(epoch from received_at) * 1000000)::bigint::text as received, value from reading_clock_suspect`;
      expect([...kept]).toEqual([
        { point_id: power, time: 31_536_000, received: String(suspect.receivedAtUs), value: 7 },
      ]);
    });

    it("move the newest value forward only, and a correction of the newest shows", async () => {
      const newest = async () =>
        (await database.db.sql`select value, quality from point_latest where point_id = ${power}`)[0];
      await writer.readings([row(power, 5, 50), row(power, 3, 30)]);
      expect(await newest()).toEqual({ value: 50, quality: 0 });
      await writer.readings([row(power, 4, 40)]);
      expect(await newest()).toEqual({ value: 50, quality: 0 });
      await writer.readings([row(power, 5, 51)]);
      expect(await newest()).toEqual({ value: 51, quality: 0 });
      await writer.readings([row(power, 6, null, { quality: "sentinel" })]);
      expect(await newest()).toEqual({ value: null, quality: 2 });
    });

    it("mark their hours for the ledger where energy is counted, and each time anew", async () => {
      const marks = async () =>
        (
          await database.db.sql<{ pointId: number; hour: number; at: number }[]>`
          select point_id as "pointId", (extract(epoch from hour))::float8 - ${baseUs / 1e6} as hour,
            (extract(epoch from marked_at) * 1000)::float8 as at from energy_dirty_hour order by 1, 2`
        ).map((mark) => ({ ...mark }));
      await writer.readings([row(power, 0, 1), row(power, 3_599.9, 1), row(power, 3_600, 1), row(inlet, 0, 20)]);
      const first = await marks();
      expect(first.map(({ pointId, hour }) => [pointId, hour])).toEqual([
        [power, 0],
        [power, 3_600],
      ]);
      // A ledger that read this mark and deletes it by its time must not delete the next one, even within a millisecond.
      const frozen = openWriter({ db: database.db, log, clock: () => first[0]!.at, metrics: new Registry() });
      await frozen.readings([row(power, 1, 1)]);
      await frozen.close();
      expect((await marks())[0]!.at).toBeGreaterThan(first[0]!.at);
      await database.db.sql`delete from energy_dirty_hour`;
      await writer.readings([row(power, 2, 1)]);
      expect(await marks()).toHaveLength(1);
    });

    it("tell which centres changed, at most once a second", async () => {
      const told: unknown[] = [];
      const subscription = await database.db.listen(channels.readings, (payload) => told.push(payload));
      const begunMs = performance.now();
      for (let at = 0; at < 20; at++) await writer.readings([row(power, at, at)]);
      await new Promise((resolve) => setTimeout(resolve, 1_600));
      await subscription.stop();
      // At once and then once a second, however long a busy machine takes for the twenty.
      expect(told.length).toBeGreaterThanOrEqual(2);
      expect(told.length).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begunMs) / 1_000));
      for (const one of told) expect(one).toEqual({ centreIds: ["c"] });
    });
  });

  describe("many callers", () => {
    it("are committed together, each row once", async () => {
      const callers = Array.from({ length: 3_000 }, (_, at) => writer.readings([row(power, at, at)]));
      await Promise.all(callers);
      expect(await stored()).toHaveLength(3_000);
      const batches = (await metrics.getSingleMetric("hs_ingest_batch_rows")!.get()).values.find(
        ({ labels, value }) => "le" in labels && labels.le === "+Inf" && value,
      );
      expect(batches?.value).toBeLessThan(20);
      expect(await total("hs_ingest_waiting_rows")).toBe(0);
    });

    it("with more rows than one transaction takes get several", async () => {
      await writer.readings(Array.from({ length: 45_000 }, (_, at) => row(power, at / 100, at)));
      const [{ count }] = (await database.db.sql`select count(*)::int as count from reading`) as unknown as [
        { count: number },
      ];
      expect(count).toBe(45_000);
    });

    it("are refused alone for a row that no table takes", async () => {
      const results = await Promise.allSettled([
        writer.readings([row(power, 0, 1)]),
        writer.readings([row(power, 1, 1), row(0, 1, 1)]),
        writer.readings([row(power, 2, 1, { timeUs: 0.5 })]),
        writer.readings([row(power, 3, 1, { quality: "splendid" as never })]),
        writer.readings([row(power, 4, 1)]),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        "fulfilled",
        "rejected",
        "rejected",
        "rejected",
        "fulfilled",
      ]);
      expect((results[1] as PromiseRejectedResult).reason).toBeInstanceOf(InvalidRowError);
      expect((await stored()).map(([, at]) => at)).toEqual([0, 4]);
    });

    it("are refused alone for a row that the database refuses", async () => {
      const { sql } = database.db;
      await sql.unsafe("alter table reading add constraint poison check (value <> 666)");
      try {
        const results = await Promise.allSettled(
          Array.from({ length: 40 }, (_, at) =>
            writer.readings([row(power, at, at === 17 ? 666 : at), row(inlet, at, 1)]),
          ),
        );
        expect(results.flatMap(({ status }, at) => (status === "rejected" ? [at] : []))).toEqual([17]);
        expect(await stored()).toHaveLength(78);
        expect(await total("hs_ingest_refused_rows_total")).toBe(2);
        expect(await total("hs_ingest_waiting_rows")).toBe(0);
      } finally {
        await sql.unsafe("alter table reading drop constraint poison");
      }
    });
  });

  describe("GPU samples", () => {
    const events = async () =>
      (
        await database.db.sql<{ gpuId: number; at: number; kind: string; code: number }[]>`
        select gpu_id as "gpuId", extract(epoch from time)::float8 - ${baseUs / 1e6} as at, kind, code from gpu_event order by gpu_id, time, kind`
      ).map(({ gpuId, at, kind, code }) => [gpuId, at, kind, code]);

    it("are one wide row; a blank or impossible field is missing", async () => {
      await writer.gpuSamples([
        sample(gpuA, 0, {
          values: {
            powerW: 512.5,
            energyJ: 1e12 + 0.5,
            clockEventMask: 2 ** 40,
            rowsRemappedPending: 1,
            temperatureC: null,
            smActive: 1e39,
            memoryClockMhz: Number.NaN,
            rowsRemappedFailed: 70_000,
          },
        }),
      ]);
      const [kept] = await database.db.sql`select * from gpu_sample`;
      expect(kept).toMatchObject({
        gpu_id: gpuA,
        power_w: 512.5,
        energy_j: 1e12 + 0.5,
        clock_event_mask: String(2 ** 40),
        rows_remapped_pending: 1,
        temperature_c: null,
        sm_active: null,
        memory_clock_mhz: null,
        rows_remapped_failed: null,
        utilization_percent: null,
      });
    });

    it("delivered twice are one, and the newest is kept for pages", async () => {
      const rows = [sample(gpuA, 1, { values: { powerW: 600, temperatureC: 61 }, xid: 0 }), sample(gpuB, 1)];
      await writer.gpuSamples(rows);
      await writer.gpuSamples([...rows, sample(gpuA, 0, { values: { powerW: 1 } })]);
      const [count] = await database.db.sql`select count(*)::int as rows from gpu_sample`;
      expect(count).toEqual({ rows: 3 });
      const [newest] = await database.db
        .sql`select power_w, temperature_c, last_xid from gpu_latest where gpu_id = ${gpuA}`;
      expect(newest).toEqual({ power_w: 600, temperature_c: 61, last_xid: 0 });
    });

    it("make an event of every change of an XID: none of a stay, one of each repeat", async () => {
      const story: [number, number | null][] = [
        [0, 0],
        [1, 79],
        [2, 79],
        [3, null],
        [4, 79],
        [5, 0],
        [6, 79],
        [7, 31],
      ];
      // One by one, and then the whole story again for another GPU in one batch, and both once more as a redelivery.
      for (const [at, xid] of story) await writer.gpuSamples([sample(gpuA, at, { xid })]);
      const whole = story.map(([at, xid]) => sample(gpuB, at, { xid }));
      await writer.gpuSamples(whole);
      await writer.gpuSamples([...whole, ...story.map(([at, xid]) => sample(gpuA, at, { xid }))]);
      const expected = [
        [1, 79],
        [5, 0],
        [6, 79],
        [7, 31],
      ];
      expect(await events()).toEqual(
        [gpuA, gpuB].flatMap((gpu) => expected.map(([at, code]) => [gpu, at, "xid", code])),
      );
      const latest = await database.db.sql`select last_xid from gpu_latest`;
      expect(latest.map((newest) => newest.last_xid)).toEqual([31, 31]);
    });

    it("make events of double-bit ECC errors and failed remappings", async () => {
      await writer.gpuSamples([sample(gpuA, 0, { values: { eccDoubleVolatile: 0, rowsRemappedFailed: 0 } })]);
      await writer.gpuSamples([sample(gpuA, 1, { values: { eccDoubleVolatile: 2, rowsRemappedFailed: 1 } })]);
      await writer.gpuSamples([sample(gpuA, 2, { values: { eccDoubleVolatile: 2, rowsRemappedFailed: 1 } })]);
      expect(await events()).toEqual([
        [gpuA, 1, "ecc_double", 2],
        [gpuA, 1, "remap_failed", 1],
      ]);
    });

    it("tell a GPU's own uuid", async () => {
      await writer.gpuSamples([sample(gpuA, 0, { uuid: "GPU-abc" }), sample(gpuB, 0)]);
      const rows = await database.db.sql`select uuid from gpu where id in (${gpuA}, ${gpuB}) order by id`;
      expect(rows.map(({ uuid }) => uuid)).toEqual(["GPU-abc", "unknown:c-01/1"]);
    });
  });

  describe("a database that goes away", () => {
    const terminate = () =>
      database.db
        .sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'hs-test-ts'`;

    it("mid-stream loses nothing and duplicates nothing", async () => {
      const all: Promise<void>[] = [];
      let killed = 0;
      for (let round = 0; round < 60; round++) {
        for (let at = 0; at < 50; at++)
          all.push(writer.readings([row(power, round * 50 + at, round), row(inlet, round * 50 + at, at)]));
        all.push(writer.gpuSamples([sample(gpuA, round, { xid: round % 2 ? 79 : 0 })]));
        if (round % 6 === 3) killed += (await terminate()).length;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await Promise.all(all);
      expect(killed).toBeGreaterThan(0);
      expect(await total("hs_ingest_commit_retries_total"), "commits were hit").toBeGreaterThan(0);
      const rows = await stored();
      expect(rows).toHaveLength(6_000);
      expect(new Set(rows.map(([point, at]) => `${point} ${at}`)).size).toBe(6_000);
      expect(await corrections()).toEqual([]);
      const [gpus] = await database.db
        .sql`select (select count(*) from gpu_sample)::int as samples, (select count(*) from gpu_event)::int as events`;
      expect(gpus).toEqual({ samples: 60, events: 59 });
    });

    it("and stays away makes callers wait, and close refuses them in time, unacknowledged", async () => {
      const { openDatabase } = await import("#db/client.ts");
      const nowhere = openDatabase({ url: "postgres://hs:hs@127.0.0.1:1/none", applicationName: "hs-test" });
      const lonely = openWriter({ db: nowhere, log, clock: Date.now, metrics: new Registry() });
      let settled = "waiting";
      const waiting = lonely.readings([row(power, 0, 1)]).then(
        () => (settled = "written"),
        (error: Error) => (settled = error.constructor.name),
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(settled).toBe("waiting");
      const begun = performance.now();
      await lonely.close();
      expect(performance.now() - begun).toBeLessThan(5_000);
      await waiting;
      expect(settled).toBe(PipelineClosedError.name);
      await expect(lonely.readings([row(power, 0, 1)])).rejects.toThrow(PipelineClosedError);
      await nowhere.close();
    });
  });
});
