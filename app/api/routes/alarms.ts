import { z } from "zod";
import { channels } from "#db/notify.ts";
import { type AlarmRow, acknowledgeAlarm, openAlarms } from "#db/queries/fleet.ts";
import { audit } from "#db/queries/people.ts";
import { cutPage, readCursor } from "../cursor.ts";
import { notFound } from "../errors.ts";
import { defineRoute } from "../route.ts";
import { instant, iso, localized, named, nextCursor, numberParams, pageQuery } from "../shapes.ts";

const alarm = named(
  "Alarm",
  z.strictObject({
    id: z.int(),
    rule: z.string(),
    severity: z.enum(["watch", "act"]),
    centreId: z.string(),
    centreName: localized,
    deviceId: z.string().nullable(),
    message: z
      .strictObject({ key: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) })
      .describe("key of a text and the values in it; pages write it in the reader's language"),
    openedAt: instant,
    acknowledgedBy: z.string().nullable(),
  }),
);

const shape = ({ openedAtMs, ...row }: AlarmRow): z.output<typeof alarm> => ({ ...row, openedAt: iso(openedAtMs) });

/** More open alarms than anyone works through: what lies beyond comes up when these are closed. */
const most = 5_000;

export const alarmRoutes = [
  defineRoute({
    method: "get",
    path: "/alarms",
    operationId: "listAlarms",
    tag: "alarms",
    summary: "Open alarms, the most urgent and then the oldest first",
    permission: "fleet.view",
    query: z.strictObject({ centreId: z.string().max(128).optional(), ...pageQuery }),
    answers: {
      200: { description: "A page of alarms", schema: z.strictObject({ alarms: z.array(alarm), nextCursor }) },
    },
    async handle({ deps, client, query }) {
      const all = await openAlarms(deps.db, client.centreIds, most, query.centreId ?? null);
      const after = readCursor(query.cursor, z.strictObject({ id: z.int() }));
      // An alarm that was closed meanwhile has left the list: the page starts over rather than skip one.
      const start = after ? all.findIndex((row) => row.id === after.id) + 1 : 0;
      const page = cutPage(all.slice(start, start + query.limit + 1), query.limit, ({ id }) => ({ id }));
      return { body: { alarms: page.rows.map(shape), nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: "post",
    path: "/alarms/{id}/acknowledge",
    operationId: "acknowledgeAlarm",
    tag: "alarms",
    summary: "Takes an open alarm on",
    permission: "alarm.acknowledge",
    params: numberParams,
    answers: {
      200: {
        description: "It is acknowledged",
        schema: z.strictObject({
          alarm: z.strictObject({
            id: z.int(),
            centreId: z.string(),
            acknowledgedBy: z.string(),
            acknowledgedAt: instant,
          }),
        }),
      },
    },
    async handle({ deps, client, params, now }) {
      const centreId = await acknowledgeAlarm(deps.db, client.centreIds, params.id, client.id, now);
      if (!centreId) throw notFound(`open, unacknowledged alarm ${params.id}`);
      await audit(deps.db, { actor: client.id, action: "alarm.acknowledge", subject: `alarm/${params.id}` }, now);
      await deps.db.notify(channels.alarm, { alarmId: params.id, centreId });
      return {
        body: { alarm: { id: params.id, centreId, acknowledgedBy: client.id, acknowledgedAt: iso(now) } },
      };
    },
  }),
];
