import { z } from "zod";
import { capacityByClass } from "#db/queries/capacity.ts";
import { countDevices } from "#db/queries/centre.ts";
import { type FleetCentreRow, fleetCentres } from "#db/queries/fleet.ts";
import { seesCentre } from "../../auth/permissions.ts";
import { cutPage, readCursor } from "../cursor.ts";
import { notFound } from "../errors.ts";
import { type ApiDeps, type Call, defineRoute } from "../route.ts";
import { idParams, localized, named, nextCursor, pageQuery, share } from "../shapes.ts";

const centre = named(
  "Centre",
  z.strictObject({
    id: z.string(),
    name: localized,
    locality: localized,
    latitude: z.number(),
    longitude: z.number(),
    timeZone: z.string().describe("IANA"),
    gridZone: z.string(),
    pueCategory: z.int().describe("1 UPS output, 2 PDU output, 3 IT input (ISO/IEC 30134-2)"),
    storageCapacityWh: z.number(),
    targets: z.strictObject({
      pue: z.number(),
      cleanShare: share,
      storageHours: z.number(),
      heatUplift: z.number(),
    }),
    gpus: z.int(),
    gpusReporting: z.int().describe("with a sample of the last two minutes"),
    alarms: z.strictObject({ act: z.int(), watch: z.int() }).describe("open alarms by severity"),
    simulated: z.boolean(),
  }),
);

const centreDetail = named(
  "CentreDetail",
  centre.extend({
    devices: z.int(),
    capacity: z.array(
      z.strictObject({
        gpuClass: z.string(),
        gpus: z.int().describe("open to the scheduler"),
        inUse: z.int(),
        reserved: z.int(),
        drained: z.int(),
        ratedPowerW: z.number(),
        computeHsPerGpuHour: z.string().describe("decimal text, HS"),
      }),
    ),
  }),
);

/** A sample older than this is no longer "reporting". */
const freshMs = 120_000;

/** The centre of a path, in the token's scope. @throws ApiError NOT_FOUND. */
export async function requireCentre(call: { deps: ApiDeps; client: Call<0, 0, 0>["client"] }, id: string, now: Date) {
  const [row] = seesCentre(call.client.centreIds, id)
    ? await fleetCentres(call.deps.db, call.client.centreIds, new Date(now.getTime() - freshMs), id)
    : [];
  if (!row) throw notFound(`centre "${id}"`);
  return row;
}

const shape = (row: FleetCentreRow) => ({
  id: row.id,
  name: row.name,
  locality: row.locality,
  latitude: row.latitude,
  longitude: row.longitude,
  timeZone: row.timeZone,
  gridZone: row.gridZone,
  pueCategory: row.pueCategory,
  storageCapacityWh: row.storageCapacityWh,
  targets: row.targets,
  gpus: row.gpus,
  gpusReporting: row.gpusReporting,
  alarms: { act: row.toActOn, watch: row.toWatch },
  simulated: row.simulated,
});

export const centreRoutes = [
  defineRoute({
    method: "get",
    path: "/centres",
    operationId: "listCentres",
    tag: "centres",
    summary: "The centres in the token's scope",
    permission: "centre.view",
    query: z.strictObject(pageQuery),
    answers: {
      200: { description: "A page of centres", schema: z.strictObject({ centres: z.array(centre), nextCursor }) },
    },
    async handle({ deps, client, query, now }) {
      const all = await fleetCentres(deps.db, client.centreIds, new Date(now.getTime() - freshMs));
      const after = readCursor(query.cursor, z.strictObject({ id: z.string() }));
      const start = after ? all.findIndex((row) => row.id === after.id) + 1 : 0;
      const page = cutPage(all.slice(start, start + query.limit + 1), query.limit, ({ id }) => ({ id }));
      return { body: { centres: page.rows.map(shape), nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/centres/{id}",
    operationId: "getCentre",
    tag: "centres",
    summary: "One centre with its capacity",
    permission: "centre.view",
    params: idParams,
    answers: { 200: { description: "The centre", schema: z.strictObject({ centre: centreDetail }) } },
    async handle({ deps, client, params, now }) {
      const row = await requireCentre({ deps, client }, params.id, now);
      const [capacity, devices] = await Promise.all([
        capacityByClass(deps.db, [row.id]),
        countDevices(deps.db, row.id),
      ]);
      return {
        body: {
          centre: {
            ...shape(row),
            devices,
            capacity: capacity.map(({ centreId: _, jurisdiction: __, ...rest }) => rest),
          },
        },
      };
    },
  }),
];
