import { expect, it } from "vitest";
import { cleanShareOf } from "./clean-share.ts";

const mix = {
  hydro: 500,
  wind: 200,
  solar: 80,
  otherRenewable: 20,
  nuclear: 50,
  fossil: 100,
  generator: 10,
  storage: 40,
  unknown: 0,
};

it("is renewable energy over facility energy: 800 / 1,000", () => {
  expect(cleanShareOf(mix)).toBe(0.8);
});

it("is not known when the origin is not", () => {
  expect(cleanShareOf(null)).toBeNull();
  expect(cleanShareOf({ ...mix, fossil: 89, unknown: 11 })).toBeNull();
  expect(cleanShareOf({ ...mix, fossil: 90, unknown: 10 })).toBe(0.8);
  expect(cleanShareOf(Object.fromEntries(Object.keys(mix).map((key) => [key, 0])) as typeof mix)).toBeNull();
});
