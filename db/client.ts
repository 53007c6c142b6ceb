import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import pg from "pg";
import type { Sql } from "postgres";
import { drizzle, postgres } from "./driver.ts";
import type { Channel } from "./notify.ts";
import * as schema from "./schema/index.ts";

export type Orm = PostgresJsDatabase<typeof schema>;

/** Two pools with two purposes, so that a flood of readings never starves a page. */
export type Database = {
  /** Relational side: drizzle on postgres.js. */
  orm: Orm;
  /** The same pool as tagged templates, for what drizzle cannot say. */
  sql: Sql;
  /** Time-series path: binary COPY and LISTEN. */
  pool: pg.Pool;
  url: string;
  notify(channel: Channel, payload: Record<string, unknown>): Promise<void>;
  /** Calls `onMessage` for each notification until `stop`; reconnects by itself and calls `onReconnect` then. */
  listen(
    channel: Channel,
    onMessage: (payload: Record<string, unknown>) => void,
    onReconnect?: () => void,
  ): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  url: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  relationalConnections?: number;
  timeSeriesConnections?: number;
};

/** Between two attempts to reach a database that is gone, s. */
const longestReconnectS = 1;

/** Opens both pools lazily; a connection is made at first use. */
export function openDatabase(options: DatabaseOptions): Database {
  const sql = postgres(options.url, {
    max: options.relationalConnections ?? 8,
    connection: { application_name: options.applicationName, TimeZone: "UTC" },
    onnotice: () => {},
    connect_timeout: 10,
    // The driver's own pause grows to 20 s, and whoever asks meanwhile waits for it: a page, a probe, an API call.
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, longestReconnectS),
  });
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.timeSeriesConnections ?? 4,
    application_name: `${options.applicationName}-ts`,
    options: "-c TimeZone=UTC",
    connectionTimeoutMillis: 10_000,
  });
  // A dropped idle connection is replaced at next use; without a listener it would end the process.
  pool.on("error", () => {});
  return {
    orm: drizzle(sql, { schema }),
    sql,
    pool,
    url: options.url,
    async notify(channel, payload) {
      await sql.notify(channel, JSON.stringify(payload));
    },
    async listen(channel, onMessage, onReconnect) {
      let first = true;
      const subscription = await sql.listen(
        channel,
        (text) => onMessage(parsePayload(text)),
        () => {
          if (!first) onReconnect?.();
          first = false;
        },
      );
      return { stop: () => subscription.unlisten() };
    },
    async close() {
      await Promise.allSettled([sql.end({ timeout: 5 }), pool.end()]);
    },
  };
}

function parsePayload(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
