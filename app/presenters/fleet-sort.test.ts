import { expect, it } from "vitest";
import { sortCentres } from "./fleet-sort.ts";

const item = (id: string, pueNow: number | null, toActOn = 0, toWatch = 0) => ({
  id,
  pueNow,
  toActOn,
  toWatch,
  contract: pueNow,
  usdPerMwh: pueNow,
});
const ids = (items: { id: string }[]) => items.map(({ id }) => id).join("");

it("puts first what needs a look most; what is not known before all, equals in their order", () => {
  const centres = [item("a", 1.1, 0, 9), item("b", 1.3), item("c", null, 1, 0), item("d", 1.3)];
  expect(ids(sortCentres(centres, "order"))).toBe("abcd");
  expect(ids(sortCentres(centres, "pue"))).toBe("cbda");
  expect(ids(sortCentres(centres, "alarms"))).toBe("cabd");
});
