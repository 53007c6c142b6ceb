import { z } from "zod";
import { parseEdge } from "#domain/report/period.ts";
import { isKnownZone } from "#domain/report/zone.ts";
import { ApiError } from "./errors.ts";

/** Schemas that several routes share; `named` ones become components of the OpenAPI document. */
export const components = z.registry<{ id: string; description?: string }>();
export function named<T extends z.ZodType>(id: string, schema: T, description?: string): T {
  components.add(schema, { id, ...(description && { description }) });
  return schema;
}

export const instant = z.iso.datetime().describe("ISO 8601, UTC");
export const wei = z.string().regex(/^\d+$/).describe("wei of HS, decimal text");
export const milliWh = z.int().describe("milliwatt-hours");
export const microUsd = z.int().describe("micro-USD");
export const milligramsCo2e = z.int().describe("milligrams CO2e");
export const share = z.number().min(0).max(1);
export const localized = named(
  "LocalizedText",
  z.strictObject({ en: z.string(), "zh-Hant": z.string(), "zh-Hans": z.string() }),
);

const idText = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
export const idParams = z.strictObject({ id: z.string().regex(idText) });
/** PostgreSQL's integer: a larger number is no key of ours. */
export const numberParams = z.strictObject({ id: z.coerce.number().int().min(1).max(2_147_483_647) });

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100).describe("rows of a page"),
  cursor: z.string().min(1).max(400).optional().describe("`nextCursor` of the page before"),
};
export const nextCursor = z.string().nullable().describe("null: this was the last page");

/** A day or an instant; which instant a day is, the time zone decides. */
export const edge = z
  .string()
  .max(40)
  .describe("a day (2026-10-01: its first instant in the time zone) or an ISO 8601 instant with its offset");
export const timeZone = z.string().max(64).refine(isKnownZone, "an IANA time zone such as Asia/Shanghai");

/** 1970 … 2199: beyond it neither meters nor the database's text form are of any use. */
export const latestMs = Date.UTC(2200, 0, 1);

/** @throws ApiError INVALID_QUERY or INVALID_BODY naming the edge. */
export function readEdge(where: "query" | "body", name: string, text: string, zone: string): number {
  const atMs = parseEdge(text, zone);
  if (atMs !== undefined && atMs >= 0 && atMs < latestMs) return atMs;
  const message = `a day such as 2026-10-01, or an instant with its offset such as 2026-10-01T00:00:00Z, from 1970 to 2199`;
  throw new ApiError(
    where === "query" ? "INVALID_QUERY" : "INVALID_BODY",
    `${where}.${name}: expected ${message}. Correct it and send it again.`,
    { details: [{ path: `${where}.${name}`, message: `expected ${message}` }] },
  );
}

/** The half-open range of a query; without it the last `defaultHours`. @throws ApiError INVALID_QUERY. */
export function readRange(
  query: { from?: string | undefined; to?: string | undefined },
  zone: string,
  nowMs: number,
  defaultHours: number,
): { fromMs: number; toMs: number } {
  const toMs = query.to === undefined ? nowMs : readEdge("query", "to", query.to, zone);
  const fromMs =
    query.from === undefined ? toMs - defaultHours * 3_600_000 : readEdge("query", "from", query.from, zone);
  if (fromMs < toMs) return { fromMs, toMs };
  throw new ApiError("INVALID_QUERY", "query.from must lie before query.to. Correct them and ask again.", {
    details: [{ path: "query.from", message: "must lie before query.to" }],
  });
}

export const iso = (at: Date | number) => new Date(at).toISOString();
export const isoOrNull = (at: Date | null) => (at === null ? null : at.toISOString());
