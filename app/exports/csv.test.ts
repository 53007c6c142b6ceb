import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvCell, millionths, neutral, toCsv } from "./csv.ts";
import { parseCsv } from "./testing.ts";

describe("CSV", () => {
  it.each([
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "\u00a0-x",
    "\ttext",
  ])("makes %j harmless", (text) => {
    expect(neutral(text)).toBe(`'${text}`);
  });

  it("leaves other texts alone, and numbers are numbers", () => {
    for (const text of ["Qinghai", "a=b", "1-2", "", "E_DC = grid − export", "青海"]) expect(neutral(text)).toBe(text);
    expect(toCsv([[{ number: "-1.5" }, "-1.5", null]])).toBe("-1.5,'-1.5,\r\n");
    expect(() => toCsv([[{ number: "1e3" }]])).toThrow(TypeError);
    expect(() => toCsv([[{ number: "=1" }]])).toThrow(TypeError);
    expect(toCsv([[" a", "b;c", 'say "d"']])).toBe('" a","b;c","say ""d"""\r\n');
    expect(toCsv([["é"]], { bom: true })).toBe("\ufeffé\r\n");
  });

  it("gives every text back unchanged but for the apostrophe, and no cell that a spreadsheet would run", () => {
    const dangerous = fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "\t",
      "\r",
      "\n",
      '"',
      ",",
      ";",
      "'",
      " ",
      "=cmd|' /C calc'!A0",
      "＝",
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(fc.oneof(dangerous, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((parts) => parts.join("")),
    );
    const number = fc
      .integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })
      .map((value) => ({ number: millionths(value) }));
    const rows = fc.integer({ min: 1, max: 4 }).chain((width) =>
      fc.array(fc.array(fc.oneof(text, number), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(rows, (given: CsvCell[][]) => {
        const read = parseCsv(toCsv(given));
        expect(read.map((row) => row.length)).toEqual(given.map((row) => row.length));
        for (const [at, row] of given.entries())
          for (const [column, cell] of row.entries()) {
            const found = read[at]![column]!;
            if (typeof cell === "object") {
              expect(found).toBe(cell!.number);
              continue;
            }
            expect(found === cell || found === `'${cell}`).toBe(true);
            expect(found.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
            expect(found).not.toMatch(/^[\t\r\n]/);
          }
      }),
      { numRuns: 500 },
    );
  });

  it("writes integers of millionths exactly", () => {
    expect([0, 1, -1, 1_234_567, -2_000_000, 9_007_199_254_740_991].map(millionths)).toEqual([
      "0",
      "0.000001",
      "-0.000001",
      "1.234567",
      "-2",
      "9007199254.740991",
    ]);
    expect(() => millionths(0.5)).toThrow(TypeError);
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const [whole = "", part = ""] = millionths(value).replace("-", "").split(".");
        expect(BigInt(whole + part.padEnd(6, "0")) * (value < 0 ? -1n : 1n)).toBe(BigInt(value));
      }),
    );
  });
});
