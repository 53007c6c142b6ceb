import type { TFunction } from "i18next";
import { expect, it } from "vitest";
import { makeFormat } from "../../use-format.ts";
import { whyText } from "./why-text.ts";

const t = ((key: string, values: Record<string, unknown>) =>
  `${key} ${values.savedCarbonG} ${values.savedCostMicroUsd}`) as unknown as TFunction<"jobs">;
const said = (savedCarbonG: number, savedCostMicroUsd: number) =>
  whyText(
    { key: "placement.later.best", values: { waitS: 60, savedCarbonG, savedCostMicroUsd } },
    {},
    t,
    makeFormat("en", "UTC", 0),
  ).replaceAll("\u00a0", " ");

it("does not call a cost that grew a saving", () => {
  expect(said(454, 20_000)).toBe("placement.later.best 454 gCO₂e 0.0200 USD");
  expect(said(454, -9_000)).toBe("placement.later.dearer 454 gCO₂e 0.0090 USD");
  expect(said(-3, 2_000_000)).toBe("placement.later.dirtier 3 gCO₂e 2.00 USD");
});
