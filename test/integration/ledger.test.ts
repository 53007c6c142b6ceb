import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "#db/client.ts";
import { channels } from "#db/notify.ts";
import { evidenceForRun, evidenceOfHour } from "#db/queries/evidence.ts";
import type { centreHour } from "#db/schema/energy.ts";
import { zoneSeries } from "#db/schema/fleet.ts";
import type { Quality } from "#db/schema/telemetry.ts";
import { counterEntries } from "#domain/energy/counter.ts";
import { powerEntries } from "#domain/energy/power.ts";
import { type EnergyReading, usableQualities } from "#domain/energy/types.ts";
import { describeLeaf } from "#domain/evidence/leaf.ts";
import { evidenceProof, verifyEvidence } from "#domain/evidence/tree.ts";
import { hourMs } from "#domain/units.ts";
import { freezeEvidence } from "#ingest/ledger/freeze.ts";
import { clearMarks, readMarks } from "#ingest/ledger/marks.ts";
import { ledgerPass, newPassMemory, type PassMemory } from "#ingest/ledger/pass.ts";
import { rebuildLedger, startLedger } from "#ingest/ledger/worker.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { addCentre, addMeter, type TestReading, writeReadings } from "#test/support/ledger-world.ts";

const log = pino({ level: process.env.LOG_LEVEL ?? "silent" });
const start = Date.UTC(2026, 10, 23, 0);
const minute = 60_000;
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;

beforeAll(async () => {
  clone = await cloneDatabase();
  db = clone.db;
});
afterAll(() => clone?.drop());

/** Passes until nothing is left to do. `runningEveryMs` 0: the running hour too. */
async function settle(nowMs: number, memory: PassMemory = newPassMemory()): Promise<void> {
  for (let left = 200; left > 0; left--) {
    const pass = await ledgerPass(db, memory, nowMs, { runningEveryMs: 0 });
    const [{ n }] = (await db.sql`select count(*)::int as n from energy_dirty_hour`) as unknown as [{ n: number }];
    if (!pass.more && n === 0) return;
  }
  throw new Error("the ledger does not come to rest");
}
const hours = (centreId: string) =>
  db.orm.query.centreHour.findMany({
    where: (row, { eq }) => eq(row.centreId, centreId),
    orderBy: (row, { asc }) => asc(row.hour),
  });
const hourAt = async (centreId: string, hour: number) =>
  (await hours(centreId)).find((row) => row.hour.getTime() === start + hour * hourMs);

/** A small seeded generator: the same series in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
function shuffle<T>(items: T[], next: () => number): T[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(next() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}

/** Some hours of a counter with every fault: gaps, dips, resets, a rollover, sentinels, zeros, estimates, history. */
function faultyCounter(pointId: number, seed: number): TestReading[] {
  const next = random(seed);
  const readings: TestReading[] = [];
  let value = 2 ** 32 - 200_000;
  // A sentinel stored as a value lasts for two readings or more.
  let lying = false;
  for (let ms = start - 2 * hourMs; ms < start + 8 * hourMs; ) {
    const luck = next();
    ms +=
      luck < 0.004
        ? Math.floor(next() * 3 * hourMs)
        : ms < start - hourMs
          ? hourMs / 2
          : 5_000 + Math.floor(next() * 10_000);
    value = (value + Math.floor(next() * 900)) % 2 ** 32;
    let shown: number | null = value;
    let quality: Quality = ms < start - hourMs ? "backfilled" : "good";
    if (luck > 0.995) shown = Math.max(0, value - 215_000);
    else if (luck > 0.99) [shown, quality] = [null, "sentinel"];
    else if (luck > 0.985) quality = "out_of_range";
    else if (luck > 0.98) quality = "estimated";
    else if (luck > 0.977 || lying) [shown, lying] = [value + 4.3e11, !lying];
    else if (luck > 0.975) shown = 0;
    else if (luck > 0.973) shown = value = Math.floor(next() * 1_000);
    readings.push({ pointId, timeUs: ms * 1_000 + Math.floor(next() * 1_000), value: shown, quality });
  }
  return readings.filter(({ timeUs }) => timeUs < (start + 8.3 * hourMs) * 1_000);
}
const usable = (readings: TestReading[]): EnergyReading[] =>
  readings
    .filter(
      ({ value, quality }) => value !== null && (usableQualities as readonly string[]).includes(quality ?? "good"),
    )
    .map(({ timeUs, value, quality }) => ({
      timeUs,
      value: value!,
      quality: (quality ?? "good") as EnergyReading["quality"],
    }))
    .sort((a, b) => a.timeUs - b.timeUs);

