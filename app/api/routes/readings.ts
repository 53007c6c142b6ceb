import { z } from "zod";
import { findPoint, latestReadings, pointReadings } from "#db/queries/readings.ts";
import { qualities } from "#db/schema/telemetry.ts";
import { seesCentre } from "../../auth/permissions.ts";
import { cutPage, readCursor } from "../cursor.ts";
import { notFound } from "../errors.ts";
import { defineRoute } from "../route.ts";
import { edge, idParams, latestMs, named, nextCursor, numberParams, pageQuery, readRange } from "../shapes.ts";
import { requireCentre } from "./centres.ts";

const quality = z.enum(qualities);
const pointFields = {
  pointId: z.int(),
  point: z.string().describe("name in the device's profile, such as activePowerW"),
  quantity: z.string(),
  unit: z.string(),
  kind: z.enum(["gauge", "counter", "state"]),
  deviceId: z.string(),
  deviceRole: z.string(),
  rackId: z.string().nullable(),
  centreId: z.string(),
  simulated: z.boolean(),
};
const point = named("Point", z.strictObject(pointFields), "One measured series of a device");
const micros = z.iso.datetime({ precision: 6 }).describe("ISO 8601, UTC, microseconds");
/** As a cursor of ours names it: the database knows no year 0. */
const storedMicros = micros.refine((text) => Date.parse(text) >= 0 && Date.parse(text) < latestMs);
const latest = named(
  "LatestReading",
  z.strictObject({
    ...pointFields,
    value: z.number().nullable(),
    quality: quality.nullable(),
    time: micros.nullable().describe("null: this point was never read"),
    receivedAt: micros.nullable(),
  }),
);
const reading = named(
  "Reading",
  z.strictObject({ time: micros, receivedAt: micros, value: z.number().nullable(), quality }),
);

export const readingRoutes = [
  defineRoute({
    method: "get",
    path: "/centres/{id}/readings/latest",
    operationId: "listLatestReadings",
    tag: "readings",
    summary: "Every point of a centre with its newest reading",
    permission: "centre.view",
    params: idParams,
    query: z.strictObject(pageQuery),
    answers: {
      200: {
        description: "A page of points",
        schema: z.strictObject({ readings: z.array(latest), nextCursor }),
      },
    },
    async handle({ deps, client, params, query, now }) {
      const { id } = await requireCentre({ deps, client }, params.id, now);
      const after = readCursor(query.cursor, z.strictObject({ id: z.int().min(0).max(2_147_483_647) }))?.id ?? 0;
      const rows = await latestReadings(deps.db, id, { after, limit: query.limit + 1 });
      const page = cutPage(rows, query.limit, ({ pointId }) => ({ id: pointId }));
      return { body: { readings: page.rows, nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/points/{id}/readings",
    operationId: "listReadings",
    tag: "readings",
    summary: "Readings of one point over [from, to); its id stands in the centre's latest readings",
    permission: "centre.view",
    params: numberParams,
    query: z.strictObject({
      from: edge.optional(),
      to: edge.optional(),
      ...pageQuery,
      limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
    }),
    answers: {
      200: {
        description: "Readings, oldest first; without a range those of the last hour",
        schema: z.strictObject({ point, readings: z.array(reading), nextCursor }),
      },
    },
    async handle({ deps, client, params, query, now }) {
      const found = await findPoint(deps.db, params.id);
      if (!found || !seesCentre(client.centreIds, found.centreId)) throw notFound(`point ${params.id}`);
      const { fromMs, toMs } = readRange(query, "UTC", now.getTime(), 1);
      const after = readCursor(query.cursor, z.strictObject({ t: storedMicros }))?.t;
      const rows = await pointReadings(deps.db, found.pointId, {
        from: new Date(fromMs),
        to: new Date(toMs),
        ...(after !== undefined && { after }),
        limit: query.limit + 1,
      });
      const page = cutPage(rows, query.limit, ({ time }) => ({ t: time }));
      return { body: { point: found, readings: page.rows, nextCursor: page.nextCursor } };
    },
  }),
];
