import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import { isDatabaseLost } from "#db/failure.ts";
import { JobRefused } from "#db/queries/jobs.ts";
import type { ApiClient } from "#db/queries/people.ts";
import { ReportRefused } from "#domain/report/types.ts";
import { newRequestId } from "../security.ts";
import { createGuard, defaultLimits, type FailureLimits, permit } from "./authenticate.ts";
import { ApiError, notFound } from "./errors.ts";
import { isStorable, parseInput } from "./input.ts";
import { type ApiDeps, type ApiRoute, expressPath } from "./route.ts";
import { apiRoutes } from "./routes/index.ts";

/** Largest body of a request. */
const bodyLimit = "2mb";

/** `/api/v1`: bearer tokens, JSON in and out, every error in one envelope. Nothing below /api reaches the pages. */
export function apiRouter(deps: ApiDeps, limits: FailureLimits = defaultLimits): Router {
  const guard = createGuard(deps, limits);
  const json = express.json({ limit: bodyLimit, type: "application/json" });
  const v1 = Router();
  for (const route of apiRoutes) v1[route.method](expressPath(route.path), handler(route, deps, guard, json));
  for (const path of new Set(apiRoutes.map((route) => route.path))) v1.all(expressPath(path), wrongMethod(path));

  const api = Router({ caseSensitive: true });
  api.use((_request, response, next) => {
    response.locals.requestId = newRequestId();
    response.locals.route = "/api/*";
    response.setHeader("X-Request-Id", response.locals.requestId as string);
    response.setHeader("Cache-Control", "no-store");
    next();
  });
  api.use("/api/v1", v1);
  api.use("/api", (_request, _response, next) =>
    next(new ApiError("NOT_FOUND", "There is no such address in the API. GET /api/v1/openapi.json lists them all.")),
  );
  api.use("/api", errorHandler(deps));
  // Only /api: an address that merely begins alike goes on to the pages.
  return Router().use((request, response, next) =>
    /^\/api(\/|$)/.test(request.path) ? api(request, response, next) : next(),
  );
}

type Guard = ReturnType<typeof createGuard>;

function handler(route: ApiRoute, deps: ApiDeps, guard: Guard, json: RequestHandler): RequestHandler {
  return async (request, response, next) => {
    response.locals.route = `/api/v1${expressPath(route.path)}`;
    let client: ApiClient | undefined;
    try {
      // Who asks comes before what is asked: a stranger's body is not read.
      client = route.permission === null ? undefined : await guard.authenticate(request);
      if (client && route.permission !== null) permit(client, route.permission);
      const params = route.params ? route.params.safeParse(request.params) : undefined;
      if (params && !params.success) throw notFound(`${route.tag} at this address`);
      const query = parseInput("query", route.query ?? noQuery, request.query);
      const body = route.body ? parseInput("body", route.body, await readBody(request, response, json)) : undefined;
      const idempotencyKey = route.idempotent ? readKey(request) : undefined;
      const answer = await route.handle({
        deps,
        client: client as ApiClient,
        params: params?.data,
        query,
        body,
        now: new Date(deps.clock()),
        idempotencyKey,
        request,
      });
      send(request, response, answer);
    } catch (error) {
      const known = asApiError(error);
      if (client && known && known.status < 500 && known.code !== "TOO_MANY_FAILURES") guard.refused(client);
      next(known ?? error);
    }
  };
}

const noQuery = z.strictObject({});

async function readBody(request: Request, response: Response, json: RequestHandler): Promise<unknown> {
  if (!request.is("application/json"))
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", 'Send JSON, with the header "Content-Type: application/json".');
  await new Promise<void>((resolve, reject) =>
    json(request, response, (error?: unknown) => (error ? reject(bodyError(error)) : resolve())),
  );
  return request.body;
}

