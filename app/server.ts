import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createRequestHandler } from "@remix-run/express";
import type { ServerBuild } from "@remix-run/node";
import compression from "compression";
import express from "express";
import type { RoleDeps } from "#db/config/role.ts";
import { apiRouter } from "./api/router.ts";
import { healthRoutes } from "./health.ts";
import { httpMetrics, pagePatterns } from "./http-metrics.ts";
import { liveHandler } from "./live/handler.ts";
import { createLiveHub, type LiveHub } from "./live/hub.ts";
import {
  keepNothing,
  newRequestId,
  refuseBadHost,
  refuseCrossOrigin,
  refuseLargeForms,
  refuseNul,
  refuseOtherMethods,
  securityHeaders,
} from "./security.ts";

type ServerDeps = RoleDeps & { readiness: () => Record<string, string> };
export type ConsoleServer = { http: Server; hub: LiveHub; stop(): Promise<void> };

const buildFolder = fileURLToPath(new URL("../build/", import.meta.url));

/** Starts the HTTP server of the console; resolves when it listens. */
export async function createConsoleServer(deps: ServerDeps, folder: string = buildFolder): Promise<ConsoleServer> {
  const entry = `${folder}server/index.js`;
  if (!existsSync(entry)) throw new Error(`There is no build of the console at ${entry}. Run: npm run build`);
  const build = (await import(pathToFileURL(entry).href)) as ServerBuild;
  const hub = await createLiveHub(deps);
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.set("trust proxy", deps.env.NODE_ENV === "production" ? "loopback, linklocal, uniquelocal" : false);

  app.use(httpMetrics(deps.metrics, pagePatterns(build.routes)));
  app.use(securityHeaders(deps.env));
  app.use(
    "/assets",
    express.static(`${folder}client/assets`, { immutable: true, maxAge: "1y", index: false, fallthrough: false }),
  );
  app.use(express.static(`${folder}client`, { maxAge: "1h", index: false }));
  app.use(keepNothing);
  // A proxy on this machine passes on what came from elsewhere: here nobody is believed for their address.
  healthRoutes(app, deps, { open: false });
  app.use(
    compression({
      filter: (request, response) =>
        response.getHeader("content-type") !== "text/event-stream" && compression.filter(request, response),
    }),
  );
  // Before the check of origins: the API takes bearer tokens only, never a cookie, so nobody's page can act for anybody.
  app.use(apiRouter(deps));
  app.use(refuseBadHost);
  app.use(refuseNul);
  app.use(refuseOtherMethods);
  app.use(refuseLargeForms);
  app.use(refuseCrossOrigin(deps.env));
  app.get("/live", (_request, response, next) => {
    response.locals.route = "/live";
    next();
  });
  app.get("/live", liveHandler(deps, hub));
  app.all(
    "*",
    createRequestHandler({
      build,
      mode: "production",
      getLoadContext: (request, response) => ({
        db: deps.db,
        env: deps.env,
        log: deps.log,
        clock: deps.clock,
        nonce: response.locals.nonce as string,
        requestId: newRequestId(),
        res: response,
        remoteAddress: request.ip ?? "unknown",
        readiness: deps.readiness,
        metrics: deps.metrics,
      }),
    }),
  );

  const http = createServer(app);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(deps.env.PORT, deps.env.HOST, resolve);
  });
  return {
    http,
    hub,
    async stop() {
      await hub.stop();
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeIdleConnections();
      const timer = setTimeout(() => http.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(timer);
    },
  };
}
