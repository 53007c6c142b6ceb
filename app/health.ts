import type { Express, Request, Response } from "express";
import type { RoleDeps } from "#db/config/role.ts";
import { authenticateApiToken } from "#db/queries/people.ts";
import { bearer } from "./api/authenticate.ts";

type HealthDeps = RoleDeps & { readiness: () => Record<string, string> };

/** A probe gets its answer within 2 s, whatever hangs. */
const patienceMs = 1_500;

/**
 * `/healthz`: the process answers. `/readyz`: every part is ready, or 503 naming the ones that are not. `/metrics`:
 * Prometheus, with a bearer token of the role operator or admin.
 * @param open `/metrics` asks for no token: only where nobody but this machine itself can ask, and no proxy passes on.
 */
export function healthRoutes(app: Express, deps: HealthDeps, { open }: { open: boolean }): void {
  const databaseTrouble = databaseProbe(deps);
  app.get("/healthz", (_request, response) => {
    response.locals.route = "/healthz";
    response.setHeader("Cache-Control", "no-store").json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
    response.locals.route = "/readyz";
    const database = await databaseTrouble();
    // The database first: what stands on it may complain as well.
    const missing = { ...(database && { database }), ...deps.readiness() };
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
      if (!open && !(await within(mayRead(deps, request, response)))) return;
      response.type(deps.metrics.contentType).send(await deps.metrics.metrics());
    } catch (error) {
      deps.log.error({ err: error }, "the metrics could not be given");
      if (!response.headersSent) response.status(503).type("text/plain").send("The metrics are not available now.");
    }
  });
}

/** Whether the request's token may read the metrics; if not, it has been answered. */
async function mayRead(deps: HealthDeps, request: Request, response: Response): Promise<boolean> {
  const token = bearer(request.headers.authorization);
  const client = token && (await authenticateApiToken(deps.db, token, new Date(deps.clock())));
  if (response.headersSent) return false;
  if (!client) {
    response.setHeader("WWW-Authenticate", 'Bearer realm="HS Console"');
    response
      .status(401)
      .type("text/plain")
      .send("Send a bearer token of the role operator: hs token create --role operator.");
    return false;
  }
  // They speak of every centre.
  if ((client.role === "operator" || client.role === "admin") && client.centreIds === null) return true;
  response.status(403).type("text/plain").send("The metrics are for the roles operator and admin of the whole fleet.");
  return false;
}

/** What is wrong with the database, or undefined. A question that hangs is asked once, however many probes wait for it. */
function databaseProbe({ db }: HealthDeps): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  return () => {
    asked ??= db.sql`select 1`
      .then(
        () => undefined,
        () => "does not answer",
      )
      .finally(() => {
        asked = undefined;
      });
    return within(asked).catch(() => `does not answer within ${patienceMs / 1_000} s`);
  };
}

/** @throws Error when it takes longer than a probe waits. */
function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