async function stored(pointId: number) {
  const rows = await db.sql`
    select (extract(epoch from hour) * 1000)::float8 as "hourMs", method, energy_milli_wh::float8 as "energyMilliWh", covered_s as "coveredS", readings,
      (extract(epoch from first_reading_at) * 1000000)::float8 as "firstReadingUs", (extract(epoch from last_reading_at) * 1000000)::float8 as "lastReadingUs", notes
    from energy_ledger where point_id = ${pointId} order by hour, array_position(array['counter', 'integrated', 'counter_spread', 'estimated'], method)`;
  return [...rows];
}

describe("the ledger", () => {
  it("equals a clean rebuild, and the formulas over all readings, after any order of arrival", async () => {
    await addCentre(db, "order", "Z-ORDER");
    const traits = { intervalS: 10, ratedPowerW: 400_000, rolloverAtWh: 2 ** 32 };
    const meters = [];
    for (const id of ["grid", "pdu"]) {
      const quantities = ["energyImport", "activePower"];
      const role = id === "grid" ? "grid" : "rack_feed";
      const ids = await addMeter(db, {
        id: `order-${id}`,
        centreId: "order",
        role,
        quantities,
        rolloverAt: 2 ** 32,
        ratedPowerW: 400_000,
      });
      meters.push(ids.energyImport!);
    }
    const gauge = (
      await addMeter(db, { id: "order-sun", centreId: "order", role: "solar", quantities: ["activePower"] })
    ).activePower!;
    const next = random(7);
    const powers: TestReading[] = Array.from({ length: 2_000 }, (_, at) => ({
      pointId: gauge,
      timeUs: (start + at * 10_000 + (at > 900 ? 25 * minute : 0)) * 1_000,
      value: Math.round(next() * 5_000) - 500,
    }));
    const truth = [...meters.flatMap((id, at) => faultyCounter(id, 11 + at)), ...powers];
    // A tenth comes twice, a twentieth came wrong before it was corrected.
    const wrong = truth
      .filter(() => next() < 0.05)
      .map((reading) => ({ ...reading, value: (reading.value ?? 0) + 50_000 }));
    const stream = [...shuffle(wrong, next), ...shuffle([...truth, ...truth.filter(() => next() < 0.1)], next)];
    const memory = newPassMemory();
    const nowMs = start + 8.4 * hourMs;
    for (let at = 0; at < stream.length; at += 700) {
      const batch = new Map(
        stream.slice(at, at + 700).map((reading) => [`${reading.pointId} ${reading.timeUs}`, reading]),
      );
      await writeReadings(db, [...batch.values()]);
      await ledgerPass(db, memory, nowMs, { runningEveryMs: at % 2_100 === 0 ? 0 : 60_000 });
    }
    // The last word is the truth.
    await writeReadings(
      db,
      [...new Map(truth.map((reading) => [`${reading.pointId} ${reading.timeUs}`, reading])).values()].slice(0, 1),
    );
    await settle(nowMs, memory);

    const before = await Promise.all([...meters, gauge].map(stored));
    const centreBefore = await hours("order");
    for (const [at, pointId] of meters.entries()) {
      const readings = usable(truth.filter((reading) => reading.pointId === pointId));
      expect(before[at]).toEqual(counterEntries(readings, traits));
    }
    expect(before[2]).toEqual(powerEntries(usable(powers), { intervalS: 10 }));
    expect(before[0]!.length).toBeGreaterThan(10);
    const kinds = new Set(
      before.flat().flatMap(({ method, notes }) => [method, ...notes.map((note: string) => note.split(" ")[0])]),
    );
    expect([...kinds].sort()).toEqual([
      "counter",
      "counter_spread",
      "dip",
      "estimated",
      "integrated",
      "jump",
      "reset",
      "rollover",
      "spike",
    ]);

    const rebuilt = await rebuildLedger(
      db,
      new Date(start - 3 * hourMs),
      new Date(start + 9 * hourMs),
      new Date(nowMs),
    );
    expect(rebuilt).toMatchObject({ added: 0, changed: 0, removed: 0, entries: before.flat().length });
    const timeless = (rows: (typeof centreHour.$inferSelect)[]) => rows.map(({ derivedAt: _, ...row }) => row);
    expect(timeless(await hours("order"))).toEqual(timeless(centreBefore));
    // And a ledger that was lost comes back the same.
    await db.sql`delete from energy_ledger where point_id = any(${[...meters, gauge]})`;
    await db.sql`update energy_ledger set energy_milli_wh = energy_milli_wh + 1`;
    await rebuildLedger(db, new Date(start - 3 * hourMs), new Date(start + 9 * hourMs), new Date(nowMs));
    expect(await Promise.all([...meters, gauge].map(stored))).toEqual(before);
  });

  it("carries each single late reading into every hour that it changes, the running hour's beginning too", async () => {
    await addCentre(db, "single", "Z-SINGLE");
    const nowMs = start + 8.9 * hourMs;
    for (const seed of [1, 2, 3]) {
      const next = random(seed);
      const meter = { id: `single-${seed}`, centreId: "single", role: "grid", quantities: ["energyImport"] } as const;
      const pointId = (await addMeter(db, { ...meter, quantities: [...meter.quantities] })).energyImport!;
      // A few readings an hour, so that hours hang together over many of them; one in four is a fault.
      const truth: TestReading[] = [];
      for (let [ms, value] = [start, 1e6]; ms < nowMs; ms += (2 + next() * 22) * minute) {
        value += Math.floor(next() * 9_000);
        truth.push({
          pointId,
          timeUs: Math.floor(ms) * 1_000,
          value: value + (next() < 0.25 ? (next() - 0.5) * 40_000 : 0),
        });
      }
      const late = new Set(shuffle([...truth.keys()], next).slice(0, 14));
      const memory = newPassMemory();
      const here = truth.filter((_, at) => !late.has(at));
      await writeReadings(db, here);
      await settle(nowMs, memory);
      for (const at of late) {
        await writeReadings(db, [truth[at]!]);
        here.push(truth[at]!);
        await settle(nowMs, memory);
        expect(await stored(pointId)).toEqual(counterEntries(usable(here), { intervalS: 10, ratedPowerW: 1e6 }));
      }
      // One that was wrong is corrected, in each hour's first readings.
      for (const reading of truth.filter((_, at) => at % 5 === 0)) {
        const index = here.findIndex(({ timeUs }) => timeUs === reading.timeUs);
        here[index] = { ...reading, value: reading.value! + 77 };
        await writeReadings(db, [here[index]!]);
        await settle(nowMs, memory);
        expect(await stored(pointId)).toEqual(counterEntries(usable(here), { intervalS: 10, ratedPowerW: 1e6 }));
      }
    }
  });

  it("derives PUE, mix, carbon and cost, and follows the zone's values when they come later or change", async () => {
    await addCentre(db, "plain", "Z-PLAIN");
    const grid = await addMeter(db, {
      id: "plain-grid",
      centreId: "plain",
      role: "grid",
      quantities: ["energyImport"],
    });
    const a = await addMeter(db, { id: "plain-a", centreId: "plain", role: "rack_feed", quantities: ["energyImport"] });
    const b = await addMeter(db, { id: "plain-b", centreId: "plain", role: "rack_feed", quantities: ["energyImport"] });
    const counter = (pointId: number, perStep: number, fromS: number, toS: number): TestReading[] =>
      Array.from({ length: Math.floor((toS - fromS) / 10) + 1 }, (_, at) => ({
        pointId,
        timeUs: (start + (fromS + at * 10) * 1_000) * 1_000,
        value: (fromS / 10 + at) * perStep,
      }));
    await writeReadings(db, [
      ...counter(grid.energyImport!, 120, 0, 3 * 3_600),
      ...counter(a.energyImport!, 60, 0, 3 * 3_600),
      ...counter(b.energyImport!, 40, 0, 1.5 * 3_600),
    ]);
    await settle(start + 4 * hourMs);
    expect(await hourAt("plain", 0)).toMatchObject({
      pue: 1.2,
      facilityMilliWh: 43_200_000,
      itMilliWh: 36_000_000,
      notComputable: null,
      coverage: 1,
      mix: { unknown: 43_200_000 },
      cleanShare: null,
      carbonLocationG: null,
      costMicroUsd: null,
      factorSource: null,
      simulated: true,
    });
    // Feed B fell silent at 01:30.
    const silent = [{ deviceId: "plain-b", silentSince: "2026-11-23T01:30:00.000Z" }];
    expect(await hourAt("plain", 1)).toMatchObject({
      pue: null,
      itMilliWh: null,
      notComputable: silent,
      facilityMilliWh: 43_200_000,
    });
    expect(await hourAt("plain", 2)).toMatchObject({ pue: null, notComputable: silent });

    const zone = (series: string, value: number) => ({
      zone: "Z-PLAIN",
      series,
      time: new Date(start),
      value,
      source: "test",
      simulated: false,
    });
    await db.orm
      .insert(zoneSeries)
      .values([
        zone("carbonLocationGPerKwh", 500),
        zone("priceUsdPerMwh", 40),
        zone("mixHydro", 0.75),
        zone("mixFossil", 0.25),
      ]);
    await settle(start + 4 * hourMs);
    expect(await hourAt("plain", 0)).toMatchObject({
      cleanShare: 0.75,
      carbonLocationG: 21_600,
      carbonContractG: null,
      costMicroUsd: 2_160_000,
      mix: { hydro: 32_400_000, fossil: 10_800_000, unknown: 0 },
      factorSource: "Z-PLAIN: test; own supply: direct 2026.1",
    });
    await db.sql`update zone_series set value = 250 where zone = 'Z-PLAIN' and series = 'carbonLocationGPerKwh'`;
    await settle(start + 4 * hourMs);
    expect(await hourAt("plain", 0)).toMatchObject({ carbonLocationG: 10_800 });

    // Feed B is heard again at 02:30: its counter tells what flowed, and that nobody watched.
    await writeReadings(db, counter(b.energyImport!, 40, 2.5 * 3_600, 3 * 3_600));
    await settle(start + 4 * hourMs);
    expect(await hourAt("plain", 1)).toMatchObject({ pue: 1.2, notComputable: null });
    expect((await hourAt("plain", 1))!.coverage).toBeCloseTo(2.5 / 3, 9);
    expect((await hourAt("plain", 1))!.estimatedShare).toBeGreaterThan(0);
  });

  it("notices hours in which a whole centre is silent", async () => {
    await settle(start + 6.2 * hourMs);
    expect(await hourAt("plain", 4)).toMatchObject({ pue: null, facilityMilliWh: null, coverage: 0 });
    expect((await hourAt("plain", 4))!.notComputable).toHaveLength(3);
    expect((await hourAt("plain", 5))!.notComputable![2]).toEqual({
      deviceId: "plain-grid",
      silentSince: "2026-11-23T03:00:00.000Z",
    });
    expect(await hourAt("plain", 6)).toBeUndefined();
  });

  it("freezes the evidence of a closed hour once, and leaves it alone when the ledger is restated", async () => {
    const closed = Date.now() + 11 * minute + hourMs * 24 * 400;
    while ((await freezeEvidence(db, closed)) > 0);
    const evidence = (await evidenceOfHour(db, "plain", new Date(start)))!;
    expect(evidence).toMatchObject({ centreId: "plain", anchoredTxHash: null });
    expect(evidence.leaves).toHaveLength(3);
    const all = evidence.leaves.map(({ values }) => values);
    for (const values of all) expect(verifyEvidence(evidence.root, values, evidenceProof(all, values))).toBe(true);
    expect(all.map((values) => describeLeaf(values)).find(({ deviceId }) => deviceId === "plain-grid")).toMatchObject({
      energyMilliWh: "43200000",
      simulated: "true",
    });
    const [grid] = await db.sql<{ id: number }[]>`select id from point where device_id = 'plain-grid'`;
    await writeReadings(db, [{ pointId: grid!.id, timeUs: (start + 3_600_000) * 1_000, value: 43_300 }]);
    await settle(start + 7 * hourMs);
    expect((await hourAt("plain", 0))!.facilityMilliWh).toBe(43_300_000);
    while ((await freezeEvidence(db, closed)) > 0);
    expect(await evidenceOfHour(db, "plain", new Date(start))).toEqual(evidence);
    expect(await evidenceOfHour(db, "plain", new Date(start + 100 * hourMs))).toBeUndefined();
  });

  it("does not freeze an hour that is open, dirty or still filling", async () => {
    await addCentre(db, "late", "Z-LATE");
    const { energyImport } = await addMeter(db, {
      id: "late-grid",
      centreId: "late",
      role: "grid",
      quantities: ["energyImport"],
    });
    await addMeter(db, { id: "late-pdu", centreId: "late", role: "rack_feed", quantities: ["energyImport"] });
    const now = Date.now();
    const hour = Math.floor(now / hourMs) * hourMs - 2 * hourMs;
    await writeReadings(
      db,
      [0, 1].map((at) => ({
        pointId: energyImport!,
        timeUs: (hour + at * hourMs) * 1_000,
        value: at * 9,
        quality: "backfilled" as const,
      })),
    );
    await settle(now);
    const roots = async () => (await db.sql`select 1 from evidence_root where centre_id = 'late'`).length;
    // The rack's entry is missing: more may come.
    await freezeEvidence(db, now + minute);
    expect(await roots()).toBe(0);
    await writeReadings(db, [{ pointId: energyImport!, timeUs: (hour + 100) * 1_000, value: 1 }]);
    await freezeEvidence(db, now + 11 * minute);
    expect(await roots()).toBe(0);
    await settle(now);
    await freezeEvidence(db, now + 11 * minute);
    expect(await roots()).toBe(1);
  });

  it("gives the hours that a run overlaps", async () => {
    await db.sql`insert into policy values ('p', 1, '{}', 'x', now())`;
    await db.sql`insert into job (id, name, tenant, submitted_by, submitted_at, gpus, duration_s, power_per_gpu_w, release_at, deadline_at, policy_id, policy_version, workload, status, updated_at)
      values ('j', 'j', 't', 'p', now(), 1, 60, 100, now(), now() + interval '1 day', 'p', 1, '{"kind":"x"}', 'succeeded', now())`;
    await db.sql`insert into decision (id, job_id, decided_at, inputs, outcome) values (1, 'j', now(), '{}', '{}')`;
    await db.sql`insert into placement (id, job_id, decision_id, centre_id, planned_start_at, planned_end_at, status, created_at) values (1, 'j', 1, 'plain', now(), now(), 'released', now())`;
    await db.sql`insert into job_run (id, job_id, placement_id, centre_id, gpu_ids, engine, started_at, ended_at)
      values ('r', 'j', 1, 'plain', '{1}', 'local', ${new Date(start + 0.5 * hourMs).toISOString()}, ${new Date(start + 9 * hourMs).toISOString()})`;
    const found = await evidenceForRun(db, "r");
    expect(found.map(({ hour }) => (hour.getTime() - start) / hourMs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(found[0]!.root?.root).toMatch(/^0x[0-9a-f]{64}$/);
    expect(found[8]!.root).toBeNull();
    expect(await evidenceForRun(db, "none")).toEqual([]);
  });
});

describe("marks", () => {
  it("keeps a mark that was set again while its hour was derived", async () => {
    const at = { pointId: 999_999, timeUs: start * 1_000, value: 1 };
    await writeReadings(db, [at]);
    const before = await readMarks(db.sql, new Date(start + 2 * hourMs), false, 10);
    await writeReadings(db, [at]);
    await clearMarks(db.sql, before);
    const after = await readMarks(db.sql, new Date(start + 2 * hourMs), false, 10);
    expect(after.map(({ pointId }) => pointId)).toEqual([999_999]);
    await clearMarks(db.sql, after);
    expect(await readMarks(db.sql, new Date(start + 2 * hourMs), false, 10)).toEqual([]);
  });

  it("leaves the running hour until its turn", async () => {
    await writeReadings(db, [{ pointId: 999_999, timeUs: start * 1_000, value: 1 }]);
    expect(await readMarks(db.sql, new Date(start + hourMs / 2), false, 10)).toEqual([]);
    expect(await readMarks(db.sql, new Date(start + hourMs / 2), true, 10)).toHaveLength(1);
  });
});

describe("the ledger worker", () => {
  it("keeps up by itself, two of them at once, tells browsers and counts", async () => {
    await addCentre(db, "live", "Z-LIVE");
    const grid = await addMeter(db, { id: "live-grid", centreId: "live", role: "grid", quantities: ["energyImport"] });
    const pdu = await addMeter(db, {
      id: "live-pdu",
      centreId: "live",
      role: "rack_feed",
      quantities: ["energyImport"],
    });
    const heard: unknown[] = [];
    const listening = await db.listen(channels.ledger, (payload) => heard.push(payload.centreIds));
    const registry = new Registry();
    const options = { pollMs: 20, runningEveryMs: 50 };
    const workers = [
      await startLedger({ db, log, clock: Date.now, metrics: registry }, options),
      await startLedger({ db, log, clock: Date.now, metrics: new Registry() }, options),
    ];
    const from = Math.floor(Date.now() / hourMs) * hourMs - 2 * hourMs;
    for (let at = 0; at < 60; at++) {
      const timeUs = (from + at * minute) * 1_000;
      await writeReadings(db, [
        { pointId: grid.energyImport!, timeUs, value: at * 24 },
        { pointId: pdu.energyImport!, timeUs, value: at * 20 },
      ]);
    }
    await writeReadings(
      db,
      [grid, pdu].map((ids, at) => ({
        pointId: ids.energyImport!,
        timeUs: (from + hourMs) * 1_000,
        value: at ? 1_200 : 1_440,
      })),
    );
    for (let left = 200; left > 0; left--) {
      const [row] =
        await db.sql`select pue from centre_hour where centre_id = 'live' and facility_milli_wh = 1440000 and it_milli_wh = 1200000`;
      if (row) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    for (const worker of workers) {
      expect(worker.notReady()).toBeUndefined();
      await worker.stop();
    }
    await listening.stop();
    const rows = await hours("live");
    expect(rows[0]).toMatchObject({ pue: 1.2, facilityMilliWh: 1_440_000, notComputable: null });
    expect(heard).toContainEqual(["live"]);
    const text = await registry.metrics();
    expect(text).toMatch(/hs_ledger_dirty_hours \d+/);
    expect(text).toMatch(/hs_ledger_pass_seconds_count \d+/);
    expect(text).toMatch(/hs_ledger_entries_derived_total \d+/);
    expect((await db.sql`select 1 from emission_factor where version = '2026.1'`).length).toBe(4);
  });

  it("is not ready while the database refuses, and recovers", async () => {
    const worker = await startLedger({ db, log, clock: Date.now, metrics: new Registry() }, { pollMs: 20 });
    await db.sql`alter table energy_dirty_hour rename to energy_dirty_hour_away`;
    await expect.poll(() => worker.notReady()).toMatch(/energy ledger: .*energy_dirty_hour/);
    await db.sql`alter table energy_dirty_hour_away rename to energy_dirty_hour`;
    await expect.poll(() => worker.notReady()).toBeUndefined();
    await worker.stop();
  });
});