function bodyError(error: unknown): ApiError {
  const { type, status } = error as { type?: string; status?: number };
  if (type === "entity.too.large")
    return new ApiError("PAYLOAD_TOO_LARGE", "The body is larger than 2 MB. Send less in one request.");
  if (type === "encoding.unsupported" || type === "charset.unsupported")
    return new ApiError("UNSUPPORTED_MEDIA_TYPE", "Send UTF-8 JSON, plain or compressed with gzip, deflate or br.");
  return new ApiError(
    "MALFORMED_JSON",
    `The body is not a JSON object${status === 400 ? "" : ", or it broke off"}. Correct it and send it again.`,
    { cause: error },
  );
}

function readKey(request: Request): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[\x21-\x7e]{1,200}$/.test(key) && isStorable(key)) return key;
  throw new ApiError("INVALID_HEADER", "Idempotency-Key takes 1 to 200 visible ASCII characters, such as a UUID.");
}

function send(request: Request, response: Response, answer: Awaited<ReturnType<ApiRoute["handle"]>>): void {
  response.set(answer.headers ?? {});
  if (answer.etag !== undefined) {
    response.set({ ETag: `"${answer.etag}"`, "Cache-Control": "private, no-cache" });
    if (matches(request.headers["if-none-match"], answer.etag)) {
      response.status(304).end();
      return;
    }
  }
  response.status(answer.status ?? 200);
  if (answer.contentType !== undefined) response.type(answer.contentType).send(answer.body);
  else response.json(answer.body);
}

/** Weakly, as RFC 9110 13.1.2 has it; Express's own `fresh` gives way to "Cache-Control: no-cache", which fetch() adds. */
function matches(header: string | undefined, etag: string): boolean {
  const known = (header ?? "").split(",").map((text) => text.trim().replace(/^W\//, ""));
  return known.includes(`"${etag}"`) || known.includes("*");
}

function wrongMethod(path: string): RequestHandler {
  const allowed = apiRoutes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
  if (allowed.includes("GET")) allowed.push("HEAD");
  return (request, response, next) => {
    response.locals.route = `/api/v1${expressPath(path)}`;
    const message = `${request.method} is not served here; use ${allowed.join(" or ")}.`;
    next(new ApiError("METHOD_NOT_ALLOWED", message, { headers: { Allow: allowed.join(", ") } }));
  };
}

/** What the rooms below refuse, as this API says it; undefined: nobody expected it. */
function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof JobRefused)
    return error.reason === "idempotencyConflict"
      ? new ApiError("IDEMPOTENCY_CONFLICT", error.message, { reason: error.reason })
      : new ApiError("JOB_REFUSED", error.message, { reason: error.reason });
  if (error instanceof ReportRefused)
    return error.reason === "unknownCentre"
      ? new ApiError("NOT_FOUND", error.message, { reason: error.reason })
      : new ApiError("REPORT_REFUSED", error.message, { reason: error.reason });
  return undefined;
}

function errorHandler({ log }: ApiDeps): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const requestId = response.locals.requestId as string;
    const known = error instanceof ApiError ? error : unexpected(error);
    if (known.status >= 500)
      log.error({ err: error, requestId, method: request.method, path: request.path }, "an API request failed");
    response
      .status(known.status)
      .set(known.headers)
      .json({
        error: {
          code: known.code,
          message: known.message,
          requestId,
          ...(known.reason && { reason: known.reason }),
          ...(known.details.length && { details: known.details }),
        },
      });
  };
}

/** Express's own errors (a path that is not decodable) are the client's; the rest is ours and says nothing of itself. */
function unexpected(error: unknown): ApiError {
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 400) return new ApiError("INVALID_QUERY", "The address cannot be decoded. Correct it and ask again.");
  if (isDatabaseLost(error))
    return new ApiError("NOT_AVAILABLE", "The database does not answer. Try again in a moment.", {
      headers: { "Retry-After": "5" },
    });
  return new ApiError("INTERNAL", "This request failed on our side. The log has it under the requestId; try again.");
}
