import { expect, it } from "vitest";
import { makeFormat } from "../../use-format.ts";
import { scoreDigits, scoreText } from "./score-text.ts";

const format = makeFormat("en", "UTC", 0);
const table = (...microPoints: number[]) => {
  const digits = scoreDigits(microPoints);
  return microPoints.map((value) => scoreText(value, format, digits));
};

it("tells scores apart that differ by little: with `fastest` waiting outweighs all else", () => {
  expect(table(222_300, 222_481, 222_612)).toEqual(["0.2223", "0.2225", "0.2226"]);
  expect(table(55_230_000_100, 55_230_000_101)).toEqual(["55,230.000100", "55,230.000101"]);
});

it("writes what differs anyway with the digits of its size", () => {
  expect(table(33_740_000, 7_499_000_000)).toEqual(["34", "7,499"]);
  expect(table(0)).toEqual(["0.000"]);
});
