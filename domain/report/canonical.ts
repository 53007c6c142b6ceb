import { createHash } from "node:crypto";

/**
 * JSON with sorted keys, no spaces, and JavaScript's shortest numbers: the same value is always the same bytes.
 * `undefined` is left out; −0 is 0. @throws TypeError for a number that JSON cannot hold.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot stand in canonical JSON`);
    return JSON.stringify(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
  }
  throw new TypeError(`${typeof value} cannot stand in canonical JSON`);
}

/** SHA-256 of a text's UTF-8 bytes, hex. */
export const sha256Hex = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
