import { expect, it } from "vitest";
import { hour } from "./centre.fixture.ts";
import { changeOf } from "./compare.ts";
import { measuredUntilMs, summarise } from "./hours.ts";

const day = (facilityKwh: number, known: number) =>
  summarise(
    Array.from({ length: known }, (_, index) => hour(index + 1, facilityKwh, 100, { cleanShare: 0.5 })),
    24,
  );

it("compares with a period before that is known in 95 % of its hours", () => {
  const change = changeOf("pue", day(120, 24), day(110, 23));
  expect(change && "by" in change && change.by).toBeCloseTo(0.1, 12);
});

it("gives no change against a few hours, and says how few", () => {
  expect(changeOf("pue", day(120, 24), day(110, 3))).toEqual({ known: 3, of: 24 });
  expect(changeOf("pue", day(120, 24), summarise([], 24))).toEqual({ known: 0, of: 24 });
  // Hours with energy but of unknown origin can say a PUE and no clean share.
  const unknown = summarise(
    Array.from({ length: 24 }, (_, index) => hour(index + 1, 110, 100)),
    24,
  );
  expect(changeOf("cleanShare", day(120, 24), unknown)).toEqual({ known: 0, of: 24 });
});

it("has nothing to compare without a figure", () => {
  expect(changeOf("pue", summarise([], 24), day(110, 24))).toBeNull();
});

it("is as old as its newest measured hour, not as its last derivation", () => {
  const [older, newest] = [hour(3, 110, 100), hour(2, 110, 100)];
  // Both were derived again just now.
  expect(measuredUntilMs([older, newest])).toBe(newest.hour.getTime() + 3_600_000);
  expect(measuredUntilMs([hour(0, 50, 40)])).toBe(hour(0, 50, 40).derivedAt.getTime());
  expect(measuredUntilMs([hour(1, null, 100)])).toBeNull();
});
