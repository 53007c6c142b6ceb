import { expect, it } from "vitest";
import { autonomyH } from "./autonomy.ts";

it("carries the whole facility, not IT alone (WP-F7)", () => {
  expect(autonomyH(400_000, 100_000)).toBe(4);
});

it("is not known without a charge or a load", () => {
  expect([autonomyH(null, 100), autonomyH(400, null), autonomyH(400, 0)]).toEqual([null, null, null]);
});
