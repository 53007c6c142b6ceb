import fc from "fast-check";
import { expect, it } from "vitest";
import { jobAmountWei } from "./amount.ts";

it("is exact in wei: the documented example and the smallest price", () => {
  expect(jobAmountWei(7_200, "1.25")).toBe(2_500_000_000_000_000_000n);
  expect(jobAmountWei(3_600, "0.000000000000000001")).toBe(1n);
  expect(jobAmountWei(3_599, "0.000000000000000001")).toBe(0n);
  expect(jobAmountWei(0, "9")).toBe(0n);
});

it("refuses what is no whole number of GPU-seconds", () => {
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => jobAmountWei(wrong, "1")).toThrow(RangeError);
});

it("a job in parts never costs more than in one, and at most a wei a part less", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.nat(10_000_000), fc.bigInt(0n, 10n ** 21n), (first, second, wei) => {
      const price = `${wei / 10n ** 18n}.${(wei % 10n ** 18n).toString().padStart(18, "0")}`;
      const parts = jobAmountWei(first, price) + jobAmountWei(second, price);
      const whole = jobAmountWei(first + second, price);
      return parts <= whole && whole - parts <= 1n;
    }),
  );
});
