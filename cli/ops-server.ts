import { createServer } from "node:http";
import express from "express";
import { healthRoutes } from "#app/health.ts";
import type { RoleDeps } from "#db/config/role.ts";
import { listen } from "./embedded/ports.ts";

/** Health and metrics of a process that runs no console, on HOST:OPS_PORT: for probes and Prometheus. */
export async function startOpsServer(
  deps: RoleDeps & { readiness: () => Record<string, string> },
  port: number,
): Promise<{ stop(): Promise<void> }> {
  const app = express();
  app.disable("x-powered-by");
  healthRoutes(app, deps);
  const server = createServer(app);
  await listen(server, deps.env.HOST, port);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
