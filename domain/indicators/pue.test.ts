import { expect, it } from "vitest";
import { workedVectors } from "#test/support/worked-vectors.ts";
import { pueOf } from "./pue.ts";

it("is facility energy over IT energy: 1,200 kWh / 1,000 kWh = 1.2", () => {
  expect(pueOf(1_200e6, 1_000e6, 2)).toEqual({ pue: 1.2, category: 2 });
});

it("does not exist without one of the two, nor over nothing", () => {
  expect(pueOf(null, 1, 1)).toEqual({ pue: null, category: 1, reason: "facility-unknown" });
  expect(pueOf(1, null, 1)).toEqual({ pue: null, category: 1, reason: "it-unknown" });
  expect(pueOf(1, 0, 3)).toEqual({ pue: null, category: 3, reason: "it-zero" });
});

it.each(workedVectors("en50600-pue", "eed-row"))(
  "agrees with the worked vector $id",
  ({ in: given, expect: want, tol }) => {
    const facility = given.E_DC_kWh ?? given.EDC_kWh!;
    const it = given.E_IT_kWh ?? given.EIT_kWh!;
    const expected = typeof want === "number" ? want : want.PUE!;
    expect(Math.abs(pueOf(facility * 1e6, it * 1e6, 2).pue! - expected)).toBeLessThanOrEqual(tol!);
  },
);
