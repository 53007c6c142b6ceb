import { z } from "zod";
import { hoursBetween } from "#db/queries/fleet.ts";
import { reportHour } from "#db/queries/reports.ts";
import { gapsOf } from "#domain/report/gaps.ts";
import { cutPeriod, daysOf, hourMs, type Period } from "#domain/report/period.ts";
import { type Sums, sumHours } from "#domain/report/sums.ts";
import { mixParts, type ReportHour } from "#domain/report/types.ts";
import { cutPage, readCursor } from "../cursor.ts";
import { defineRoute } from "../route.ts";
import {
  edge,
  idParams,
  iso,
  microUsd,
  milligramsCo2e,
  milliWh,
  named,
  nextCursor,
  pageQuery,
  readRange,
  share,
  timeZone,
} from "../shapes.ts";
import { requireCentre } from "./centres.ts";

const silentMeter = z.strictObject({ deviceId: z.string(), silentSince: z.string().nullable() });
export const gapShape = named(
  "Gap",
  z.strictObject({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    hours: z.int(),
    devices: z.array(silentMeter),
    noRecord: z.boolean().describe("the ledger has no such hour"),
  }),
  "Hours whose PUE cannot be computed, and the meters that are missing",
);
export const mixShape = named(
  "EnergyMix",
  z.strictObject(Object.fromEntries(mixParts.map((part) => [part, milliWh])) as Record<string, typeof milliWh>),
  "Facility energy by source; the parts sum to facilityMilliWh exactly",
);

const kpi = named(
  "Kpi",
  z.strictObject({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    hours: z.int(),
    facilityMilliWh: milliWh.nullable(),
    itMilliWh: milliWh.nullable(),
    pue: z.number().nullable().describe("ratio of sums over the hours in which both are known; null: not computable"),
    pueHours: z.int(),
    cleanShare: share.nullable(),
    scope1Mg: milligramsCo2e.nullable(),
    scope2LocationMg: milligramsCo2e.nullable(),
    scope2ContractMg: milligramsCo2e.nullable(),
    costMicroUsd: microUsd.nullable(),
    mix: mixShape.nullable(),
    coverage: share.describe("share of the hours that was measured"),
    estimatedShare: share,
    notComputable: z.array(gapShape),
    simulated: z.boolean(),
  }),
  "Indicators of a half-open period. null means not known, never 0",
);

const resolutions = ["hour", "day", "total"] as const;

function kpiOf(rows: ReportHour[], fromMs: number, toMs: number): z.output<typeof kpi> {
  const inside = rows.filter((row) => row.hourMs >= fromMs && row.hourMs < toMs);
  const sums: Sums = sumHours(inside, (toMs - fromMs) / hourMs);
  return {
    from: iso(fromMs),
    to: iso(toMs),
    hours: sums.hours,
    facilityMilliWh: sums.facilityMilliWh,
    itMilliWh: sums.itMilliWh,
    pue: sums.pue?.value ?? null,
    pueHours: sums.pue?.hours ?? 0,
    cleanShare: sums.cleanShare?.value ?? null,
    scope1Mg: sums.scope1Mg,
    scope2LocationMg: sums.scope2LocationMg,
    scope2ContractMg: sums.scope2ContractMg,
    costMicroUsd: sums.costMicroUsd,
    mix: sums.mix,
    coverage: sums.coverage,
    estimatedShare: sums.estimatedShare,
    notComputable: gapsOf({ fromMs, toMs }, inside),
    simulated: sums.simulatedHours > 0,
  };
}

/** The periods of a resolution, oldest first. */
function bucketsOf(period: Period, resolution: (typeof resolutions)[number]): { fromMs: number; toMs: number }[] {
  if (resolution === "total") return [period];
  if (resolution === "day") return daysOf(period);
  return Array.from({ length: period.hours }, (_, index) => ({
    fromMs: period.fromMs + index * hourMs,
    toMs: period.fromMs + (index + 1) * hourMs,
  }));
}

export const kpiRoutes = [
  defineRoute({
    method: "get",
    path: "/centres/{id}/kpis",
    operationId: "getCentreKpis",
    tag: "centres",
    summary: "PUE, clean share, carbon, cost, mix and coverage by hour, day or in total",
    permission: "centre.view",
    params: idParams,
    query: z.strictObject({
      from: edge.optional(),
      to: edge.optional(),
      resolution: z.enum(resolutions).default("hour"),
      timeZone: timeZone.optional().describe("in which days are cut; default: the centre's"),
      ...pageQuery,
    }),
    answers: {
      200: {
        description: "Indicators, oldest first; instants inside an hour take the whole hour",
        schema: z.strictObject({
          centreId: z.string(),
          resolution: z.enum(resolutions),
          timeZone: z.string(),
          pueCategory: z.int(),
          kpis: z.array(kpi),
          nextCursor,
        }),
      },
    },
    async handle({ deps, client, params, query, now }) {
      const row = await requireCentre({ deps, client }, params.id, now);
      const zone = query.timeZone ?? row.timeZone;
      const range = readRange(query, zone, now.getTime(), 24);
      const period = cutPeriod(range.fromMs, range.toMs, zone);
      const after = readCursor(query.cursor, z.strictObject({ t: z.int() }));
      const buckets = bucketsOf(period, query.resolution).filter(({ fromMs }) => !after || fromMs > after.t);
      const page = cutPage(buckets.slice(0, query.limit + 1), query.limit, ({ fromMs }) => ({ t: fromMs }));
      const first = page.rows[0]?.fromMs ?? period.fromMs;
      const last = page.rows.at(-1)?.toMs ?? period.fromMs;
      const hours = await hoursBetween(deps.db, null, new Date(first), new Date(last), row.id);
      const rows = hours.map(reportHour);
      return {
        body: {
          centreId: row.id,
          resolution: query.resolution,
          timeZone: zone,
          pueCategory: row.pueCategory,
          kpis: page.rows.map(({ fromMs, toMs }) => kpiOf(rows, fromMs, toMs)),
          nextCursor: page.nextCursor,
        },
      };
    },
  }),
];
