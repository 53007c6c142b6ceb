/* How long the ledger takes for 30 days of hourly history of three centres, and for a pass over a running hour of a reading a second. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { freePort } from "#cli/embedded/ports.ts";
import { startEmbeddedPostgres } from "#cli/embedded/postgres.ts";
import { type Database, openDatabase } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { hourMs } from "#domain/units.ts";
import { freezeEvidence } from "#ingest/ledger/freeze.ts";
import { ledgerPass, newPassMemory } from "#ingest/ledger/pass.ts";
import { temporaryFolder } from "#test/support/console-process.ts";
import { addCentre, addMeter } from "#test/support/ledger-world.ts";
import { printFigures } from "./report.ts";

const days = 30;
const centres = ["a", "b", "c"];
const metersOfCentre = 45;
const runningMinutes = 50;

const folder = await temporaryFolder();
const server = await startEmbeddedPostgres({ folder: folder.path, port: await freePort(25_432), database: "hs" });
const db = openDatabase({ url: server.url, applicationName: "hs-bench" });
try {
  await migrate(server.url, new Date());
  const counters = await fleet(db);
  const end = Math.floor(Date.now() / hourMs) * hourMs;
  printFigures("ledger", {
    days,
    counters: counters.length,
    ...(await history(db, counters, end)),
    ...(await running(db, counters, end)),
  });
} finally {
  await db.close();
  await server.stop();
  await folder.remove();
}

/** @returns ids of the counters. */
async function fleet(db: Database): Promise<number[]> {
  const ids: number[] = [];
  for (const id of centres) {
    await addCentre(db, id, `Z-${id}`);
    for (let at = 0; at < metersOfCentre; at++) {
      const role = at === 0 ? "grid" : at === 1 ? "solar" : at < 6 ? "cooling" : "rack_feed";
      const meter = { id: `${id}-${at}`, centreId: id, role, quantities: ["energyImport"], intervalS: 1 } as const;
      ids.push((await addMeter(db, { ...meter, quantities: [...meter.quantities] })).energyImport!);
    }
  }
  return ids;
}

/** A steady megawatt from `fromMs` to `toMs`. */
async function write(db: Database, ids: number[], fromMs: number, toMs: number, every: string, quality: number) {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  await db.sql`
    insert into reading select p, t, now(), extract(epoch from t) / 3.6 * 1000, ${quality}
    from unnest(${ids}::int[]) p, generate_series(${from}::timestamptz, ${to}::timestamptz, ${every}::text::interval) t on conflict do nothing`;
  await db.sql`
    insert into energy_dirty_hour select point_id, date_trunc('hour', time, 'UTC'), clock_timestamp() from reading where time >= ${from} and time <= ${to} group by 1, 2
    on conflict (point_id, hour) do update set marked_at = excluded.marked_at`;
}

async function history(db: Database, ids: number[], end: number) {
  await write(db, ids, end - days * 24 * hourMs, end, "1 hour", 5);
  await db.sql`analyze`;
  const memory = newPassMemory();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let begun = performance.now();
  let entries = 0;
  for (let more = true; more; ) {
    const pass = await ledgerPass(db, memory, end + hourMs / 2, { runningEveryMs: 20_000 });
    entries += pass.entries;
    more = pass.more;
  }
  delay.disable();
  const historySeconds = (performance.now() - begun) / 1_000;
  begun = performance.now();
  let roots = 0;
  for (let round = 0; round < 10; round++) roots += await freezeEvidence(db, end + hourMs);
  return {
    historySeconds: Number(historySeconds.toFixed(2)),
    entriesDerived: entries,
    eventLoopP99Ms: Math.round(delay.percentile(99) / 1e6),
    eventLoopWorstMs: Math.round(delay.max / 1e6),
    evidenceRootMs: Number(((performance.now() - begun) / roots).toFixed(1)),
  };
}

async function running(db: Database, ids: number[], end: number) {
  const now = end + runningMinutes * 60_000;
  await write(db, ids, end - hourMs + 1_000, now, "1 second", 0);
  await db.sql`analyze`;
  const memory = newPassMemory();
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    await write(db, ids, now + round * 1_000, now + round * 1_000, "1 second", 0);
    const begun = performance.now();
    await ledgerPass(db, memory, now + round * 20_000, { runningEveryMs: 20_000 });
    times.push(performance.now() - begun);
  }
  return { runningMinutes, runningPassMs: Math.round(Math.min(...times.slice(1))) };
}
