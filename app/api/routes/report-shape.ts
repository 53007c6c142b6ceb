import { z } from "zod";
import { localized, microUsd, milligramsCo2e, milliWh, named, share } from "../shapes.ts";
import { gapShape, mixShape } from "./kpis.ts";

const at = z.iso.datetime();
const hours = z.int().min(0);
const ratio = z.strictObject({ value: z.number(), hours });
const pue = z.strictObject({ value: z.number(), hours, facilityMilliWh: milliWh, itMilliWh: milliWh });
const clean = z.strictObject({ value: z.number(), hours, cleanMilliWh: milliWh, facilityMilliWh: milliWh });

const sums = named(
  "ReportSums",
  z.strictObject({
    hours,
    facilityMilliWh: milliWh.nullable(),
    facilityHours: hours,
    itMilliWh: milliWh.nullable(),
    itHours: hours,
    pue: pue.nullable(),
    cleanShare: clean.nullable(),
    scope1Mg: milligramsCo2e.nullable().describe("direct emissions of generators"),
    scope2LocationMg: milligramsCo2e.nullable(),
    locationHours: hours,
    scope2ContractMg: milligramsCo2e.nullable(),
    contractHours: hours,
    cue: ratio.nullable(),
    mix: mixShape.nullable(),
    costMicroUsd: microUsd.nullable(),
    costHours: hours,
    heatReuseMilliWh: milliWh.nullable(),
    heatReuseHours: hours,
    erf: ratio.nullable(),
    coverage: share,
    estimatedShare: share,
    simulatedHours: hours,
  }),
  "Sums of hours: energy, mass and money are exact integers; null means not known",
);
const day = named(
  "ReportDay",
  z.strictObject({
    day: z.iso.date(),
    from: at,
    to: at,
    hours,
    facilityMilliWh: milliWh.nullable(),
    itMilliWh: milliWh.nullable(),
    pue: pue.nullable(),
    cleanShare: clean.nullable(),
    scope2LocationMg: milligramsCo2e.nullable(),
    scope2ContractMg: milligramsCo2e.nullable(),
    coverage: share,
  }),
);
const jobs = {
  runs: z.int(),
  notMetered: z.int(),
  itMilliWh: milliWh,
  notAttributedMilliWh: milliWh.nullable().describe("IT energy − jobs"),
};
const target = z.strictObject({
  name: z.enum(["pue", "cleanShare", "heatUplift", "storageHours"]),
  target: z.number().nullable().describe("null: nothing was asked"),
  measured: z.number().nullable(),
  rule: z.enum(["max", "min"]),
  met: z.boolean().nullable(),
});
const factor = z.strictObject({ source: z.string(), hours });

/** What stands in a report: domain/report/assemble.ts. */
export const reportShape = named(
  "ReportContent",
  z.strictObject({
    format: z.string(),
    period: z.strictObject({
      from: at,
      to: at,
      timeZone: z.string(),
      hours,
      fullYear: z.boolean(),
      requested: z.strictObject({ from: at, to: at }).nullable(),
    }),
    pueInterim: z.boolean(),
    pueCategory: z.int().nullable(),
    simulated: z.boolean(),
    centres: z.array(
      z.strictObject({
        id: z.string(),
        name: localized,
        timeZone: z.string(),
        gridZone: z.string(),
        pueCategory: z.int(),
        simulated: z.boolean(),
        sums,
        jobs: z.strictObject(jobs),
        targets: z.array(target),
        gaps: z.array(gapShape),
        factors: z.array(factor),
        days: z.array(day),
        hourRows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))).describe("columns: hourColumns"),
      }),
    ),
    total: sums,
    targets: z.array(target),
    days: z.array(day),
    jobs: z.strictObject({
      ...jobs,
      parts: z.array(
        z.strictObject({
          runId: z.string(),
          jobId: z.string(),
          jobName: z.string(),
          centreId: z.string(),
          startedAt: at,
          endedAt: at.nullable(),
          gpuSeconds: z.int().nullable(),
          itMilliWh: milliWh.nullable(),
          facilityMilliWh: milliWh.nullable(),
          carbonLocationMg: milligramsCo2e.nullable(),
          carbonContractMg: milligramsCo2e.nullable(),
          costMicroUsd: microUsd.nullable(),
          energyMethod: z.string().nullable(),
          share,
        }),
      ),
    }),
    factors: z.array(factor),
    warnings: z.array(
      z.strictObject({
        code: z.string(),
        centreId: z.string().nullable(),
        values: z.record(z.string(), z.union([z.string(), z.number()])),
        message: z.string(),
      }),
    ),
    hourColumns: z.array(z.string()),
    methods: z.record(z.string(), z.string()),
    inputs: z.strictObject({ hours, runs: z.int(), sha256: z.string() }),
  }),
);
