import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { explain, explanationKeys } from "./explain.ts";
import { hourMs } from "./horizon.ts";
import { centreInputs, decisionInputs, startMs } from "./inputs.fixture.ts";
import type { CentreInputs } from "./types.ts";

const clean = centreInputs("qinghai", 150, 50);
const dirty = centreInputs("guangzhou", 450, 40);

describe("decide", () => {
  it("computes energy, carbon and cost of an alternative by hand", () => {
    const { chosen } = decide(decisionInputs([clean, dirty]));
    // 8 × 500 W × 1 h = 4 kWh IT, × 1.2 = 4.8 kWh, × 150 g = 720 g, × 0.05 USD = 0.24 USD.
    expect(chosen).toMatchObject({
      centreId: "qinghai",
      startAtMs: startMs,
      itWh: 4_000,
      facilityWh: 4_800,
      carbonLocationG: 720,
      costMicroUsd: 240_000,
      scoreMicroUsd: 720_000,
    });
  });

  it("follows the price where the policy does, adder and carbon tax (WP-F11) included", () => {
    const policy = { alphaUsdPerTonne: 0, beta: 1 };
    expect(decide(decisionInputs([clean, dirty], { policy })).chosen?.centreId).toBe("guangzhou");
    const taxed = { ...dirty, adderUsdPerMwh: 5, carbonTaxUsdPerTonne: 100 };
    const outcome = decide(decisionInputs([clean, taxed], { policy }));
    expect(outcome.chosen?.centreId).toBe("qinghai");
    // 4.8 kWh × 45 USD/MWh + 2.16 kg × 0.1 USD/kg
    expect(outcome.centres.find((c) => c.centreId === "guangzhou")?.best?.costMicroUsd).toBe(216_000 + 216_000);
  });

  it("counts what clean supply covers as zero in the contract view only", () => {
    const supplied: CentreInputs = { ...dirty, hours: dirty.hours.map((h) => ({ ...h, cleanSupplyW: 2_400 })) };
    const { chosen } = decide(decisionInputs([supplied], { policy: { carbonView: "contract" } }));
    // Facility load 4.8 kW, half of it covered.
    expect(chosen).toMatchObject({ carbonLocationG: 2_160, carbonContractG: 1_080, scoreMicroUsd: 1_080_000 });
  });

  it("takes what own supply covers from no grid, in both views, and at its own price", () => {
    const hours = dirty.hours.map((h) => ({ ...h, ownSupplyW: 1_200, cleanSupplyW: 2_400 }));
    const supplied: CentreInputs = { ...dirty, hours, adderUsdPerMwh: 5, ownSupplyUsdPerMwh: 20 };
    const { chosen } = decide(decisionInputs([supplied]));
    // A quarter of 4.8 kWh is own: 3.6 kWh × 45 USD/MWh + 1.2 kWh × 20 USD/MWh.
    expect(chosen).toMatchObject({ carbonLocationG: 1_620, carbonContractG: 1_080, costMicroUsd: 162_000 + 24_000 });
  });

  it("waits for the cleaner hour, and weighs waiting against it", () => {
    const night = { ...clean, hours: clean.hours.map((h, i) => ({ ...h, carbonLocationGPerKwh: i === 5 ? 50 : 150 })) };
    expect(decide(decisionInputs([night])).chosen?.startAtMs).toBe(startMs + 5 * hourMs);
    expect(decide(decisionInputs([night], { policy: { gammaUsdPerGpuHour: 1 } })).chosen?.startAtMs).toBe(startMs);
  });

  const rules: [string, Partial<CentreInputs>, Parameters<typeof decisionInputs>[1]][] = [
    ["residency", {}, { job: { residency: ["EU"] } }],
    ["policy", {}, { policy: { allowedCentreIds: ["elsewhere"] } }],
    ["drained", { drainedReason: "grid event" }, {}],
    ["gpuClass", {}, { job: { gpuClass: "MI300X" } }],
    ["capacity", {}, { job: { gpus: 17 } }],
    ["deadline", {}, { job: { deadlineAtMs: startMs + hourMs - 1 } }],
    ["powerCap", { powerCapW: 4_799 }, {}],
    ["budget", {}, { job: { budgetMicroUsd: 239_999 } }],
    ["failedHere", { avoid: "failedHere" }, {}],
    ["noNode", { avoid: "noNode" }, {}],
  ];
  it.each(rules)("excludes by the hard rule %s and names it", (rule, centre, over) => {
    const inputs = decisionInputs([{ ...clean, ...centre }], over);
    const outcome = decide(inputs);
    expect(outcome).toMatchObject({ kind: "infeasible", chosen: null });
    expect(outcome.centres[0]).toMatchObject({ rule, best: null });
    expect(explain(inputs, outcome).map((line) => line.key)).toContain(`placement.whyNot.${rule}`);
  });

  it("excludes starts later than the policy's longest wait", () => {
    const night = { ...clean, hours: clean.hours.map((h, i) => ({ ...h, carbonLocationGPerKwh: 150 - i })) };
    expect(decide(decisionInputs([night], { policy: { maxWaitS: 3 * 3_600 } })).chosen?.startAtMs).toBe(
      startMs + 3 * hourMs,
    );
  });

  it("starts where another job frees the GPUs, and never counts its own plan against itself", () => {
    const held = (jobId: string) => [
      { jobId, startAtMs: startMs, endAtMs: startMs + 90 * 60_000, gpus: 10, powerW: 0 },
    ];
    const busy = (jobId: string) => ({ ...clean, pools: [{ gpuClass: "H100", gpus: 16, usage: held(jobId) }] });
    expect(decide(decisionInputs([busy("other")])).chosen?.startAtMs).toBe(startMs + 2 * hourMs);
    expect(decide(decisionInputs([busy("job-1")])).chosen?.startAtMs).toBe(startMs);
  });

  it("keeps the plan in force against a gain below the hysteresis", () => {
    const better = { ...clean, id: "b", hours: clean.hours.map((h) => ({ ...h, carbonLocationGPerKwh: 149 })) };
    const current = { centreId: "qinghai", startAtMs: startMs + hourMs };
    const kept = decide(decisionInputs([clean, better], { current, policy: { hysteresisShare: 0.02 } }));
    expect(kept).toMatchObject({
      keptByHysteresis: true,
      chosen: { centreId: "qinghai", startAtMs: startMs + hourMs },
    });
    expect(decide(decisionInputs([clean, better], { current })).chosen?.centreId).toBe("b");
  });

  it("gives no advantage to a centre whose carbon nobody knows, nor a place within a budget to an unknown price", () => {
    const silent = {
      ...clean,
      id: "a",
      hours: clean.hours.map((h) => ({ ...h, carbonLocationGPerKwh: null, priceUsdPerMwh: null })),
    };
    expect(decide(decisionInputs([silent, clean, dirty])).chosen?.centreId).toBe("qinghai");
    expect(decide(decisionInputs([silent], { job: { budgetMicroUsd: 1e9 } })).centres[0]?.rule).toBe("budget");
  });

  it("waits for a release beyond the horizon", () => {
    const job = { releaseAtMs: startMs + 60 * hourMs, deadlineAtMs: startMs + 90 * hourMs };
    expect(decide(decisionInputs([clean], { job }))).toMatchObject({ kind: "wait", chosen: null });
  });

  it("explains with known keys only", () => {
    const inputs = decisionInputs([clean, dirty, centreInputs("eu", 100, 10, { jurisdiction: "EU" })], {
      job: { residency: ["CN"] },
    });
    const lines = explain(inputs, decide(inputs));
    expect(lines.map((line) => line.key)).toEqual([
      "placement.here.best",
      "placement.now.best",
      "placement.whyNot.residency",
      "placement.whyNot.score",
    ]);
    expect(lines.every((line) => explanationKeys.includes(line.key))).toBe(true);
    expect(lines[3]?.values).toMatchObject({
      otherCentreId: "guangzhou",
      moreCarbonG: 1_440,
      moreCostMicroUsd: -48_000,
    });
  });
});
