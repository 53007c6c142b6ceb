import type { z } from "zod";
import { ApiError, type ErrorDetail } from "./errors.ts";

/**
 * Parses what a client sent. @throws ApiError with one line for each problem, the first in the message.
 */
export function parseInput<T extends z.ZodType>(where: "query" | "body", schema: T, value: unknown): z.output<T> {
  const code = where === "query" ? "INVALID_QUERY" : "INVALID_BODY";
  const bad = unstorable(value, where);
  if (bad !== undefined)
    throw new ApiError(code, `${bad}: a NUL or half a surrogate pair is no text. Remove it and send it again.`, {
      details: [{ path: bad, message: "expected well-formed text without NUL" }],
    });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, 20).map((issue) => detailOf(where, issue));
  const more = parsed.error.issues.length > 1 ? ` (and ${parsed.error.issues.length - 1} more)` : "";
  throw new ApiError(
    code,
    `${details[0]!.path}: ${details[0]!.message}${more}. Correct it and send it again; /api/v1/openapi.json says what is expected.`,
    { details },
  );
}

function detailOf(where: string, issue: z.core.$ZodIssue): ErrorDetail {
  const path = [where, ...issue.path.map(String)].join(".").slice(0, 200);
  if (issue.code === "unrecognized_keys")
    return { path, message: `unknown key ${issue.keys.map((key) => JSON.stringify(key.slice(0, 80))).join(", ")}` };
  return { path, message: issue.message };
}

/** Deepest nesting that is looked at; deeper input is refused as a whole. */
const maximumDepth = 32;

/** The path of a text that PostgreSQL cannot keep (NUL, half a surrogate pair), in keys as in values. */
function unstorable(value: unknown, path: string, depth = 0): string | undefined {
  if (typeof value === "string") return isStorable(value) ? undefined : path;
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > maximumDepth) return path;
  for (const [key, entry] of Object.entries(value)) {
    if (!isStorable(key)) return path;
    const found = unstorable(entry, `${path}.${key.slice(0, 40)}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const isStorable = (text: string) => !text.includes("\u0000") && text.isWellFormed();
