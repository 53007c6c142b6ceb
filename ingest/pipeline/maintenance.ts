import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import { dropOldPartitions, ensurePartitions } from "#db/timeseries/ddl.ts";

const everyMs = 3_600_000;
const dayMs = 86_400_000;
/** Any constant: one process at a time keeps house. */
const lockKey = 4_851_003;
const keepDeadLettersDays = 14;

/** Keeps the house of the time series: partitions ahead, old ones away, old dead letters away. At once, then every hour. */
export function startMaintenance({ db, log, clock }: { db: Database; log: Logger; clock: () => number }): {
  stop(): Promise<void>;
} {
  const round = () =>
    keepHouse(db, new Date(clock())).then(
      (dropped) => dropped.length && log.info({ dropped }, "old partitions were dropped"),
      (error: unknown) => log.warn({ err: error }, "partitions could not be kept up; tried again in an hour"),
    );
  let running: Promise<unknown> = round();
  const timer = setInterval(() => {
    running = running.then(round);
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** @returns the names of dropped partitions. TimescaleDB makes and drops its chunks by itself. */
export async function keepHouse(db: Database, now: Date): Promise<string[]> {
  const client = await db.pool.connect();
  client.on("error", () => {});
  let dropped: string[] = [];
  try {
    // DDL waits for readers and makes writers wait behind it: rather not now than long.
    await client.query("set lock_timeout = '3s'");
    const { rows } = await client.query<{ taken: boolean; plain: boolean }>(
      `select pg_try_advisory_lock($1) as taken, not exists (select 1 from pg_extension where extname = 'timescaledb') as plain`,
      [lockKey],
    );
    const { taken, plain } = rows[0]!;
    if (taken && plain) {
      await ensurePartitions(client, new Date(now.getTime() - dayMs), new Date(now.getTime() + 3 * dayMs));
      dropped = await dropOldPartitions(client, now);
    }
    if (taken) {
      await client.query("delete from dead_letter where received_at < $1", [
        new Date(now.getTime() - keepDeadLettersDays * dayMs),
      ]);
    }
    return dropped;
  } finally {
    // Its lock and its setting end with the connection.
    client.release(true);
  }
}
