import type { AppLoadContext } from "@remix-run/node";
import { shellCentres } from "#db/queries/fleet.ts";
import { readCookie } from "../auth/cookies.ts";
import { may, type Permission, permissions } from "../auth/permissions.ts";
import { optionalSession } from "../auth/person.server.ts";
import type { Status } from "../components/ui/Mark.tsx";
import { localeOf, themeOf } from "../i18n/texts.server.ts";
import type { RootData } from "../root-data.ts";
import { parseView, resolveZone, zoneCookie } from "../view.ts";

/** A centre that no source was heard of for this long is no longer "good". */
const silentAfterMs = 120_000;

const shells = new WeakMap<AppLoadContext, Promise<RootData>>();

/** `readShell` once a request, however many loaders ask. */
export function presentShell(request: Request, context: AppLoadContext): Promise<RootData> {
  let shell = shells.get(context);
  if (!shell) {
    shell = readShell(request, context);
    shells.set(context, shell);
  }
  return shell;
}

/** The frame of every page: who reads, in which language, zone and colours, and how each centre stands. */
async function readShell(request: Request, context: AppLoadContext): Promise<RootData> {
  const nowMs = context.clock();
  const url = new URL(request.url);
  const view = parseView(url, nowMs);
  const session = await optionalSession(request, context);
  const centres = session ? await shellCentres(context.db, session.person.centreIds) : [];
  const here = /^\/centres\/([^/]+)/.exec(url.pathname)?.[1];
  const centreZone = (centres.find((centre) => centre.id === here) ?? centres[0])?.timeZone ?? "UTC";
  return {
    locale: localeOf(request),
    theme: themeOf(request),
    nowMs,
    timeZone: resolveZone(view.zoneChoice, centreZone, readCookie(request.headers.get("Cookie"), zoneCookie)),
    zoneChoice: view.zoneChoice,
    range: view.range,
    refresh: view.refresh,
    csrf: session?.csrfToken ?? "",
    person:
      (session && {
        name: session.person.name,
        role: session.person.role,
        permissions: (Object.keys(permissions) as Permission[]).filter((permission) =>
          may(session.person.role, permission),
        ),
      }) ||
      null,
    centres: centres.map((centre) => ({ id: centre.id, name: centre.name, status: statusOf(centre, nowMs) })),
    alarmsToActOn: centres.reduce((sum, centre) => sum + centre.toActOn, 0),
    simulated: centres.some((centre) => centre.simulated),
  };
}

/** The worst of a centre's open alarms; silence is "unknown", never "good". */
export function statusOf(
  centre: { toActOn: number; toWatch: number; newestAtMs: number | null },
  nowMs: number,
): Status {
  if (centre.toActOn > 0) return "act";
  if (centre.newestAtMs === null || nowMs - centre.newestAtMs > silentAfterMs) return "unknown";
  return centre.toWatch > 0 ? "watch" : "good";
}
