import { describe, expect, it } from "vitest";
import { assembleReport } from "#domain/report/assemble.ts";
import { mixParts, type ReportHour, type ReportInput } from "#domain/report/types.ts";
import { reportCsv } from "./report-csv.ts";
import { parseCsv } from "./testing.ts";

const from = Date.parse("2026-10-01T00:00:00Z");
const hour = (centreId: string, index: number): ReportHour => {
  const facility = 1_234_567_891 + index * 7;
  return {
    centreId,
    hourMs: from + index * 3_600_000,
    facilityMilliWh: facility,
    itMilliWh: 1_000_000_003,
    mix: {
      ...(Object.fromEntries(mixParts.map((part) => [part, 0])) as NonNullable<ReportHour["mix"]>),
      wind: 1_000_000_000,
      fossil: facility - 1_000_000_000,
    },
    cleanShare: 1_000_000_000 / facility,
    carbonLocationG: 1_234.5678,
    carbonContractG: 99.999,
    generatorMilliWh: null,
    costMicroUsd: 86_419_752,
    heatReuseMilliWh: null,
    coverage: 1,
    estimatedShare: 0,
    factorSource: "zone table",
    simulated: true,
    notComputable: null,
  };
};
const input: ReportInput = {
  fromMs: from,
  toMs: from + 30 * 3_600_000,
  timeZone: "UTC",
  centres: [
    {
      id: "north",
      name: { en: '=HYPERLINK("http://x")', "zh-Hant": "北", "zh-Hans": "北" },
      timeZone: "UTC",
      gridZone: "Z",
      pueCategory: 2,
      storageCapacityWh: 0,
      reusesHeat: true,
      targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
      simulated: true,
    },
  ],
  hours: Array.from({ length: 29 }, (_, index) => hour("north", index)),
  runs: [
    {
      runId: "run-1",
      jobId: "job-1",
      jobName: '@SUM(A1), "quoted"\n+1',
      centreId: "north",
      startedMs: from,
      endedMs: from + 3_600_000,
      gpuSeconds: 3_600,
      itMilliWh: 700_001,
      facilityMilliWh: 860_000,
      carbonLocationG: 1,
      carbonContractG: 0.5,
      costMicroUsd: 1,
      energyMethod: "gpu-counter",
    },
  ],
};

const content = assembleReport(input);
const [header = [], ...lines] = parseCsv(reportCsv(content, "f".repeat(64)));
const rows = lines.map((line) => Object.fromEntries(header.map((name, index) => [name, line[index] ?? ""])));
const of = (section: string) => rows.filter((row) => row.section === section);
/** "12.345" of a million-fold unit, back to the integer. */
const integer = (text: string | undefined) => {
  const [whole = "", part = ""] = (text ?? "").split(".");
  return Number(whole + part.padEnd(6, "0"));
};

describe("a report as CSV", () => {
  it("carries the figures of the JSON, exactly", () => {
    const [total] = of("total");
    expect(integer(total?.facility_kwh)).toBe(content.total.facilityMilliWh);
    expect(integer(total?.it_kwh)).toBe(content.total.itMilliWh);
    expect(integer(total?.scope2_location_kg)).toBe(content.total.scope2LocationMg);
    expect(integer(total?.scope2_contract_kg)).toBe(content.total.scope2ContractMg);
    expect(integer(total?.cost_usd)).toBe(content.total.costMicroUsd);
    expect(Number(total?.pue)).toBe(content.total.pue?.value);
    expect(Number(total?.clean_share)).toBe(content.total.cleanShare?.value);
    const mix = mixParts.map((part) => total?.[`mix_${part.replace("R", "_r")}_kwh`]);
    expect(mix.map(integer).reduce((a, b) => a + b)).toBe(content.total.facilityMilliWh);
  });

  it("adds up: hours to days to centres to the total", () => {
    const sum = (section: string) => of(section).reduce((all, row) => all + integer(row.facility_kwh), 0);
    expect([sum("hour"), sum("day"), sum("centre-day"), sum("centre")]).toEqual(
      Array(4).fill(content.total.facilityMilliWh),
    );
    expect(of("hour")).toHaveLength(29);
    const [job, rest] = [of("job"), of("not-attributed")];
    expect(integer(job[0]?.it_kwh) + integer(rest[0]?.it_kwh)).toBe(content.total.itMilliWh);
  });

  it("says that it is simulated, what is missing and how it was made", () => {
    expect(of("total")[0]?.simulated).toBe("yes");
    expect(of("warning").map(({ name }) => name)).toEqual(["SIMULATED", "HOURS_NOT_COMPUTABLE"]);
    expect(of("not-computable")).toMatchObject([
      { centre: "north", from: "2026-10-02T05:00:00.000Z", hours: "1", note: "no record in the ledger" },
    ]);
    expect(of("report")[0]?.note).toBe(`hs-report/2, sha256 ${"f".repeat(64)}`);
    expect(of("factor-source")).toMatchObject([{ name: "zone table", hours: "29" }]);
    expect(of("target").map(({ name, met }) => [name, met])).toContainEqual(["heatUplift", "not measured"]);
  });

  it("has the same bytes for a report that comes back from a database with its keys in another order", () => {
    const turned = JSON.parse(JSON.stringify(content), (_, value) =>
      value && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(Object.keys(turned)).not.toEqual(Object.keys(content));
    expect(reportCsv(turned, "f".repeat(64))).toBe(reportCsv(content, "f".repeat(64)));
  });

  it("runs no formula out of a centre's or a job's name", () => {
    expect(of("centre")[0]?.name).toBe(`'=HYPERLINK("http://x")`);
    expect(of("job")[0]?.name).toBe(`'@SUM(A1), "quoted"\n+1`);
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+@]|^-(?!\d)/);
  });

  it("writes no number in a locale, and the same header for every row", () => {
    for (const line of lines) expect(line).toHaveLength(header.length);
    for (const row of rows)
      for (const [name, cell] of Object.entries(row))
        if (/_(kwh|kg|usd)$|^(pue|coverage|hours)$/.test(name)) expect(cell).toMatch(/^(-?\d+(\.\d+)?)?$/);
  });
});
