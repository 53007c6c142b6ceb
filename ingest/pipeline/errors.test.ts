import { describe, expect, it } from "vitest";
import { InvalidRowError, isRetryable } from "./errors.ts";

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe("isRetryable", () => {
  it.each([
    "08006",
    "57P01",
    "57P03",
    "53100",
    "53300",
    "40P01",
    "25006",
    "28P01",
    "ECONNREFUSED",
    "EPIPE",
    "ECONNRESET",
  ])("%s says nothing of the rows: try again", (code) => expect(isRetryable(withCode(code))).toBe(true));
  it("an error without a code is one of the connection", () => {
    expect(isRetryable(new Error("Connection terminated unexpectedly"))).toBe(true);
  });
  it.each(["22003", "22008", "23502", "23514", "42P01", "P0001", "XX000"])(
    "%s will come again with the same rows",
    (code) => expect(isRetryable(withCode(code))).toBe(false),
  );
  it("neither does our own mistake go away by trying", () => {
    expect([
      isRetryable(new InvalidRowError("x")),
      isRetryable(new TypeError("x")),
      isRetryable(new RangeError("x")),
    ]).toEqual([false, false, false]);
  });
});
