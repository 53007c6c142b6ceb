import { pino } from "pino";
import type { Env } from "#db/config/env.ts";

/**
 * An error without what a query was given: parameters may be a password's hash, a token's or a salt. The driver repeats
 * them as `params`, and drizzle in message and stack after "params:".
 */
export function withoutParameters(error: Error): Record<string, unknown> {
  const {
    params: _,
    args: __,
    parameters: ___,
    ...rest
  } = pino.stdSerializers.errWithCause(error) as Record<string, unknown>;
  return hide(rest) as Record<string, unknown>;
}

function hide(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\nparams: [^\n]*/g, "");
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "params" && key !== "args" && key !== "parameters" && key !== "detail")
      .map(([key, inner]) => [key, hide(inner)]),
  );
}

/** JSON lines on standard error; nothing that looks like a secret is written. */
export function createLog(env: Env) {
  return pino(
    {
      level: env.LOG_LEVEL,
      base: undefined,
      serializers: { err: withoutParameters },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ["password", "token", "url", "*.password", "*.token", "*.authorization", "*.cookie"],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
