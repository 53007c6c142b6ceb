import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyFleet } from "#db/config/apply-fleet.ts";
import { channels } from "#db/notify.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { silentLog, until } from "../adapters/modbus/testing.ts";
import type { ReadingRow } from "../pipeline/types.ts";
import { openWriter } from "../pipeline/writer.ts";
import { historyIsDue, writeHistory } from "./history.ts";
import { outlookFeed } from "./outlook-feed.ts";
import { dayMs, hourMs } from "./physics/units.ts";
import { readPlan } from "./plan.ts";
import { type HourLine, Simulation } from "./simulation.ts";
import { demonstrationFleet, pointsOf } from "./testing.ts";

const days = 4;
const endMs = Math.floor(Date.now() / hourMs) * hourMs;
let own: Awaited<ReturnType<typeof cloneDatabase>>;

beforeAll(async () => {
  own = await cloneDatabase();
  await applyFleet(own.db, demonstrationFleet(), pointsOf, new Date());
});
afterAll(() => own.drop());

describe("the made-up past", () => {
  it("comes newest first, is taken up where a kill left it, and leaves nothing out or twice", async () => {
    const { db } = own;
    const plan = await readPlan(db);
    const simulation = new Simulation(plan, 1, { timeMs: endMs - days * dayMs, historyEndMs: endMs });
    const lines: HourLine[] = [simulation.hourLine()];
    simulation.advance(endMs, 300_000, (line) => lines.push(line));
    const writer = openWriter({ db, log: silentLog, clock: Date.now, metrics: new Registry() });
    const feed = outlookFeed(db, 1, simulation.centres);
    const told: unknown[] = [];
    const listening = await db.listen(channels.progress, (payload) => told.push(payload));

    const given: ReadingRow[][] = [];
    let stopAfter = 2;
    /** A kill after the third day's rows are committed and before its progress is. */
    const killed = new Error("killed");
    const run = () =>
      writeHistory({
        db,
        plan,
        lines,
        feed,
        writer: {
          async readings(rows) {
            await writer.readings(rows);
            given.push(rows);
            if (stopAfter-- === 0) throw killed;
          },
        },
        clock: Date.now,
        log: silentLog,
        stopped: () => false,
      });
    expect(await historyIsDue(db)).toBe(true);
    await expect(run()).rejects.toBe(killed);
    const task = async () => (await db.pool.query("select kind, done, total, status from task_progress")).rows;
    const total = new Set(lines.map((line) => Math.floor(line.hourMs / dayMs))).size;
    expect(await task()).toEqual([{ kind: "history", done: 2, total, status: "running" }]);
    const newestOf = (rows: ReadingRow[]) => Math.max(...rows.map((row) => row.timeUs)) / 1_000;
    expect(given.map(newestOf)).toEqual([...given.map(newestOf)].sort((a, b) => b - a));
    expect(newestOf(given[0]!)).toBe(endMs);

    await run();
    expect(await task()).toEqual([{ kind: "history", done: total, total, status: "done" }]);
    expect(await historyIsDue(db)).toBe(false);
    // Three days before the kill, and all but the two that were recorded as done after it.
    expect(given.length).toBe(3 + (total - 2));
    const { rows } = await db.pool.query(
      "select count(*)::int as n, count(distinct time)::int as hours, min(quality)::int as least, max(quality)::int as most from reading",
    );
    const once = new Set(given.flat().map((row) => `${row.pointId} ${row.timeUs}`));
    expect(rows[0]).toEqual({ n: once.size, hours: lines.length, least: 5, most: 5 });
    expect((await db.pool.query("select count(*)::int as n from reading_correction")).rows[0].n).toBe(0);
    await until(() => told.length > total, 2_000, "progress to be told");
    await listening.stop();
    await writer.close();
  });
});
