import { expect, it } from "vitest";
import { decide, total } from "#scheduler/placement/decide.ts";
import { explanationKeys } from "#scheduler/placement/explain.ts";
import { centreInputs, decisionInputs, startMs } from "#scheduler/placement/inputs.fixture.ts";
import { exclusionRules } from "#scheduler/placement/types.ts";
import { policySentenceKeys } from "#scheduler/policy/sentence.ts";
import texts from "../locales/en/jobs.json" with { type: "json" };
import { isDecision, viewDecision } from "./job-decision.ts";

const hour = 3_600_000;
const centres = [
  centreInputs("clean", 50, 40),
  centreInputs("cheap", 400, 10),
  centreInputs("far", 20, 5, { jurisdiction: "AE" }),
  centreInputs("full", 50, 40, { pools: [{ gpuClass: "H100", gpus: 4, usage: [] }] }),
];
const inputs = decisionInputs(centres, {
  job: { residency: ["CN"] },
  policy: { alphaUsdPerTonne: 200, beta: 1, gammaUsdPerGpuHour: 0.005 },
});
const outcome = decide(inputs);
const view = viewDecision(inputs, outcome, startMs, () => true);

it("puts the chosen centre first, then the others by score, then those that a rule excludes", () => {
  expect(view.rows.map(({ centreId, chosen, rule }) => [centreId, chosen, rule])).toEqual([
    ["clean", true, null],
    ["cheap", false, null],
    ["far", false, "residency"],
    ["full", false, "capacity"],
  ]);
  expect(view.rows[2]?.facts).toEqual({ jurisdiction: "AE", residency: "CN" });
  expect(view.rows[3]?.facts).toEqual({ gpus: 8, most: 4 });
});

it("takes each score apart as it was put together, to a micro-USD", () => {
  for (const row of view.rows.filter(({ score }) => score !== null)) {
    const { carbon, cost, wait, capacity, total: whole } = row.score!;
    expect(Math.abs(carbon + cost + wait + capacity - whole)).toBeLessThanOrEqual(1);
  }
  const [chosen, other] = view.rows;
  expect(other?.moreMicroUsd).toBe(
    total(outcome.centres.find(({ centreId }) => centreId === "cheap")!.best!) - total(outcome.chosen!),
  );
  expect(chosen?.moreMicroUsd).toBe(0);
  // 8 GPUs × 500 W × 1 h × PUE 1.2 at 50 g/kWh.
  expect(chosen?.carbonLocationG).toBeCloseTo(240, 6);
  expect(chosen?.pue).toBeCloseTo(1.2, 9);
});

it("weighs an unknown carbon as the worst known one, and shows it as unknown", () => {
  const silent = centreInputs("silent", 0, 1);
  silent.hours = silent.hours.map((one) => ({ ...one, carbonLocationGPerKwh: null }));
  const mixed = decisionInputs([centres[1]!, silent]);
  const shown = viewDecision(mixed, decide(mixed), startMs, () => true).rows.find(
    ({ centreId }) => centreId === "silent",
  );
  expect(shown?.carbonLocationG).toBeNull();
  expect(shown?.score?.carbon).toBeCloseTo(1_000 * 1_920, 3);
});

it("hides centres outside the reader's scope and says how many; the chosen one is part of the job", () => {
  const scoped = viewDecision(inputs, outcome, startMs, (id) => id === "cheap");
  expect(scoped.rows.map(({ centreId }) => centreId)).toEqual(["clean", "cheap"]);
  expect(scoped.hidden).toBe(2);
  expect(JSON.stringify(scoped)).not.toContain("far");
});

it("draws every start of the centres that have one, and marks those that a rule excludes", () => {
  expect(view.curves.map(({ centreId }) => centreId)).toEqual(["clean", "cheap"]);
  expect(view.curves[0]?.starts).toHaveLength(24);
  expect(view.outlook[0]?.carbon).toHaveLength(48);
  const late = decisionInputs([centres[0]!], { job: { deadlineAtMs: startMs + hour / 2 } });
  const none = viewDecision(late, decide(late), startMs, () => true);
  expect(none.rows[0]).toMatchObject({ rule: "deadline", score: null, facts: { availableS: 1_800, durationS: 3_600 } });
  expect(none.curves).toEqual([]);
});

it("reads only what it knows", () => {
  expect(isDecision(inputs, outcome)).toBe(true);
  expect(isDecision({}, { chosen: "qinghai" })).toBe(false);
  expect(isDecision({ ...inputs, version: 2 }, outcome)).toBe(false);
  expect(isDecision(null, null)).toBe(false);
});

it("has a text for every sentence, policy and rule", () => {
  const has = (key: string) => {
    const path = key.split(".");
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], texts);
    const last = path.at(-1)!;
    return parent !== undefined && (last in (parent as object) || `${last}_other` in (parent as object));
  };
  expect([...explanationKeys, ...policySentenceKeys].filter((key) => !has(key))).toEqual([]);
  expect(exclusionRules.filter((rule) => !has(`rule.${rule}.short`) || !has(`rule.${rule}.text`))).toEqual([]);
});
