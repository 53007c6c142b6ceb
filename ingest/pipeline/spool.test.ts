import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { qualities } from "#db/schema/telemetry.ts";
import { InvalidRowError, PipelineClosedError } from "./errors.ts";
import { openSpool, type Spool } from "./spool.ts";
import { decodeBatch, encodeBatch } from "./spool-batch.ts";
import type { DeadLetter, ReadingRow } from "./types.ts";

const log = pino({ level: "silent" });
let folder: string;
let spools: Spool[];
let committed: ReadingRow[];
let letters: DeadLetter[];
/** What the database does with rows. */
let database: (rows: ReadingRow[]) => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hs-spool-"));
  spools = [];
  committed = [];
  letters = [];
  database = async (rows) => void committed.push(...rows);
});
afterEach(async () => {
  await Promise.all(spools.map((spool) => spool.close()));
  await rm(folder, { recursive: true, force: true });
});

const file = () => join(folder, "spool", "readings.sqlite");
function start(mostBytes?: number, metrics = new Registry()): Spool {
  const sink = {
    readings: (rows: ReadingRow[]) => database(rows),
    deadLetter: async (letter: DeadLetter) => void letters.push(letter),
  };
  const spool = openSpool({ file: file(), sink, log, metrics, ...(mostBytes !== undefined && { mostBytes }) });
  spools.push(spool);
  return spool;
}
const row = (at: number, value: number | null = at): ReadingRow => ({
  pointId: 1 + (at % 7),
  timeUs: 1_764_000_000_000_000 + at,
  receivedAtUs: 1_764_000_000_000_500 + at,
  value,
  quality: value === null ? "sentinel" : "good",
});
const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => row(from + at));
const never = () => new Promise<void>(() => {});

describe("the spool", () => {
  it("commits what it is given, in order, and forgets it", async () => {
    const metrics = new Registry();
    const spool = start(undefined, metrics);
    for (let at = 0; at < 1_000; at += 10) expect(spool.write(rows(at, 10))).toBe(true);
    await vi.waitFor(() => expect(committed).toEqual(rows(0, 1_000)));
    await vi.waitFor(async () => expect(await metrics.metrics()).toMatch(/hs_ingest_spool_rows 0\n/));
  });

  it("keeps what was not committed when the process dies, and commits it at the next start", async () => {
    database = never;
    const died = start();
    died.write(rows(0, 500));
    // On the disk by the next beat; nothing of this process is asked again.
    await new Promise((resolve) => setTimeout(resolve, 250));
    spools = [];
    database = async (more) => void committed.push(...more);
    start();
    await vi.waitFor(() => expect(committed).toEqual(rows(0, 500)));
  });

  it("holds an outage on the disk and not in memory, and drains it whole", async () => {
    let open = 0;
    let atOnce = 0;
    let away = true;
    database = async (more) => {
      atOnce = Math.max(atOnce, ++open);
      while (away) await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      committed.push(...more);
    };
    const metrics = new Registry();
    const spool = start(undefined, metrics);
    for (let beat = 0; beat < 8; beat++) {
      spool.write(rows(beat * 1_000, 1_000));
      await new Promise((resolve) => setTimeout(resolve, 110));
    }
    expect(await metrics.metrics()).toMatch(/hs_ingest_spool_rows [78]000\n/);
    expect(atOnce).toBeLessThanOrEqual(4);
    away = false;
    await vi.waitFor(() => expect(committed).toHaveLength(8_000), { timeout: 5_000 });
    expect(committed.toSorted((a, b) => a.timeUs - b.timeUs)).toEqual(rows(0, 8_000));
  });

  it("says when the disk takes no more, keeps what memory may hold, and goes on when there is room", async () => {
    database = never;
    const spool = start(10_000);
    spool.write(rows(0, 300));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(spool.notReady()).toBeUndefined();
    spool.write(rows(300, 300));
    await vi.waitFor(() => expect(spool.notReady()).toContain("the spool takes no more readings"));
    expect(spool.write(rows(600, 199_700))).toBe(true);
    expect(spool.write(rows(0, 1))).toBe(false);
  });

  it("loses no row for one that the database refuses for good", async () => {
    database = async (more) => {
      if (more.some(({ value }) => value === 13)) throw new InvalidRowError("no such point");
      committed.push(...more);
    };
    start().write(rows(0, 40));
    await vi.waitFor(() => expect(committed.length + letters.length).toBe(40));
    expect(committed.map(({ value }) => value).toSorted((a, b) => a! - b!)).toEqual(
      rows(0, 40).flatMap(({ value }) => (value === 13 ? [] : [value])),
    );
    expect(letters).toMatchObject([{ reason: "invalid_value", detail: "refused by the database: no such point" }]);
  });

  it("keeps for the next start what a pipeline that closes gives back", async () => {
    database = async () => {
      throw new PipelineClosedError("closed");
    };
    const first = start();
    first.write(rows(0, 20));
    await first.close();
    database = async (more) => void committed.push(...more);
    start();
    await vi.waitFor(() => expect(committed).toEqual(rows(0, 20)));
    expect(letters).toEqual([]);
  });

  it("puts a damaged file aside and begins anew", async () => {
    const first = start();
    await first.close();
    await writeFile(file(), "this is no database, and long enough to be taken for one: ".repeat(200));
    start().write(rows(0, 5));
    await vi.waitFor(() => expect(committed).toEqual(rows(0, 5)));
    expect((await readdir(join(folder, "spool"))).some((name) => name.includes(".damaged-"))).toBe(true);
  });
});

describe("a batch", () => {
  it("comes back as it was", () => {
    const time = fc.integer({ min: 0, max: 2 ** 52 });
    const anyRow = fc.record({
      pointId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      timeUs: time,
      receivedAtUs: time,
      value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      quality: fc.constantFrom(...qualities),
    });
    fc.assert(
      fc.property(fc.array(anyRow), (batch) => {
        expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
      }),
    );
  });

  it("has no number where there is none: it is missing, and says so", () => {
    const [kept] = decodeBatch(encodeBatch([{ ...row(1), value: Number.POSITIVE_INFINITY }]));
    expect(kept).toMatchObject({ value: null, quality: "sentinel" });
  });

  it("refuses bytes that are none", () => {
    for (const bytes of [[], [2], [1, 0], [0, ...Array(29).fill(0)]])
      expect(() => decodeBatch(new Uint8Array(bytes))).toThrow(RangeError);
  });
});
