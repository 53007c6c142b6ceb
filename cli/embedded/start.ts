import { join } from "node:path";
import type { Logger } from "pino";
import type { Env } from "#db/config/env.ts";
import { startEmbeddedAnvil } from "./anvil.ts";
import { startEmbeddedBroker } from "./mqtt-broker.ts";
import { freePort } from "./ports.ts";
import { startEmbeddedPostgres } from "./postgres.ts";
import { supervise } from "./supervise.ts";

export type Settings = Env & { DATABASE_URL: string };

/**
 * Starts an embedded server for each part whose variable is not set and that a wanted role needs, all at once. The
 * returned settings hold their URLs; `stops` gets their ends. One that ends by itself is started again at its address;
 * `onLost` hears of one that does not come back.
 */
export async function startEmbedded(
  env: Env,
  log: Logger,
  say: (line: string) => void,
  stops: { name: string; stop: () => Promise<void> }[],
  onLost: (reason: string) => void,
): Promise<Settings> {
  const moved = (what: string, variable: string) => (wanted: number, got: number) => {
    if (got !== wanted) say(`Port ${wanted} is taken: ${what} listens on ${got} instead (set ${variable} to choose).`);
  };
  const needsBroker = env.ROLES.includes("ingest");
  const needsChain = env.ROLES.some((role) => role === "settlement" || role === "indexer" || role === "watchtower");
  const database = async () => {
    if (env.DATABASE_URL) return env.DATABASE_URL;
    const port = await freePort(env.PG_PORT);
    moved("PostgreSQL", "PG_PORT")(env.PG_PORT, port);
    const { first, stop } = await supervise({
      name: "PostgreSQL",
      log,
      onGivenUp: onLost,
      start: (onEnd) =>
        startEmbeddedPostgres({
          folder: join(env.DATA_DIR, "postgres"),
          port,
          database: "hs",
          onLog: (line) => log.debug({ part: "postgres" }, line),
          onLost: onEnd,
        }),
    });
    stops.push({ name: "PostgreSQL", stop });
    return first.url;
  };
  const broker = async () => {
    if (env.MQTT_URL || !needsBroker) return env.MQTT_URL;
    const server = await startEmbeddedBroker({ port: env.MQTT_PORT, onPort: moved("the MQTT broker", "MQTT_PORT") });
    stops.push({ name: "MQTT broker", stop: () => server.stop() });
    return server.url;
  };
  const chain = async () => {
    if (env.RPC_URL || !needsChain) return env.RPC_URL;
    const port = await freePort(env.RPC_PORT);
    moved("the chain", "RPC_PORT")(env.RPC_PORT, port);
    const { first, stop } = await supervise({
      name: "The chain",
      log,
      onGivenUp: onLost,
      start: (onEnd) => startEmbeddedAnvil({ folder: join(env.DATA_DIR, "chain"), port, log, onLost: onEnd }),
    });
    stops.push({ name: "chain", stop });
    return first.url;
  };
  const console = async () => {
    if (env.NODE_ENV === "production" || !env.ROLES.includes("console")) return String(env.PORT);
    const port = await freePort(env.PORT, env.HOST);
    moved("the console", "PORT")(env.PORT, port);
    return String(port);
  };
  const results = await Promise.allSettled([database(), broker(), chain(), console()]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  const [databaseUrl, mqttUrl, rpcUrl, port] = results.map(
    (result) => (result as PromiseFulfilledResult<string | undefined>).value,
  );
  return {
    ...env,
    PORT: Number(port),
    DATABASE_URL: databaseUrl!,
    ...(mqttUrl && { MQTT_URL: mqttUrl }),
    ...(rpcUrl && { RPC_URL: rpcUrl }),
  };
}
