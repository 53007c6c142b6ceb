import { z } from "zod";
import { sha256Hex } from "#domain/report/canonical.ts";
import { permissions } from "../auth/permissions.ts";
import { type ErrorCode, errorStatus } from "./errors.ts";
import type { ApiRoute, RouteAnswer } from "./route.ts";
import { components } from "./shapes.ts";

const error = z.strictObject({
  error: z.strictObject({
    code: z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]]),
    message: z.string().describe("what, where, and what to do"),
    requestId: z.string().describe("under which the log has it; also the header X-Request-Id"),
    reason: z.string().optional().describe("the rule that refused (JOB_REFUSED, REPORT_REFUSED)"),
    details: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  }),
});
components.add(error, { id: "Error", description: "Every error, in one envelope" });

type Json = Record<string, unknown>;
const reference = (id: string) => ({ $ref: `#/components/schemas/${id}` });

let made: { json: string; etag: string } | undefined;
/** The OpenAPI 3.1 document of the routes, as text, with a validator. */
export function openApiDocument(routes: readonly ApiRoute[]): { json: string; etag: string } {
  if (!made) {
    const json = JSON.stringify(document(routes));
    made = { json, etag: sha256Hex(json) };
  }
  return made;
}

function document(routes: readonly ApiRoute[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method] = operation(route);
  }
  return {
    openapi: "3.1.1",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: {
      title: "HS Console",
      version: "1",
      description:
        "Times are ISO 8601 in UTC, periods half-open; energy in integer milliwatt-hours, money in integer micro-USD or decimal wei; null means not known, never 0. Pages: send `nextCursor` as `cursor`.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "hs token create --role ROLE" },
      },
      schemas: componentSchemas(),
    },
  };
}

/** Requests are described as they are sent, answers as they are given. */
function componentSchemas(): Record<string, Json> {
  const convert = (io: "input" | "output") =>
    (
      z.toJSONSchema(components, {
        target: "draft-2020-12",
        io,
        unrepresentable: "any",
        override: describe,
        uri: (id) => `#/components/schemas/${id}`,
      }) as {
        schemas: Record<string, Json>;
      }
    ).schemas;
  const [given, sent] = [convert("output"), convert("input")];
  return Object.fromEntries(
    Object.keys(given).map((id) => {
      const { $schema: _, $id: __, id: ___, ...schema } = (id.endsWith("Request") ? sent[id] : given[id]) as Json;
      return [id, schema];
    }),
  );
}

/** Texts of `.describe()` stand in zod's own registry, those of named schemas in ours: neither is read by itself here. */
function describe({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: { description?: string };
}): void {
  const description = components.get(zodSchema)?.description ?? z.globalRegistry.get(zodSchema)?.description;
  if (description !== undefined) jsonSchema.description ??= description;
}

function inline(schema: z.ZodType, io: "input" | "output"): Json {
  const known = components.get(schema);
  if (known) return reference(known.id);
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    metadata: components as never,
    override: describe,
  }) as Json;
  return pointToComponents(rest);
}

/** zod puts named schemas into `$defs` of each document; here they stand once, under components. */
function pointToComponents(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

function operation(route: ApiRoute): Json {
  const roles = route.permission && [...permissions[route.permission], "admin"].join(", ");
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(roles && { description: `Roles: ${roles}.` }),
    ...(route.permission === null && { security: [] }),
    parameters: parameters(route),
    ...(route.body && {
      requestBody: { required: true, content: { "application/json": { schema: inline(route.body, "input") } } },
    }),
    responses: responses(route),
  };
}

function parameters(route: ApiRoute): Json[] {
  const of = (schema: z.ZodObject | undefined, where: "path" | "query") => {
    if (!schema) return [];
    const { properties = {}, required = [] } = inline(schema, "input") as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: where,
      required: where === "path" || required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    }));
  };
  const key = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "The same key of the same token does it once",
    schema: { type: "string", minLength: 1, maxLength: 200 },
  };
  return [...of(route.params, "path"), ...of(route.query, "query"), ...(route.idempotent ? [key] : [])];
}

function responses(route: ApiRoute): Json {
  const answers = Object.entries(route.answers).map(([status, answer]) => [status, response(answer)]);
  const codes = (Object.keys(errorStatus) as ErrorCode[]).filter((code) => mayAnswer(route, code));
  const byStatus = Map.groupBy(codes, (code) => errorStatus[code]);
  const failures = [...byStatus].map(([status, group]) => [
    String(status),
    { description: group.join(", "), content: { "application/json": { schema: reference("Error") } } },
  ]);
  return Object.fromEntries([...answers, ...failures]);
}

function response({ description, schema, contentType }: RouteAnswer): Json {
  const type = contentType ?? "application/json";
  return { description, content: { [type]: { schema: schema ? inline(schema, "output") : { type: "string" } } } };
}

function mayAnswer(route: ApiRoute, code: ErrorCode): boolean {
  switch (code) {
    case "UNAUTHENTICATED":
    case "FORBIDDEN":
    case "TOO_MANY_FAILURES":
      return route.permission !== null;
    case "MALFORMED_JSON":
    case "INVALID_BODY":
    case "PAYLOAD_TOO_LARGE":
    case "UNSUPPORTED_MEDIA_TYPE":
      return route.body !== undefined;
    case "INVALID_HEADER":
    case "IDEMPOTENCY_CONFLICT":
      return route.idempotent === true;
    case "NOT_FOUND":
      return route.params !== undefined || route.path === "/reports";
    case "JOB_ENDED":
      return route.permission === "job.cancel";
    case "JOB_REFUSED":
      return route.path === "/jobs" || route.path === "/jobs/quote" ? route.method === "post" : false;
    case "REPORT_REFUSED":
      return (route.path === "/reports" && route.method === "post") || route.path.endsWith("/kpis");
    case "METHOD_NOT_ALLOWED":
      return false;
    default:
      return true;
  }
}
