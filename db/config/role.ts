import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "../client.ts";
import type { Env } from "./env.ts";

/** What every role is given. Clock and seed are arguments, so that tests decide both. */
export type RoleDeps = {
  db: Database;
  env: Env;
  log: Logger;
  /** Now, in milliseconds since 1970. */
  clock: () => number;
  metrics: Registry;
};

/** A started role. `stop` resolves when nothing of it runs any more; calling it twice is harmless. */
export type RunningRole = {
  name: string;
  /** undefined when ready, else what is missing; asked by /readyz. */
  notReady(): string | undefined;
  stop(): Promise<void>;
};

export type StartRole = (deps: RoleDeps) => Promise<RunningRole>;
