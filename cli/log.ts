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

/** One line for a person: time, level, part, message, and what it failed for. */
export function humanLine(json: string): string {
  const { time, level, role, part, msg, err } = JSON.parse(json) as Record<string, unknown>;
  const where = [role, part].filter(Boolean).join("/");
  const why = (err as { message?: unknown } | undefined)?.message;
  const reason = why === undefined ? "" : ` (${String(why).split("\n")[0]})`;
  const name = (pino.levels.labels[Number(level)] ?? "").toUpperCase();
  return `${String(time).slice(11, 19)} ${name} ${where && `${where}: `}${String(msg ?? "")}${reason}\n`;
}

/**
 * JSON lines on standard error; nothing that looks like a secret is written. On a terminal, where a person reads: from
 * warnings upwards, and in short. LOG_LEVEL says otherwise.
 */
export function createLog(env: Pick<Env, "LOG_LEVEL">, terminal: boolean = process.stderr.isTTY ?? false) {
  const destination = pino.destination({ dest: 2, sync: true });
  return pino(
    {
      level: env.LOG_LEVEL ?? (terminal ? "warn" : "info"),
      base: undefined,
      serializers: { err: withoutParameters },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ["password", "token", "url", "*.password", "*.token", "*.authorization", "*.cookie"],
    },
    terminal ? { write: (line: string) => void destination.write(humanLine(line)) } : destination,
  );
}
