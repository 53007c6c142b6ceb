import type pg from "pg";
import type { Database } from "#db/client.ts";

/** Key of the advisory lock: "hs", scheduler. */
const lockKey = 0x6873_0001;

export type Leader = { isLeader(): Promise<boolean>; release(): Promise<void> };

/**
 * Leadership by a session's advisory lock: the database gives it to one scheduler, and takes it back when that one's
 * connection ends, however it ends.
 */
export function advisoryLeader(db: Database): Leader {
  let client: pg.PoolClient | undefined;
  const drop = (error?: Error) => {
    client?.release(error ?? true);
    client = undefined;
  };
  return {
    async isLeader() {
      if (client) {
        try {
          await client.query("select 1");
          return true;
        } catch (error) {
          drop(error as Error);
        }
      }
      const candidate = await db.pool.connect();
      try {
        const { rows } = await candidate.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [
          lockKey,
        ]);
        if (!rows[0]?.taken) {
          candidate.release();
          return false;
        }
      } catch (error) {
        candidate.release(error as Error);
        throw error;
      }
      client = candidate;
      // A checked-out client that loses its connection says so by an event; the next question then finds it gone.
      candidate.on("error", () => {});
      return true;
    },
    async release() {
      if (!client) return;
      await client.query("select pg_advisory_unlock($1)", [lockKey]).catch(() => {});
      drop();
    },
  };
}
