import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { channels } from "#db/notify.ts";
import { recordFactors } from "./factors.ts";
import { freezeEvidence } from "./freeze.ts";
import { ledgerPass, newPassMemory } from "./pass.ts";

export { rebuildLedger } from "./rebuild.ts";

export type LedgerDeps = {
  db: Database;
  log: Logger;
  /** Now, in milliseconds since 1970. */
  clock: () => number;
  metrics: Registry;
};

export type LedgerOptions = {
  /** How often dirty hours are looked for. */
  pollMs?: number;
  /** How often the running hour is derived. */
  runningEveryMs?: number;
};

/** Between passes while there is more to do: the database and this process have others to serve. */
const breathMs = 25;

/**
 * Keeps the energy ledger, the centre-hours and their evidence in step with the readings. Several may run beside each
 * other; one works at a time. Not ready only while its passes fail.
 */
export async function startLedger(
  { db, log, clock, metrics }: LedgerDeps,
  { pollMs = 2_000, runningEveryMs = 20_000 }: LedgerOptions = {},
): Promise<{ notReady(): string | undefined; stop(): Promise<void> }> {
  const meters = registerMetrics(metrics);
  const memory = newPassMemory();
  const stopped = new AbortController();
  let failure: string | undefined;
  let recorded = false;

  async function work(): Promise<boolean> {
    if (!recorded) {
      await recordFactors(db);
      recorded = true;
    }
    const startedAt = performance.now();
    const pass = await ledgerPass(db, memory, clock(), { runningEveryMs });
    if (pass.centreIds.length) {
      meters.pass.observe((performance.now() - startedAt) / 1_000);
      meters.entries.inc(pass.entries);
      await db.notify(channels.ledger, { centreIds: pass.centreIds });
    }
    const [dirty] = await db.sql<{ hours: number }[]>`select count(*)::int as hours from energy_dirty_hour`;
    meters.dirty.set(dirty?.hours ?? 0);
    if (pass.more) return true;
    return (await freezeEvidence(db, clock())) > 0;
  }

  const loop = (async () => {
    while (!stopped.signal.aborted) {
      let more = false;
      try {
        more = await work();
        if (failure) log.info("the energy ledger works again");
        failure = undefined;
      } catch (error) {
        if (!failure) log.error({ err: error }, "the energy ledger's pass failed; it is tried again");
        failure = `energy ledger: ${error instanceof Error ? error.message : String(error)}`;
      }
      await sleep(more ? breathMs : pollMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return {
    notReady: () => failure,
    async stop() {
      stopped.abort();
      await loop;
    },
  };
}

function registerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    dirty: new Gauge({
      name: "hs_ledger_dirty_hours",
      help: "Hours of points that wait to be derived again.",
      registers,
    }),
    entries: new Counter({ name: "hs_ledger_entries_derived_total", help: "Ledger entries derived.", registers }),
    pass: new Histogram({
      name: "hs_ledger_pass_seconds",
      help: "Duration of a pass of the ledger that had something to do.",
      buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    }),
  };
}
