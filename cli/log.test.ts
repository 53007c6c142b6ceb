import { DrizzleQueryError } from "drizzle-orm";
import { expect, it } from "vitest";
import { createLog, humanLine, withoutParameters } from "./log.ts";

it("writes an error of a query without what the query was given", () => {
  const cause = Object.assign(new Error("invalid byte sequence"), {
    code: "22021",
    parameters: ["s3cret"],
    args: ["s3cret"],
  });
  const error = new DrizzleQueryError("update person set password_hash = $1", ["s3cret"], cause);
  expect(`${error.message}${error.stack}`).toContain("s3cret");
  const written = JSON.stringify(withoutParameters(error));
  expect(written).not.toContain("s3cret");
  expect(written).toContain("update person set password_hash");
  expect(written).toContain("22021");
});

it("is short and of warnings upwards where a person reads, whole elsewhere; LOG_LEVEL says otherwise", () => {
  expect(createLog({ LOG_LEVEL: undefined }, true).level).toBe("warn");
  expect(createLog({ LOG_LEVEL: undefined }, false).level).toBe("info");
  expect(createLog({ LOG_LEVEL: "debug" }, true).level).toBe("debug");
  const line = { level: 40, time: "2026-11-24T06:20:30.123Z", role: "ingest", part: "mqtt", msg: "is behind" };
  expect(humanLine(JSON.stringify(line))).toBe("06:20:30 WARN ingest/mqtt: is behind\n");
  const failed = { level: 50, time: "2026-11-24T06:20:30.123Z", msg: "failed", err: { message: "no\nSQL here" } };
  expect(humanLine(JSON.stringify(failed))).toBe("06:20:30 ERROR failed (no)\n");
});
