import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import type { Engine } from "../dispatch/engine.ts";
import type { SchedulerMetrics } from "./metrics.ts";

/** What every part of the scheduler's loop works with. */
export type SchedulerContext = {
  db: Database;
  log: Logger;
  clock: () => number;
  metrics: SchedulerMetrics;
  /** Engines of this scheduler by kind. */
  engines: ReadonlyMap<string, Engine>;
  /** Waits for GPU samples after a run's end at most this long, ms. */
  meterPatienceMs: number;
  /** When this scheduler began, ms: samples that waited out a downtime get their time to arrive from then. */
  startedAtMs: number;
};
