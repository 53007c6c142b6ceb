import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";

export const roleNames = ["ingest", "alarms", "scheduler", "settlement", "indexer", "watchtower", "console"] as const;
export type RoleName = (typeof roleNames)[number];

const port = z.coerce.number().int().min(1).max(65_535);
const optionalText = z.string().trim().min(1).optional();

const schema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  ROLES: z
    .string()
    .default(roleNames.join(","))
    .transform((text) =>
      text
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.enum(roleNames)).min(1)),
  DATA_DIR: z
    .string()
    .default("./.data")
    .transform((path) => resolve(path)),
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(3000),
  PG_PORT: port.default(15432),
  MQTT_PORT: port.default(11883),
  RPC_PORT: port.default(18545),
  /** Where a process answers /healthz, /readyz and /metrics beside the console's port; not set: nowhere. */
  OPS_PORT: port.optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  MQTT_URL: z.url({ protocol: /^(mqtts?|wss?)$/ }).optional(),
  MQTT_USERNAME: optionalText,
  MQTT_PASSWORD: optionalText,
  RPC_URL: z.url({ protocol: /^https?$/ }).optional(),
  FLEET_FILE: optionalText,
  FARO_URL: z.url().optional(),
  /** Public address of the console, for links and the origin check; default: what it listens on. */
  PUBLIC_URL: z.url().optional(),
  /** Keystore of the settlement key (JSON) and the file with its password; embedded anvil needs none. */
  KEYSTORE_FILE: optionalText,
  KEYSTORE_PASSWORD_FILE: optionalText,
  /** Not set: what fits where the log goes (cli/log.ts). */
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  /** Jobs that the local engine runs at once, each a process of this machine; the others wait. */
  LOCAL_RUNS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(() => 16 * availableParallelism()),
  /** Seed of the simulator's weather, faults and load. */
  SIM_SEED: z.coerce.number().int().default(20_261_123),
  /** Days of hourly history that a first start makes. */
  SIM_HISTORY_DAYS: z.coerce.number().int().min(0).max(400).default(30),
});

/** The process's settings, parsed once. After start-up the URLs of embedded servers stand in it like any other. */
export type Env = z.infer<typeof schema>;

export class EnvError extends Error {
  readonly code = "ENV_INVALID";
}

/** @throws EnvError naming each variable, what it holds is never repeated (it may be a secret). */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new EnvError(`The environment is not valid:\n${problems.join("\n")}`);
}
