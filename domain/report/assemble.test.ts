import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleReport } from "./assemble.ts";
import { canonicalJson, sha256Hex } from "./canonical.ts";
import { hourMs } from "./period.ts";
import { round6 } from "./sums.ts";
import {
  type MixEnergy,
  mixParts,
  type ReportCentre,
  type ReportHour,
  type ReportInput,
  ReportRefused,
  type ReportRun,
} from "./types.ts";

const from = Date.parse("2026-10-24T22:00:00Z");
const centre = (id: string, category = 2): ReportCentre => ({
  id,
  name: { en: id.toUpperCase(), "zh-Hant": id, "zh-Hans": id },
  timeZone: "Europe/Berlin",
  gridZone: "DE",
  pueCategory: category,
  storageCapacityWh: 8_000,
  reusesHeat: true,
  targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
  simulated: false,
});
const emptyMix = Object.fromEntries(mixParts.map((part) => [part, 0])) as MixEnergy;
const hour = (centreId: string, index: number, change: Partial<ReportHour> = {}): ReportHour => ({
  centreId,
  hourMs: from + index * hourMs,
  facilityMilliWh: 1_200_000,
  itMilliWh: 1_000_000,
  mix: { ...emptyMix, hydro: 900_000, fossil: 300_000 },
  cleanShare: 0.75,
  carbonLocationG: 600.0004,
  carbonContractG: 150,
  generatorMilliWh: null,
  costMicroUsd: 84_000,
  heatReuseMilliWh: 30_000,
  coverage: 1,
  estimatedShare: 0,
  factorSource: "zone table 2026.1",
  simulated: false,
  notComputable: null,
  ...change,
});
const run = (change: Partial<ReportRun>): ReportRun => ({
  runId: "run-1",
  jobId: "job-1",
  jobName: "a job",
  centreId: "a",
  startedMs: from + hourMs,
  endedMs: from + 3 * hourMs,
  gpuSeconds: 7_200,
  itMilliWh: 400_001,
  facilityMilliWh: 480_001,
  carbonLocationG: 240,
  carbonContractG: 60,
  costMicroUsd: 33_601,
  energyMethod: "gpu-counter",
  ...change,
});
const input = (change: Partial<ReportInput> = {}): ReportInput => ({
  fromMs: from,
  toMs: from + 25 * hourMs,
  timeZone: "Europe/Berlin",
  centres: [centre("a")],
  hours: Array.from({ length: 25 }, (_, index) => hour("a", index)),
  runs: [],
  ...change,
});
const reasonOf = (make: () => unknown) => {
  try {
    make();
    return undefined;
  } catch (error) {
    return error instanceof ReportRefused ? error.reason : error;
  }
};
const codes = (given: ReportInput) => assembleReport(given).warnings.map(({ code }) => code);

