import { join } from "node:path";
import { type Database, openDatabase } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import { migrate } from "#db/migrate.ts";
import { readRunning, takeDataFolder } from "../data-folder.ts";
import { freePort } from "../embedded/ports.ts";
import { startEmbeddedPostgres } from "../embedded/postgres.ts";

/** What a command knows of the console that it works for. */
export type CommandContext = { dataDir: string; consoleUrl: string };

/**
 * Runs `work` on the console's database: DATABASE_URL, else that of the console that runs on the data folder, else its
 * embedded database, started for the time of the command.
 */
export async function withDatabase<T>(work: (db: Database, context: CommandContext) => Promise<T>): Promise<void> {
  const env = parseEnv(process.env);
  const running = env.DATABASE_URL ? undefined : await readRunning(env.DATA_DIR);
  const context = {
    dataDir: env.DATA_DIR,
    consoleUrl: env.PUBLIC_URL ?? running?.consoleUrl ?? `http://${env.HOST}:${env.PORT}`,
  };
  const url = env.DATABASE_URL ?? running?.databaseUrl;
  if (url) return use(url, context, work);
  const folder = await takeDataFolder(env.DATA_DIR);
  try {
    const server = await startEmbeddedPostgres({
      folder: join(folder.path, "postgres"),
      port: await freePort(env.PG_PORT),
      database: "hs",
    });
    try {
      await migrate(server.url, new Date());
      await use(server.url, context, work);
    } finally {
      await server.stop();
    }
  } finally {
    await folder.release();
  }
}

async function use<T>(
  url: string,
  context: CommandContext,
  work: (db: Database, context: CommandContext) => Promise<T>,
): Promise<void> {
  const db = openDatabase({ url, applicationName: "hs-cli", relationalConnections: 2, timeSeriesConnections: 2 });
  try {
    await work(db, context);
  } finally {
    await db.close();
  }
}
