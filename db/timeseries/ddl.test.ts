import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { dropOldPartitions, ensurePartitions, timeSeriesTables } from "./ddl.ts";

const dayMs = 86_400_000;
const kind = inject("timeSeriesKind");
let database: Awaited<ReturnType<typeof cloneDatabase>>;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

async function connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const insert = (client: pg.Client, point: number, time: Date, value = 1) =>
  client.query("insert into reading (point_id, time, received_at, value, quality) values ($1, $2, $2, $3, 0)", [
    point,
    time,
    value,
  ]);
const dayName = (time: Date) => `reading_${time.toISOString().slice(0, 10).replaceAll("-", "")}`;

it.each([new Date("1999-12-31T23:59:59Z"), new Date(), new Date("2199-01-01T00:00:00Z")])(
  "takes a reading of %s, once",
  (time) =>
    connected(async (client) => {
      await insert(client, 1, time);
      await expect(insert(client, 1, time)).rejects.toMatchObject({ code: "23505" });
      expect((await client.query("select value from reading where point_id = 1 and time = $1", [time])).rows).toEqual([
        { value: 1 },
      ]);
    }),
);

describe.runIf(kind === "postgresql")("partitions of plain PostgreSQL", () => {
  it("moves rows that came before their partition, and keeps each day's rows in it", () =>
    connected(async (client) => {
      const day = new Date(Date.UTC(2031, 4, 7));
      const times = [-1, 0, dayMs - 1, dayMs].map((offset) => new Date(day.getTime() + offset));
      for (const time of times) await insert(client, 2, time);
      await ensurePartitions(client, day, day);
      const inDay = (await client.query(`select time from ${dayName(day)} order by time`)).rows;
      expect(inDay.map((row) => row.time)).toEqual(times.slice(1, 3));
      expect((await client.query("select count(*)::int as n from reading where point_id = 2")).rows).toEqual([
        { n: 4 },
      ]);
      await expect(insert(client, 2, day)).rejects.toMatchObject({ code: "23505" });
    }));

  it("many processes that make the same days at once all succeed, while a writer goes on", () =>
    connected(async (writer) => {
      const from = new Date(Date.UTC(2032, 0, 1));
      const to = new Date(from.getTime() + 6 * dayMs);
      let [done, written] = [false, 0];
      const writing = (async () => {
        while (!done) {
          const time = new Date(from.getTime() + ((written * 7_919_000) % (7 * dayMs)) + written);
          // A row that was on its way into the rest when its day came is refused, and goes into its day the next time.
          await insert(writer, 3, time).catch((error: { code?: string }) => {
            if (error.code !== "23514") throw error;
            return insert(writer, 3, time);
          });
          written++;
        }
      })();
      await Promise.all([1, 2, 3, 4].map(() => connected((client) => ensurePartitions(client, from, to))));
      done = true;
      await writing;
      const { rows } = await writer.query("select count(*)::int as n from reading where point_id = 3");
      expect(rows).toEqual([{ n: written }]);
      const rest = "select count(*)::int as n from reading_rest where point_id = 3";
      expect((await writer.query(rest)).rows).toEqual([{ n: 0 }]);
    }));

  it("drops whole days beyond each table's retention, and nothing else", () =>
    connected(async (client) => {
      const now = new Date();
      for (const { name, retentionDays } of timeSeriesTables) {
        for (const age of [retentionDays + 1, retentionDays]) {
          const day = new Date(now.getTime() - age * dayMs);
          await ensurePartitions(client, day, day);
          expect(name).toMatch(/^(reading|gpu_sample)$/);
        }
      }
      const dropped = await dropOldPartitions(client, now);
      const oldest = (table: string, days: number) =>
        `${table}_${new Date(now.getTime() - days * dayMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
      expect(dropped).toContain(oldest("reading", 401));
      expect(dropped).not.toContain(oldest("reading", 400));
      expect(dropped).toContain(oldest("gpu_sample", 4));
      expect(dropped).not.toContain(oldest("gpu_sample", 3));
      expect(await dropOldPartitions(client, now)).toEqual([]);
      expect((await client.query("select count(*)::int as n from reading_rest where point_id = 1")).rows).toEqual([
        { n: 2 },
      ]);
    }));
});

describe.runIf(kind === "timescaledb")("hypertables of TimescaleDB", () => {
  it("have chunks of a day, compression by key and a retention of raw rows each", () =>
    connected(async (client) => {
      const jobs = await client.query(
        `select hypertable_name as name, proc_name as job, config from timescaledb_information.jobs where hypertable_name is not null order by 1, 2`,
      );
      expect(jobs.rows.map(({ name, job }) => [name, job])).toEqual([
        ["gpu_sample", "policy_compression"],
        ["gpu_sample", "policy_retention"],
        ["reading", "policy_compression"],
        ["reading", "policy_retention"],
      ]);
      for (const { name, retentionDays } of timeSeriesTables) {
        const retention = jobs.rows.find((row) => row.name === name && row.job === "policy_retention");
        expect(retention.config.drop_after).toBe(`${retentionDays} days`);
      }
      const settings = await client.query(
        "select hypertable_name as name, attname as by from timescaledb_information.compression_settings where segmentby_column_index is not null order by 1",
      );
      expect(settings.rows).toEqual([
        { name: "gpu_sample", by: "gpu_id" },
        { name: "reading", by: "point_id" },
      ]);
      const chunks = await client.query(
        "select extract(epoch from time_interval)::int as seconds from timescaledb_information.dimensions order by 1",
      );
      expect(chunks.rows).toEqual([{ seconds: 86_400 }, { seconds: 86_400 }]);
    }));

  it("a late reading of a compressed day is taken, and a repeated one still meets its key", () =>
    connected(async (client) => {
      const day = new Date(Date.UTC(2031, 4, 7));
      for (let minute = 0; minute < 60; minute++)
        await insert(client, 4, new Date(day.getTime() + minute * 60_000), minute);
      await client.query(
        "select compress_chunk(c) from show_chunks('reading', older_than => $1::timestamptz, newer_than => $2::timestamptz) c",
        [new Date(day.getTime() + dayMs), day],
      );
      const late = new Date(day.getTime() + 90 * 60_000);
      await insert(client, 4, late, 90);
      await expect(insert(client, 4, day)).rejects.toMatchObject({ code: "23505" });
      await client.query(
        "insert into reading (point_id, time, received_at, value, quality) values (4, $1, $1, 7, 0) on conflict (point_id, time) do update set value = excluded.value",
        [day],
      );
      const { rows } = await client.query(
        "select count(*)::int as n, sum(value) as sum from reading where point_id = 4",
      );
      expect(rows).toEqual([{ n: 61, sum: (59 * 60) / 2 + 90 + 7 }]);
    }));
});
