import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { type Database, openDatabase } from "#db/client.ts";
import { applyFleet } from "#db/config/apply-fleet.ts";
import type { Env } from "#db/config/env.ts";
import { parseFleetFile } from "#db/config/fleet-file.ts";
import type { RoleDeps, RunningRole } from "#db/config/role.ts";
import { migrate } from "#db/migrate.ts";
import { ensureConsoleBuild, projectRoot } from "./build.ts";
import { type DataFolder, takeDataFolder } from "./data-folder.ts";
import { startEmbedded } from "./embedded/start.ts";
import { announceFirstAdmin } from "./first-admin.ts";
import { startOpsServer } from "./ops-server.ts";
import { checkProfiles, profilePoints } from "./profiles.ts";
import { startRole } from "./roles.ts";

export type Running = { consoleUrl: string | undefined; stop(): Promise<void> };

/**
 * Starts the roles that `env.ROLES` names on what the environment gives, and embedded servers for the rest. Nothing
 * embedded ever starts in production mode.
 * @param signal ends a start that is under way: what has begun is stopped again, and the start fails with its reason.
 * @param onLost an embedded server is gone and does not come back: whoever started us should stop and end.
 */
export async function start(
  env: Env,
  log: Logger,
  say: (line: string) => void,
  signal: AbortSignal,
  onLost: (reason: string) => void,
): Promise<Running> {
  refuseIncompleteProduction(env);
  const folder = await takeDataFolder(env.DATA_DIR);
  const stops: { name: string; stop: () => Promise<void> }[] = [{ name: "data folder", stop: () => folder.release() }];
  const stop = stopInReverse(stops, log);
  try {
    const consoleUrl = await startAll({ ...env, DATA_DIR: folder.path }, folder, log, say, stops, signal, onLost);
    return { consoleUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Stops = { name: string; stop: () => Promise<void> }[];

async function startAll(
  env: Env,
  folder: DataFolder,
  log: Logger,
  say: (line: string) => void,
  stops: Stops,
  signal: AbortSignal,
  onLost: (reason: string) => void,
): Promise<string | undefined> {
  const wantsConsole = env.ROLES.includes("console");
  const build = wantsConsole && env.NODE_ENV !== "production" ? ensureConsoleBuild(signal) : Promise.resolve(false);
  // Awaited below; a failure meanwhile must not count as unhandled.
  build.catch(() => {});
  const fleetFile =
    env.FLEET_FILE ??
    (env.NODE_ENV === "production" ? undefined : join(projectRoot, "examples", "demonstration.fleet.yaml"));
  const fleet = fleetFile ? parseFleetFile(await readFile(fleetFile, "utf8"), fleetFile) : undefined;
  if (fleet && fleetFile) checkProfiles(fleet, fleetFile);

  const settings = await startEmbedded(env, log, say, stops, onLost);
  signal.throwIfAborted();
  const db = openDatabase({
    url: settings.DATABASE_URL,
    applicationName: `hs-${env.ROLES.join("+").slice(0, 40)}`,
    relationalConnections: 16,
    timeSeriesConnections: 8,
  });
  stops.push({ name: "database connections", stop: () => db.close() });
  const migrated = await migrate(settings.DATABASE_URL, new Date());
  if (migrated.applied.length)
    log.info({ applied: migrated.applied, timeSeries: migrated.timeSeries }, "schema migrated");
  signal.throwIfAborted();
  if (fleet) await applyFleet(db, fleet, profilePoints, new Date());

  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, prefix: "hs_" });
  const running: RunningRole[] = [];
  const deps: RoleDeps & { readiness: () => Record<string, string> } = {
    db,
    env: settings,
    log,
    clock: Date.now,
    metrics,
    /** What is not ready, by part; empty when all is. */
    readiness: () => {
      const missing = running.map((role) => [role.name, role.notReady()] as const);
      return Object.fromEntries(missing.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
    },
  };
  const names = [
    ...(fleet?.simulated && env.NODE_ENV !== "production" ? (["simulator"] as const) : []),
    ...env.ROLES.filter((name) => name !== "console"),
    ...(wantsConsole ? (["console"] as const) : []),
  ];
  if (wantsConsole && (await build)) say("The console was built.");
  for (const name of names) {
    signal.throwIfAborted();
    const role = await startRole(name, { ...deps, log: log.child({ role: name }) });
    running.push(role);
    stops.push({ name, stop: () => role.stop() });
    log.info({ role: name }, "started");
  }
  if (settings.OPS_PORT) {
    const ops = await startOpsServer(deps, settings.OPS_PORT);
    stops.push({ name: "health", stop: () => ops.stop() });
    if (ops.port !== settings.OPS_PORT)
      say(
        `Port ${settings.OPS_PORT} is taken: health and metrics are on ${ops.port} instead (set OPS_PORT to choose).`,
      );
  }
  const consoleUrl = wantsConsole ? (settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`) : undefined;
  await folder.announce({ pid: process.pid, databaseUrl: settings.DATABASE_URL, ...(consoleUrl && { consoleUrl }) });
  if (consoleUrl) {
    say(`HS Console: ${consoleUrl}`);
    await announceFirstAdmin(db as Database, folder.path, consoleUrl, say);
  }
  return consoleUrl;
}

/** @throws Error naming every variable that production mode needs and does not have. */
function refuseIncompleteProduction(env: Env): void {
  if (env.NODE_ENV !== "production") return;
  const chain = env.ROLES.some((role) => role === "settlement" || role === "indexer" || role === "watchtower");
  const missing = [
    ...(env.DATABASE_URL ? [] : ["DATABASE_URL"]),
    ...(env.ROLES.includes("ingest") && !env.MQTT_URL ? ["MQTT_URL"] : []),
    ...(chain && !env.RPC_URL ? ["RPC_URL"] : []),
    ...(env.ROLES.includes("settlement") && !env.KEYSTORE_FILE ? ["KEYSTORE_FILE"] : []),
    ...(env.ROLES.includes("ingest") && !env.FLEET_FILE ? ["FLEET_FILE"] : []),
  ];
  if (missing.length) throw new Error(`In production mode nothing embedded starts; set ${missing.join(", ")}.`);
}

/** Stops the youngest first; what does not stop within its share of 9 s is named in the log and left to the end of the process. */
function stopInReverse(stops: Stops, log: Logger): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= (async () => {
      const deadline = Date.now() + 9_000;
      for (const part of stops.toReversed()) {
        const patience = Math.max(500, deadline - Date.now());
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<"late">((resolve) => {
          timer = setTimeout(() => resolve("late"), patience);
        });
        const result = await Promise.race([
          part.stop().catch((error: unknown) => log.error({ err: error, part: part.name }, "did not stop cleanly")),
          late,
        ]);
        clearTimeout(timer);
        if (result === "late") log.error({ part: part.name, patienceMs: patience }, "did not stop in time");
      }
    })();
    return stopping;
  };
}
