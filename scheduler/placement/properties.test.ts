import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, total } from "./decide.ts";
import { hourMs } from "./horizon.ts";
import { centreInputs, decisionInputs, startMs } from "./inputs.fixture.ts";
import { planJobs } from "./plan.ts";
import type { CentreInputs, PlacementJob, Usage } from "./types.ts";

const jurisdictions = ["CN", "EU", "AE"];
const usage = fc
  .record({
    jobId: fc.constantFrom("x", "y", "z"),
    startAtMs: fc.integer({ min: -5, max: 30 }).map((h) => startMs + h * 1_800_000),
    length: fc.integer({ min: 1, max: 40 }),
    gpus: fc.integer({ min: 1, max: 16 }),
  })
  .map(
    ({ length, ...rest }): Usage => ({ ...rest, endAtMs: rest.startAtMs + length * 900_000, powerW: rest.gpus * 500 }),
  );
const outlook = fc.record({
  carbonLocationGPerKwh: fc.option(fc.double({ min: 0, max: 900, noNaN: true }), { freq: 9 }),
  carbonResidualGPerKwh: fc.option(fc.double({ min: 0, max: 900, noNaN: true })),
  priceUsdPerMwh: fc.option(fc.double({ min: -20, max: 300, noNaN: true }), { freq: 9 }),
  wetBulbC: fc.option(fc.double({ min: -20, max: 30, noNaN: true })),
  ownSupplyW: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true })),
  cleanSupplyW: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true })),
});
const centre = (id: string) =>
  fc
    .record({
      jurisdiction: fc.constantFrom(...jurisdictions),
      drainedReason: fc.constantFrom(null, null, null, null, "maintenance"),
      powerCapW: fc.integer({ min: 5_000, max: 60_000 }),
      baseItW: fc.integer({ min: 0, max: 20_000 }),
      carbonTaxUsdPerTonne: fc.integer({ min: 0, max: 100 }),
      gpus: fc.integer({ min: 1, max: 24 }),
      usage: fc.array(usage, { maxLength: 6 }),
      hours: fc.array(outlook, { minLength: 48, maxLength: 48 }),
    })
    .map(
      ({ gpus, usage: held, ...rest }): CentreInputs => ({
        ...centreInputs(id, 0, 0),
        ...rest,
        pools: [{ gpuClass: "H100", gpus, usage: held }],
      }),
    );
const job = fc
  .record({
    gpus: fc.integer({ min: 1, max: 16 }),
    durationS: fc.integer({ min: 60, max: 30 * 3_600 }),
    powerPerGpuW: fc.integer({ min: 100, max: 1_000 }),
    releaseAtMs: fc.integer({ min: -3_600, max: 50 * 3_600 }).map((s) => startMs + s * 1_000),
    slackS: fc.integer({ min: 0, max: 40 * 3_600 }),
    residency: fc.subarray(jurisdictions),
    budgetMicroUsd: fc.option(fc.integer({ min: 0, max: 5_000_000 })),
  })
  .map(
    ({ slackS, ...rest }): Partial<PlacementJob> => ({
      ...rest,
      deadlineAtMs: rest.releaseAtMs + (rest.durationS + slackS) * 1_000,
    }),
  );
const situation = fc
  .tuple(fc.tuple(centre("a"), centre("b"), centre("c")), job, fc.integer({ min: 0, max: 3_599 }))
  .map(([centres, wanted, second]) =>
    decisionInputs(centres, {
      job: wanted,
      nowMs: startMs + second * 1_000,
      policy: { beta: 1, gammaUsdPerGpuHour: 0.01 },
    }),
  );

/** GPUs held at an instant, counted without the code under test. */
const heldAt = (held: readonly Usage[], timeMs: number) =>
  held.filter((u) => u.startAtMs <= timeMs && timeMs < u.endAtMs).reduce((sum, u) => sum + u.gpus, 0);
const runs = { numRuns: 300 };

