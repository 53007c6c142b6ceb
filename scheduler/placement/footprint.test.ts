import { expect, it } from "vitest";
import { usageProfile } from "./capacity.ts";
import { countedHours, footprint, supplyRates } from "./footprint.ts";
import { centreInputs, decisionInputs, startMs } from "./inputs.fixture.ts";

const { job } = decisionInputs([]);
const supplied = (ownSupplyW: number, cleanSupplyW: number, ownCoverAtMost?: number) => {
  const centre = centreInputs("a", 300, 40, {
    baseItW: 16_000,
    adderUsdPerMwh: 10,
    ownSupplyUsdPerMwh: 30,
    carbonTaxUsdPerTonne: 20,
    ...(ownCoverAtMost !== undefined && { ownCoverAtMost }),
  });
  centre.hours = centre.hours.map((hour) => ({ ...hour, ownSupplyW, cleanSupplyW }));
  return centre;
};
const none = usageProfile([], "");

it("forecasts no more own supply than is seen to reach the load: the rest comes over the grid", () => {
  // 20 kW of IT at PUE 1.2 with the job: 24 kW. The river could give 40 kW; 97 % of the load is what it was seen to carry.
  const all = footprint(job, supplied(40_000, 40_000), none, startMs, startMs);
  const seen = footprint(job, supplied(40_000, 40_000, 0.97), none, startMs, startMs);
  expect(all.carbonLocationG).toBe(0);
  // 4 kWh × 1.2 × 3 % × 300 g.
  expect(seen.carbonLocationG).toBeCloseTo(4.8 * 0.03 * 300, 3);
  // No contract covers that part, so it counts in the other view too.
  expect(seen.carbonContractG).toBeCloseTo(4.8 * 0.03 * 300, 3);
});

it("counts a contract on the grid's part only in the contract-based view", () => {
  const made = footprint(job, supplied(12_000, 40_000), none, startMs, startMs);
  expect(made.carbonLocationG).toBeCloseTo(4.8 * 0.5 * 300, 3);
  expect(made.carbonContractG).toBe(0);
});

it("does not invent supply where the load is 0", () => {
  expect(supplyRates(supplied(1, 1).hours[0], supplied(1, 1), 0).locationGPerKwh).toBe(300);
});

it("shows hour by hour what the score counted: the strips and the footprint agree", () => {
  const centre = supplied(12_000, 12_000);
  centre.hours = centre.hours.map((hour, index) => ({ ...hour, ownSupplyW: 1_000 * index }));
  for (const startHour of [0, 7, 20]) {
    const made = footprint(job, centre, none, startMs + startHour * 3_600_000, startMs);
    const hour = countedHours(job, centre, none, startMs)[startHour]!;
    expect((made.itWh / 1_000) * hour.locationG!).toBeCloseTo(made.carbonLocationG!, 2);
    expect((made.itWh / 1_000) * hour.usd! * 1_000).toBeCloseTo(made.costMicroUsd!, -1);
  }
});
