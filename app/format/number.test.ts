import fc from "fast-check";
import { expect, it } from "vitest";
import { exactToken, token, tokenParts } from "./number.ts";

const one = 10n ** 18n;

it("writes every amount of HS by one rule: four decimals, rounded, none for a whole one", () => {
  expect(token(100_000_000n * one)).toBe("100,000,000");
  expect(token((16n * one) / 10n)).toBe("1.6000");
  expect(token(533_333_333_333_333_333n)).toBe("0.5333");
  expect(token(106_666_666_666_666_666n)).toBe("0.1067");
  expect(token(999_999_999_999_999_999n)).toBe("1.0000");
  expect(token(1n)).toBe("0.0000");
  expect(token(-one / 2n)).toBe("\u22120.5000");
});

it("keeps every decimal where it is asked for", () => {
  expect(exactToken(106_666_666_666_666_666n)).toBe("0.106666666666666666");
  expect(exactToken(20_260_000n * one)).toBe("20,260,000");
});

it("writes parts that add up as shown", () => {
  // 0.5333 = 0.4267 + 0.1066, where each alone would say 0.4267 + 0.1067.
  expect(tokenParts([426_666_666_666_666_667n, 106_666_666_666_666_666n])).toEqual(["0.4267", "0.1066"]);
  const minted = 100_000_000n * one;
  const floor = 20_260_000n * one;
  const burned = 133_333_333_333_333_333n;
  const [shownFloor, above, burnt] = tokenParts([floor, minted - floor - burned, burned]);
  expect([shownFloor, above, burnt]).toEqual(["20,260,000", "79,739,999.8667", "0.1333"]);
  expect(token(minted - burned)).toBe("99,999,999.8667");
});

it("adds up as shown for any parts", () => {
  const units = (text: string) => {
    const [whole = "", part = "0000"] = text.replaceAll(",", "").split(".");
    return BigInt(whole) * 10_000n + BigInt(part);
  };
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, 10n ** 26n), { minLength: 1, maxLength: 6 }), (parts) => {
      const sum = parts.reduce((all, wei) => all + wei, 0n);
      expect(tokenParts(parts).reduce((all, text) => all + units(text), 0n)).toBe(units(token(sum)));
    }),
  );
});
