import { DrizzleQueryError } from "drizzle-orm";
import { expect, it } from "vitest";
import { withoutParameters } from "./log.ts";

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
