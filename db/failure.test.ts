import { DrizzleQueryError } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { isDatabaseError, isDatabaseLost, isUniqueViolation } from "./failure.ts";

const coded = (code: string, message = "x") => Object.assign(new Error(message), { code });
const wrapped = (cause: Error) => new Error("outer", { cause: new DrizzleQueryError("select 1", [], cause) });

describe("a failed query", () => {
  it.each(["ECONNREFUSED", "ECONNRESET", "CONNECTION_CLOSED", "CONNECT_TIMEOUT", "57P01", "57P03", "08006"])(
    "with %s below it is a database that is gone",
    (code) => {
      expect(isDatabaseLost(coded(code))).toBe(true);
      expect(isDatabaseLost(wrapped(coded(code)))).toBe(true);
      expect(isDatabaseError(wrapped(coded(code)))).toBe(true);
    },
  );

  it("of pg, which says it in words", () => {
    expect(isDatabaseLost(new Error("Connection terminated unexpectedly"))).toBe(true);
  });

  it.each(["23505", "22021", "42601", "57014"])("with %s is the query's own fault", (code) => {
    expect(isDatabaseLost(wrapped(coded(code)))).toBe(false);
    expect(isDatabaseError(wrapped(coded(code)))).toBe(true);
  });

  it("is told from other failures, whatever they hold", () => {
    const loop: { cause?: unknown; message: string } = { message: "loop" };
    loop.cause = loop;
    for (const other of [new TypeError("x"), coded("EPERM"), loop, undefined, null, "ECONNREFUSED", 57]) {
      expect(isDatabaseLost(other)).toBe(false);
      expect(isDatabaseError(other)).toBe(false);
    }
    expect(isUniqueViolation(wrapped(coded("23505")))).toBe(true);
    expect(isUniqueViolation(wrapped(coded("23503")))).toBe(false);
  });
});
