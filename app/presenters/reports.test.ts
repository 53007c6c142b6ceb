import { describe, expect, it } from "vitest";
import { assembleReport } from "#domain/report/assemble.ts";
import { mixParts, type ReportHour, type ReportInput } from "#domain/report/types.ts";
import { warning } from "#domain/report/warnings.ts";
import { periodName, reportView, warningGroups } from "./report-view.ts";
import { readScope } from "./reports.server.ts";

const now = Date.parse("2026-11-24T06:20:30Z");
const centres = [
  { id: "a", timeZone: "Asia/Shanghai" },
  { id: "b", timeZone: "Europe/Berlin" },
];
const scope = (query: string) => readScope(new URL(`http://x/reports?${query}`), centres, now);
const iso = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [
  new Date(fromMs).toISOString(),
  new Date(toMs).toISOString(),
];

describe("what /reports asks for", () => {
  it("is this month of all centres in the first one's zone by default, and after nonsense", () => {
    for (const query of ["", "period=x&centre=nowhere&zone=Mars&first=yesterday"]) {
      const read = scope(query);
      expect(read).toMatchObject({
        period: "this-month",
        centreIds: ["a", "b"],
        timeZone: "Asia/Shanghai",
        firstDay: "2026-11-01",
        lastDay: "2026-11-24",
      });
      expect(iso(read)).toEqual(["2026-10-31T16:00:00.000Z", "2026-11-24T06:00:00.000Z"]);
    }
  });
  it("takes whole own days, the last one inside, up to the last whole hour", () => {
    expect(iso(scope("period=own&first=2026-10-25&last=2026-10-25&zone=Europe/Berlin"))).toEqual([
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ]);
    expect(iso(scope("period=own&first=2026-11-20&last=2026-11-30&centre=b"))).toEqual([
      "2026-11-19T23:00:00.000Z",
      "2026-11-24T06:00:00.000Z",
    ]);
    expect(iso(scope("period=own&first=2027-01-01&last=2027-01-02&zone=UTC"))).toEqual([
      "2027-01-01T00:00:00.000Z",
      "2027-01-03T00:00:00.000Z",
    ]);
  });
});

it("a period is called by its month or year only when it is exactly that", () => {
  const kind = (from: string, to: string) => periodName(Date.parse(from), Date.parse(to), "Asia/Shanghai").kind;
  expect(kind("2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z")).toBe("month");
  expect(kind("2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z")).toBe("month");
  expect(kind("2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z")).toBe("year");
  expect(kind("2026-09-30T16:00:00Z", "2026-10-31T15:00:00Z")).toBe("days");
});

it("the grid has a place for every hour, also where the clock changes, and hatches what is not known", () => {
  const from = Date.parse("2026-10-23T22:00:00Z");
  const hour = (index: number): ReportHour => {
    const clean = index % 24 < 4 ? 0.4 : 0.97;
    return {
      centreId: "b",
      hourMs: from + index * 3_600_000,
      facilityMilliWh: 1_000_000,
      itMilliWh: 900_000,
      mix: {
        ...(Object.fromEntries(mixParts.map((part) => [part, 0])) as NonNullable<ReportHour["mix"]>),
        hydro: 1_000_000,
      },
      cleanShare: clean,
      carbonLocationG: 1,
      carbonContractG: 1,
      generatorMilliWh: null,
      costMicroUsd: 1,
      heatReuseMilliWh: null,
      coverage: 1,
      estimatedShare: 0,
      factorSource: null,
      simulated: false,
      notComputable: null,
    };
  };
  const input: ReportInput = {
    fromMs: from,
    toMs: from + 49 * 3_600_000,
    timeZone: "Europe/Berlin",
    centres: [
      {
        id: "b",
        name: { en: "B" },
        timeZone: "Europe/Berlin",
        gridZone: "Z",
        pueCategory: 2,
        storageCapacityWh: 0,
        reusesHeat: true,
        targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
        simulated: false,
      },
    ],
    hours: Array.from({ length: 48 }, (_, index) => hour(index)),
    runs: [],
  };
  const { clean, weakest } = reportView(assembleReport(input));
  expect(clean.map(({ day, hours }) => [day, hours])).toEqual([
    ["2026-10-24", `0000${"6".repeat(20)}`],
    ["2026-10-25", `0000${"6".repeat(20)}x`],
  ]);
  expect(weakest).toMatchObject({ fromHour: 0, toHour: 4 });
  expect([weakest!.share, weakest!.rest].map((share) => share.toFixed(3))).toEqual(["0.400", "0.970"]);
});

it("groups one warning of several centres, marks of simulation last", () => {
  const warnings = [
    warning("SIMULATED", null, { count: 1, hours: 2 }),
    warning("COVERAGE_BELOW_95", "a", { centre: "A", coverage: 0.3 }),
    warning("HOURS_NOT_COMPUTABLE", "a", { centre: "A", count: 1, hours: 2 }),
    warning("COVERAGE_BELOW_95", "b", { centre: "B", coverage: 0.4 }),
  ];
  expect(warningGroups(warnings).map((group) => group.map(({ code, centreId }) => `${code} ${centreId}`))).toEqual([
    ["COVERAGE_BELOW_95 a", "COVERAGE_BELOW_95 b"],
    ["HOURS_NOT_COMPUTABLE a"],
    ["SIMULATED null"],
  ]);
});
