import type { RequestHandler } from "express";
import type { RoleDeps } from "#db/config/role.ts";
import { findSession } from "#db/queries/people.ts";
import { readCookie, sessionCookieName } from "../auth/cookies.ts";
import type { LiveHub } from "./hub.ts";

/** A stream outlives the request that opened it: whether its session still stands is asked this often. */
const recheckMs = 60_000;

/** `GET /live`: server-sent events for a signed-in browser. They end with its session. */
export function liveHandler({ db, env, clock, log }: RoleDeps, hub: LiveHub): RequestHandler {
  return async (request, response) => {
    try {
      const token = readCookie(request.headers.cookie, sessionCookieName(env));
      const found = token ? await findSession(db, token, new Date(clock())) : undefined;
      if (!found) {
        response.status(401).type("text/plain").send("Sign in first.");
        return;
      }
      const recheck = setInterval(async () => {
        try {
          if (!(await findSession(db, token as string, new Date(clock())))) response.end();
        } catch (error) {
          log.warn({ err: error }, "the session of a live stream could not be checked");
        }
      }, recheckMs);
      recheck.unref();
      response.once("close", () => clearInterval(recheck));
      if (response.closed) clearInterval(recheck);
      response.status(200);
      response.setHeader("Content-Type", "text/event-stream");
      response.setHeader("Cache-Control", "no-store, no-transform");
      response.setHeader("X-Accel-Buffering", "no");
      response.flushHeaders();
      const last = Number(request.headers["last-event-id"]);
      hub.subscribe(
        response,
        { centreIds: found.person.centreIds, personId: found.person.id },
        Number.isSafeInteger(last) && last > 0 ? last : undefined,
      );
    } catch (error) {
      log.error({ err: error }, "live events could not start");
      if (!response.headersSent) response.status(503).type("text/plain").send("Live events are not available now.");
    }
  };
}
