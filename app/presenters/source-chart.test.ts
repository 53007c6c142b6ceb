import { expect, it } from "vitest";
import { cleanShareOf } from "#domain/indicators/clean-share.ts";
import type { EnergyMix } from "#domain/indicators/types.ts";
import { hour, say, view } from "./centre.fixture.ts";
import { sourceChart } from "./source-chart.ts";

const mix = (parts: Partial<EnergyMix>): EnergyMix => ({
  hydro: 0,
  wind: 0,
  solar: 0,
  otherRenewable: 0,
  nuclear: 0,
  fossil: 0,
  generator: 0,
  storage: 0,
  unknown: 0,
  ...parts,
});
const shareSaid = (parts: Partial<EnergyMix>) =>
  sourceChart([hour(1, 100, 80, { mix: mix(parts) })], 1, view, say).summary;

it("calls clean what the indicator calls clean: nuclear is drawn under its own name and is not", () => {
  const parts = { hydro: 30e6, otherRenewable: 10e6, nuclear: 40e6, fossil: 20e6 };
  expect(cleanShareOf(mix(parts))).toBeCloseTo(0.4, 12);
  expect(shareSaid(parts)).toContain('fleet:chart.summary {"share":"40%"}');
  const [bucket] = sourceChart([hour(24, 100, 80, { mix: mix(parts) })], 1, view, say).buckets;
  expect(bucket?.mix).toMatchObject({ other: 10e3, nuclear: 40e3 });
});

it("says no share where too much is of unknown origin, as the indicator", () => {
  expect(shareSaid({ hydro: 90e6, unknown: 10e6 })).toContain("fleet:chart.originUnknown");
});
