import type { Express } from "express";
import type { RoleDeps } from "#db/config/role.ts";

type HealthDeps = RoleDeps & { readiness: () => Record<string, string> };

/** `/healthz`: the process answers. `/readyz`: every part is ready, or 503 naming the ones that are not. `/metrics`: Prometheus. */
export function healthRoutes(app: Express, deps: HealthDeps): void {
  app.get("/healthz", (_request, response) => {
    response.setHeader("Cache-Control", "no-store").json({ status: "ok" });
  });
  app.get("/readyz", async (_request, response) => {
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
  app.get("/metrics", async (_request, response) => {
    response.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
}