describe("a report", () => {
  it("sums a day of 25 hours exactly", () => {
    const { total, days, pueInterim, pueCategory, warnings } = assembleReport(input());
    expect(total).toMatchObject({
      hours: 25,
      facilityMilliWh: 30_000_000,
      itMilliWh: 25_000_000,
      costMicroUsd: 2_100_000,
      scope2ContractMg: 3_750_000,
      coverage: 1,
    });
    expect(total.pue).toEqual({ value: 1.2, hours: 25, facilityMilliWh: 30_000_000, itMilliWh: 25_000_000 });
    expect(total.cleanShare?.value).toBe(0.75);
    expect(total.cue?.value).toBe(0.6);
    expect(total.erf?.value).toBe(0.025);
    expect([pueInterim, pueCategory, warnings]).toEqual([true, 2, []]);
    expect(days.map(({ day, hours }) => [day, hours])).toEqual([["2026-10-25", 25]]);
  });

  it("takes ratios of sums, never means of ratios, and only of hours in which both are known", () => {
    const hours = [
      hour("a", 0, {
        facilityMilliWh: 3_000_000,
        itMilliWh: 1_000_000,
        mix: { ...emptyMix, fossil: 3_000_000 },
        cleanShare: 0,
      }),
      hour("a", 1, {
        facilityMilliWh: 9_900_000,
        itMilliWh: 9_000_000,
        mix: { ...emptyMix, wind: 9_900_000 },
        cleanShare: 1,
      }),
      hour("a", 2, {
        facilityMilliWh: null,
        mix: null,
        cleanShare: null,
        notComputable: [{ deviceId: "m", silentSince: null }],
      }),
    ];
    const { total } = assembleReport(input({ hours, toMs: from + 3 * hourMs }));
    expect(total.pue).toEqual({ value: 1.29, hours: 2, facilityMilliWh: 12_900_000, itMilliWh: 10_000_000 });
    expect(total.itMilliWh).toBe(11_000_000);
    expect(total.cleanShare?.value).toBe(round6(9_900_000 / 12_900_000));
  });

  it("lists what is missing as ranges and counts it as nothing", () => {
    const silent = {
      facilityMilliWh: null,
      mix: null,
      cleanShare: null,
      carbonLocationG: null,
      carbonContractG: null,
      costMicroUsd: null,
      coverage: 0.5,
      notComputable: [{ deviceId: "meter-4", silentSince: "2026-10-25T01:00:00Z" }],
    };
    const hours = input()
      .hours.filter((_, index) => index < 20)
      .map((row, index) => (index === 3 || index === 4 ? { ...row, ...silent } : row));
    const { centres, total, warnings } = assembleReport(input({ hours }));
    expect(centres[0]!.gaps).toEqual([
      {
        from: "2026-10-25T01:00:00.000Z",
        to: "2026-10-25T03:00:00.000Z",
        hours: 2,
        devices: [{ deviceId: "meter-4", silentSince: "2026-10-25T01:00:00Z" }],
        noRecord: false,
      },
      { from: "2026-10-25T18:00:00.000Z", to: "2026-10-25T23:00:00.000Z", hours: 5, devices: [], noRecord: true },
    ]);
    expect(total.coverage).toBe(round6(19 / 25));
    expect(warnings.map(({ code }) => code)).toEqual(["COVERAGE_BELOW_95", "HOURS_NOT_COMPUTABLE"]);
    expect(warnings[0]!.message).toBe("Coverage of A is 76.0 %, below 95 %. Nothing was filled in.");
  });

  it("keeps two gaps of one meter apart when there were good hours between them", () => {
    const silent = { facilityMilliWh: null, mix: null, notComputable: [{ deviceId: "m", silentSince: null }] };
    const hours = input().hours.map((row, index) => (index === 3 || index === 7 ? { ...row, ...silent } : row));
    const { gaps } = assembleReport(input({ hours })).centres[0]!;
    expect(gaps.map(({ from, hours }) => [from, hours])).toEqual([
      ["2026-10-25T01:00:00.000Z", 1],
      ["2026-10-25T05:00:00.000Z", 1],
    ]);
  });

  it("has no figure where no hour knows one", () => {
    const hours = [
      hour("a", 0, {
        facilityMilliWh: null,
        itMilliWh: null,
        mix: null,
        cleanShare: null,
        carbonLocationG: null,
        carbonContractG: null,
        costMicroUsd: null,
        heatReuseMilliWh: null,
        coverage: 0,
      }),
    ];
    const { total, targets } = assembleReport(input({ hours }));
    expect(total).toMatchObject({
      facilityMilliWh: null,
      itMilliWh: null,
      pue: null,
      cleanShare: null,
      scope2LocationMg: null,
      mix: null,
      costMicroUsd: null,
      erf: null,
      coverage: 0,
    });
    expect(targets.map(({ measured, met }) => [measured, met])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it("keeps the energy mix to the sum: what no mix explains is unknown, and a mix that does not sum is refused", () => {
    const { total } = assembleReport(input({ hours: [hour("a", 0), hour("a", 1, { mix: null })] }));
    expect(total.mix).toMatchObject({ hydro: 900_000, fossil: 300_000, unknown: 1_200_000 });
    const wrong = input({ hours: [hour("a", 0, { mix: { ...emptyMix, hydro: 1_199_999 } })] });
    expect(reasonOf(() => assembleReport(wrong))).toBe("mixDoesNotSum");
  });

  it("asks nothing where the target is at least 0, and of the fleet only what all its centres were asked", () => {
    const hours = [...input().hours, ...input().hours.map((row) => ({ ...row, centreId: "b" }))];
    const free = { ...centre("b"), targets: { ...centre("b").targets, pue: 1.4, cleanShare: 0 } };
    const { targets, centres } = assembleReport(input({ centres: [centre("a"), free], hours }));
    expect(targets).toEqual([
      { name: "pue", target: 1.4, measured: 1.2, rule: "max", met: true },
      { name: "cleanShare", target: null, measured: 0.75, rule: "min", met: null },
    ]);
    expect(centres.map((one) => one.targets[1])).toMatchObject([
      { target: 0.8, met: false },
      { target: null, met: null },
    ]);
  });

  it("tells a generator's own emissions from Scope 2", () => {
    // 100 kWh of diesel at 762.2 g/kWh stand in both of the ledger's carbon figures.
    const hours = [
      hour("a", 0, { generatorMilliWh: 100e6, carbonLocationG: 76_220 + 600, carbonContractG: 76_220 + 150 }),
    ];
    const { total } = assembleReport(input({ hours }));
    expect([total.scope1Mg, total.scope2LocationMg, total.scope2ContractMg]).toEqual([76_220_000, 600_000, 150_000]);
  });

  it("warns of estimates, missing factors and prices, simulated hours and a widened period", () => {
    expect(codes(input({ hours: input().hours.map((row) => ({ ...row, estimatedShare: 0.06 })) }))).toEqual([
      "ESTIMATED_ABOVE_5",
    ]);
    expect(codes(input({ hours: input().hours.map((row) => ({ ...row, carbonLocationG: null })) }))).toEqual([
      "CARBON_INCOMPLETE",
    ]);
    expect(codes(input({ hours: input().hours.map((row) => ({ ...row, costMicroUsd: null })) }))).toEqual([
      "COST_INCOMPLETE",
    ]);
    expect(codes(input({ fromMs: from + 1 }))).toEqual(["PERIOD_WIDENED"]);
    const simulated = assembleReport(input({ hours: [...input().hours.slice(1), hour("a", 0, { simulated: true })] }));
    expect([simulated.simulated, simulated.centres[0]!.simulated, simulated.warnings[0]!.values]).toEqual([
      true,
      true,
      { count: 1, hours: 25 },
    ]);
  });

  it("refuses by name what is no report", () => {
    expect(reasonOf(() => assembleReport(input({ centres: [] })))).toBe("noCentre");
    expect(reasonOf(() => assembleReport(input({ hours: [] })))).toBe("noData");
    expect(reasonOf(() => assembleReport(input({ toMs: from })))).toBe("emptyPeriod");
  });

  it("leaves out hours and runs of other centres and times", () => {
    const extra = [hour("b", 0), hour("a", -1), hour("a", 25)];
    const runs = [run({ runId: "x", centreId: "b" }), run({ runId: "y", startedMs: from - 2 * hourMs, endedMs: from })];
    const { jobs, total, inputs } = assembleReport(input({ hours: [...input().hours, ...extra], runs }));
    expect([jobs.parts, total.hours, inputs.hours]).toEqual([[], 25, 25]);
  });
});

describe("jobs", () => {
  it("and what is nobody's add up to the IT energy", () => {
    const runs = [run({}), run({ runId: "run-2", startedMs: from + 5 * hourMs, endedMs: null, itMilliWh: null })];
    const { jobs, centres, total, warnings } = assembleReport(input({ runs }));
    expect(jobs).toMatchObject({ runs: 2, notMetered: 1, itMilliWh: 400_001 });
    expect(jobs.itMilliWh + jobs.notAttributedMilliWh!).toBe(total.itMilliWh);
    expect(centres[0]!.jobs.notAttributedMilliWh).toBe(jobs.notAttributedMilliWh);
    expect(jobs.parts[1]).toMatchObject({ itMilliWh: null, carbonLocationMg: null, endedAt: null });
    expect(warnings.map(({ code }) => code)).toEqual(["JOBS_NOT_METERED"]);
  });

  it("whose meters show more than the IT meters are said to", () => {
    expect(codes(input({ runs: [run({ itMilliWh: 30_000_000 })] }))).toEqual(["JOBS_EXCEED_METERS"]);
  });

  it("across an edge are shared by time, and the parts of adjoining periods sum to the run", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 9e15 }),
        fc.integer({ min: 1, max: 20 * 3_600_000 }),
        (edge, energy, lengthMs) => {
          const runs = [run({ startedMs: from + 123, endedMs: from + 123 + lengthMs, itMilliWh: energy })];
          const whole = input({ runs, toMs: from + 25 * hourMs });
          const cut = from + edge * hourMs;
          const part = (fromMs: number, toMs: number) =>
            assembleReport({ ...whole, fromMs, toMs }).jobs.parts[0]?.itMilliWh ?? 0;
          expect(part(from, cut) + (cut < from + 25 * hourMs ? part(cut, from + 25 * hourMs) : 0)).toBe(energy);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the bytes", () => {
  const two = input({
    centres: [centre("a"), centre("b", 1)],
    hours: [...input().hours, ...input().hours.map((row) => ({ ...row, centreId: "b" }))],
    runs: [run({}), run({ runId: "run-2" })],
  });

  it("are the same for the same input, in whatever order it came", () => {
    const wanted = canonicalJson(assembleReport(two));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(two.hours, { minLength: two.hours.length }),
        fc.shuffledSubarray(two.runs, { minLength: 2 }),
        (hours, runs) => {
          expect(canonicalJson(assembleReport({ ...two, hours, runs }))).toBe(wanted);
        },
      ),
      { numRuns: 20 },
    );
    // A database gives keys back in another order; the hash stays.
    expect(canonicalJson(JSON.parse(wanted))).toBe(wanted);
    expect(sha256Hex(wanted)).toMatch(/^[0-9a-f]{64}$/);
    expect(assembleReport(two).pueCategory).toBeNull();
  });

  it("differ when one milliwatt-hour does", () => {
    const [first, ...rest] = two.hours;
    const changed = { ...two, hours: [{ ...first!, itMilliWh: first!.itMilliWh! + 1 }, ...rest] };
    expect(assembleReport(changed).inputs.sha256).not.toBe(assembleReport(two).inputs.sha256);
  });

  it("of canonical JSON have sorted keys, no undefined, and no −0", () => {
    expect(canonicalJson({ b: [1e21, -0, "é"], a: { d: undefined, c: null } })).toBe(
      '{"a":{"c":null},"b":[1e+21,0,"é"]}',
    );
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
  });
});

it("sums of parts are the whole for any hours: centres to total, days to total, mix to facility", () => {
  const figure = fc.option(fc.integer({ min: 0, max: 5e9 }), { nil: null });
  const hours = fc.array(
    fc.record({
      id: fc.constantFrom("a", "b"),
      index: fc.integer({ min: 0, max: 24 }),
      facility: figure,
      it: figure,
      grams: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null }),
      hasMix: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(hours, (rows) => {
      const unique = [...new Map(rows.map((row) => [`${row.id} ${row.index}`, row])).values()];
      const made = unique.map((row) =>
        hour(row.id, row.index, {
          facilityMilliWh: row.facility,
          itMilliWh: row.it,
          carbonLocationG: row.grams,
          mix:
            row.facility === null || !row.hasMix
              ? null
              : {
                  ...emptyMix,
                  wind: Math.floor(row.facility / 3),
                  fossil: row.facility - Math.floor(row.facility / 3),
                },
          cleanShare: row.facility === null ? null : 1 / 3,
        }),
      );
      const { total, centres, days } = assembleReport(input({ centres: [centre("a"), centre("b")], hours: made }));
      const keys = ["facilityMilliWh", "itMilliWh", "scope2LocationMg"] as const;
      for (const key of keys) {
        const add = (parts: { [K in (typeof keys)[number]]: number | null }[]) =>
          parts.reduce((sum, part) => sum + (part[key] ?? 0), 0);
        expect(add(centres.map(({ sums }) => sums))).toBe(total[key] ?? 0);
        expect(add(days)).toBe(total[key] ?? 0);
        expect(add(centres.flatMap((one) => one.days))).toBe(total[key] ?? 0);
      }
      if (total.mix) expect(Object.values(total.mix).reduce((a, b) => a + b)).toBe(total.facilityMilliWh);
      else expect(total.facilityMilliWh).toBeNull();
    }),
    { numRuns: 100 },
  );
});

it("counts a centre that reuses no heat with 0, and a silent meter of it as unknown", () => {
  const hours = [0, 1].flatMap((index) => [
    hour("a", index, { heatReuseMilliWh: index === 0 ? 300_000 : null }),
    hour("b", index, { heatReuseMilliWh: null }),
  ]);
  const centres = [centre("a"), { ...centre("b"), reusesHeat: false }];
  const report = assembleReport(input({ centres, hours, toMs: from + 2 * hourMs }));
  // a knows one hour (0.3 of 1.2 kWh), b two (0 of 2.4 kWh).
  expect(report.centres.map(({ sums }) => sums.erf)).toEqual([
    { value: 0.25, hours: 1 },
    { value: 0, hours: 2 },
  ]);
  expect(report.total.erf).toEqual({ value: round6(0.3 / 3.6), hours: 3 });
});

it("measures storage against the facility's mean power (WP-F7)", () => {
  const [first] = assembleReport(input()).centres;
  // 8 kWh over 1.2 kW, not over the 1 kW of IT.
  expect(first?.targets.find(({ name }) => name === "storageHours")?.measured).toBe(round6(8 / 1.2));
});
