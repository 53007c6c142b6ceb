import { pino } from "pino";
import type { Env } from "#db/config/env.ts";

/** JSON lines on standard error; nothing that looks like a secret is written. */
export function createLog(env: Env) {
  return pino(
    {
      level: env.LOG_LEVEL,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ["password", "token", "url", "*.password", "*.token", "*.authorization", "*.cookie"],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
