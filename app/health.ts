import type { Express, Request } from "express";
import type { RoleDeps } from "#db/config/role.ts";
import { authenticateApiToken } from "#db/queries/people.ts";
import { bearer } from "./api/authenticate.ts";

type HealthDeps = RoleDeps & { readiness: () => Record<string, string> };

/**
 * `/healthz`: the process answers. `/readyz`: every part is ready, or 503 naming the ones that are not. `/metrics`:
 * Prometheus, for this machine itself or with a bearer token of the role operator or admin.
 */
export function healthRoutes(app: Express, deps: HealthDeps): void {
  app.get("/healthz", (_request, response) => {
    response.locals.route = "/healthz";
    response.setHeader("Cache-Control", "no-store").json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
    response.locals.route = "/readyz";
    const missing = { ...deps.readiness() };
    try {
      await deps.db.sql`select 1`;
    } catch {
      missing.database = "does not answer";
    }
    const ready = Object.keys(missing).length === 0;
    response
      .setHeader("Cache-Control", "no-store")
      .status(ready ? 200 : 503)
      .json({ status: ready ? "ready" : "not ready", missing });
  });
  app.get("/metrics", async (request, response) => {
    response.locals.route = "/metrics";
    response.setHeader("Cache-Control", "no-store");
    try {
      if (!isLocal(request)) {
        const token = bearer(request.headers.authorization);
        const client = token && (await authenticateApiToken(deps.db, token, new Date(deps.clock())));
        if (!client) {
          response.setHeader("WWW-Authenticate", 'Bearer realm="HS Console"');
          response
            .status(401)
            .type("text/plain")
            .send("Send a bearer token of the role operator: hs token create --role operator.");
          return;
        }
        if (client.role !== "operator" && client.role !== "admin") {
          response.status(403).type("text/plain").send("The metrics are for the roles operator and admin.");
          return;
        }
      }
      response.type(deps.metrics.contentType).send(await deps.metrics.metrics());
    } catch (error) {
      deps.log.error({ err: error }, "the metrics could not be given");
      if (!response.headersSent) response.status(503).type("text/plain").send("The metrics are not available now.");
    }
  });
}

const loopback = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** Asked from this machine itself. What a proxy on this machine passes on is not: it names the address it came from. */
function isLocal(request: Request): boolean {
  const forwarded = request.headers["x-forwarded-for"] ?? request.headers.forwarded ?? request.headers["x-real-ip"];
  return forwarded === undefined && loopback.test(request.socket.remoteAddress ?? "");
}