describe("whatever the situation", () => {
  it("a choice keeps residency, capacity, budget, deadline, release, power cap and drain", () => {
    let placed = 0;
    fc.assert(
      fc.property(situation, (inputs) => {
        const { chosen, alternatives } = decide(inputs);
        if (!chosen) return;
        placed++;
        const place = inputs.centres.find((c) => c.id === chosen.centreId)!;
        const { job: wanted } = inputs;
        const endMs = chosen.startAtMs + wanted.durationS * 1_000;
        expect(wanted.residency.length === 0 || wanted.residency.includes(place.jurisdiction)).toBe(true);
        expect(place.drainedReason).toBeNull();
        expect(chosen.startAtMs).toBeGreaterThanOrEqual(Math.max(inputs.nowMs, wanted.releaseAtMs));
        expect(endMs).toBeLessThanOrEqual(wanted.deadlineAtMs);
        if (wanted.budgetMicroUsd !== null) expect(chosen.costMicroUsd!).toBeLessThanOrEqual(wanted.budgetMicroUsd);
        const held = place.pools[0]!.usage;
        for (const instant of [
          chosen.startAtMs,
          ...held.map((u) => u.startAtMs).filter((t) => t >= chosen.startAtMs && t < endMs),
        ]) {
          expect(heldAt(held, instant) + wanted.gpus).toBeLessThanOrEqual(place.pools[0]!.gpus);
        }
        // PUE of the fixture is 1.2 at every load.
        expect((place.baseItW + wanted.gpus * wanted.powerPerGpuW) * 1.2).toBeLessThanOrEqual(place.powerCapW + 1e-6);
        for (const other of alternatives)
          if (other.rule === null) expect(total(chosen)).toBeLessThanOrEqual(total(other));
      }),
      runs,
    );
    expect(placed).toBeGreaterThan(runs.numRuns / 20);
  });

  it("replaying stored inputs gives the same outcome bit for bit, in any order of keys and centres", () => {
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : value !== null && typeof value === "object"
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, shuffled(inner)]),
            )
          : value;
    fc.assert(
      fc.property(situation, (inputs) => {
        const outcome = JSON.stringify(decide(inputs));
        const replayed = shuffled(JSON.parse(JSON.stringify(inputs))) as typeof inputs;
        expect(JSON.stringify(decide({ ...replayed, centres: replayed.centres.reverse() }))).toBe(outcome);
      }),
      { numRuns: 100 },
    );
  });

  it("a plan of many jobs never holds more GPUs than there are, and its bound is not above its score", () => {
    fc.assert(
      fc.property(
        fc.array(job, { minLength: 2, maxLength: 8 }),
        fc.tuple(centre("a"), centre("b")),
        (jobs, centres) => {
          const empty = centres.map((c) => ({ ...c, pools: [{ ...c.pools[0]!, usage: [] }] }));
          const { policy } = decisionInputs(empty);
          const pending = jobs.map((wanted, i) => ({
            job: { ...decisionInputs(empty, { job: wanted }).job, id: `job-${i}` },
            policy,
            priority: 0,
            submittedAtMs: startMs + i,
            current: null,
            avoid: new Map(),
          }));
          const plan = planJobs(startMs, 48, empty, pending);
          const chosen = plan.jobs.flatMap(({ outcome, inputs }) =>
            outcome.chosen ? [{ ...outcome.chosen, wanted: inputs.job }] : [],
          );
          for (const c of empty) {
            const held = chosen
              .filter((a) => a.centreId === c.id)
              .map(
                (a): Usage => ({
                  jobId: a.wanted.id,
                  startAtMs: a.startAtMs,
                  endAtMs: a.startAtMs + a.wanted.durationS * 1_000,
                  gpus: a.wanted.gpus,
                  powerW: 0,
                }),
              );
            for (const u of held) expect(heldAt(held, u.startAtMs)).toBeLessThanOrEqual(c.pools[0]!.gpus);
          }
          if (chosen.length === jobs.length)
            expect(plan.lowerBoundMicroUsd).toBeLessThanOrEqual(
              chosen.reduce((sum, a) => sum + a.scoreMicroUsd, 0) + 1,
            );
          expect(JSON.stringify(planJobs(startMs, 48, empty, pending.toReversed()))).toBe(JSON.stringify(plan));
          expect(plan.jobs[0]!.inputs.horizonStartMs % hourMs).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
