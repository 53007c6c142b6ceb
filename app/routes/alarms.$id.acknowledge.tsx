import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { z } from "zod";
import { channels } from "#db/notify.ts";
import { acknowledgeAlarm, knowsAlarm } from "#db/queries/fleet.ts";
import { audit } from "#db/queries/people.ts";
import { localPath } from "../auth/local-path.ts";
import { readForm, requirePermission } from "../auth/person.server.ts";

/** An operator takes an alarm on, and is led back to where they were. */
export async function action({ request, context, params }: ActionFunctionArgs) {
  const person = await requirePermission(request, context, "alarm.acknowledge");
  const form = await readForm(request, context);
  const id = z.coerce.number().int().positive().safeParse(params.id);
  // Thrown: the status of what a route without a page returns is lost.
  if (!id.success || !(await knowsAlarm(context.db, person.centreIds, id.data)))
    throw new Response("There is no such alarm.", { status: 404 });
  const now = new Date(context.clock());
  const centreId = await acknowledgeAlarm(context.db, person.centreIds, id.data, person.id, now);
  // Somebody was faster, or it has closed: the page that they come back to says so.
  if (centreId) {
    await audit(context.db, { actor: person.id, action: "alarm.acknowledge", subject: `alarm/${id.data}` }, now);
    await context.db.notify(channels.alarm, { alarmId: id.data, centreId });
  }
  return redirect(localPath(form.get("back")));
}

export const loader = () => redirect("/");
