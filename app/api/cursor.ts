import { z } from "zod";
import { ApiError } from "./errors.ts";
import { isStorable } from "./input.ts";
import { latestMs } from "./shapes.ts";

/** A cursor is opaque to clients: where the page before ended, as base64url of JSON. */
export const writeCursor = (place: Record<string, string | number>) =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/** @throws ApiError INVALID_QUERY for what no page of this list gave out. */
export function readCursor<T extends z.ZodType>(cursor: string | undefined, shape: T): z.output<T> | undefined {
  if (cursor === undefined) return undefined;
  try {
    const text = Buffer.from(cursor, "base64url").toString("utf8");
    const place: unknown = JSON.parse(text, (_, value: unknown) => {
      if (typeof value === "string" && !isStorable(value)) throw new TypeError("no text of ours");
      return value;
    });
    return shape.parse(place);
  } catch (cause) {
    throw new ApiError(
      "INVALID_QUERY",
      "query.cursor is not one of this list. Leave it out to start from the first page.",
      {
        details: [{ path: "query.cursor", message: "expected nextCursor of the page before" }],
        cause,
      },
    );
  }
}

/** Where a list ordered by time and id, newest first, goes on. */
export const timeCursor = z.strictObject({ t: z.int().min(0).max(latestMs), id: z.string().max(200) });
export type TimeCursor = z.output<typeof timeCursor>;

/** Whether (time, id) comes after the cursor in a list ordered by time and then id, both descending. */
export const isAfter = (cursor: TimeCursor, timeMs: number, id: string) =>
  timeMs < cursor.t || (timeMs === cursor.t && id < cursor.id);

/** The rows of a page out of one more than fits, and the cursor to the next. */
export function cutPage<Row>(
  rows: Row[],
  limit: number,
  place: (row: Row) => Record<string, string | number>,
): { rows: Row[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  return { rows: page, nextCursor: rows.length > limit ? writeCursor(place(page.at(-1)!)) : null };
}
