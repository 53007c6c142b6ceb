import { createServer } from "node:http";
import express from "express";
import { healthRoutes } from "#app/health.ts";
import type { RoleDeps } from "#db/config/role.ts";
import { listen } from "./embedded/ports.ts";

const loopback = /^(localhost|::1|127(\.\d+){3})$/;

/**
 * Health and metrics on HOST:OPS_PORT, for probes and Prometheus. On loopback, where only this machine asks and no proxy
 * stands, the metrics need no token.
 */
export async function startOpsServer(
  deps: RoleDeps & { readiness: () => Record<string, string> },
  port: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  const app = express();
  app.disable("x-powered-by");
  healthRoutes(app, deps, { open: loopback.test(deps.env.HOST) });
  const server = createServer(app);
  return {
    port: await listen(server, deps.env.HOST, port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
