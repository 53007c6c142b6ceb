import type { RequestHandler } from "express";
import { Counter, Histogram, type Registry } from "prom-client";

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * `hs_http_requests_total` and `hs_http_request_duration_seconds` by method, route and status. The route is a pattern,
 * never an address: `response.locals.route` where a router has set it, else what `pageRoute` makes of the path.
 */
export function httpMetrics(registry: Registry, pageRoute: (path: string) => string): RequestHandler {
  const requests =
    (registry.getSingleMetric("hs_http_requests_total") as Counter | undefined) ??
    new Counter({
      name: "hs_http_requests_total",
      help: "HTTP requests that were answered",
      labelNames: ["method", "route", "status"],
      registers: [registry],
    });
  const duration =
    (registry.getSingleMetric("hs_http_request_duration_seconds") as Histogram | undefined) ??
    new Histogram({
      name: "hs_http_request_duration_seconds",
      help: "Seconds from a request's head to the end of its answer; event streams are left out",
      labelNames: ["method", "route"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
  return (request, response, next) => {
    const begun = performance.now();
    const { path } = request;
    response.once("close", () => {
      const method = methods.has(request.method) ? request.method : "OTHER";
      const route = (response.locals.route as string | undefined) ?? pageRoute(path);
      // A browser that left before the answer saw none: 499, as proxies write it.
      requests.inc({ method, route, status: response.writableFinished ? response.statusCode : 499 });
      const stream = String(response.getHeader("content-type") ?? "").startsWith("text/event-stream");
      if (!stream) duration.observe({ method, route }, (performance.now() - begun) / 1_000);
    });
    next();
  };
}

/** The routes of a Remix build, as the manifest has them. */
export type PageRoutes = Record<
  string,
  { id: string; parentId?: string | undefined; path?: string | undefined } | undefined
>;

/** Finds the pattern (`/centres/:id`) that a path belongs to; what belongs to none is `unmatched`. */
export function pagePatterns(routes: PageRoutes): (path: string) => string {
  const full = (id: string | undefined): string => {
    const route = id === undefined ? undefined : routes[id];
    if (!route) return "";
    return `${full(route.parentId)}${route.path ? `/${route.path}` : ""}`;
  };
  const patterns = [...new Set(Object.keys(routes).map((id) => full(id) || "/"))]
    // Names before parameters: /jobs/new is not a job.
    .sort((a, b) => dynamics(a) - dynamics(b) || b.length - a.length)
    .map((pattern) => ({ pattern, expression: expressionOf(pattern) }));
  return (path) => {
    // The browser asks for a page's data as `/jobs.data`, for the root's as `/_root.data`.
    const page = path.replace(/\.data$/, "").replace(/^\/_root$/, "/");
    const trimmed = page.length > 1 ? page.replace(/\/+$/, "") : page;
    if (trimmed.startsWith("/assets/")) return "/assets/*";
    if (trimmed === "/__manifest") return trimmed;
    return patterns.find(({ expression }) => expression.test(trimmed || "/"))?.pattern ?? "unmatched";
  };
}

const dynamics = (pattern: string) => pattern.split(/[:*]/).length;

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split("/")
    .map((part) => (part === "*" ? ".*" : part.startsWith(":") ? "[^/]+" : part.replace(/[\\.*+?^${}()|[\]]/g, "\\$&")))
    .join("/");
  return new RegExp(`^${source}$`);
}
