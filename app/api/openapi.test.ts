import Ajv2020 from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { openApiDocument } from "./openapi.ts";
import { apiRoutes } from "./routes/index.ts";
import { type ApiServer, seedFleet, startApi } from "./testing.ts";

type Operation = {
  operationId: string;
  parameters: { name: string; in: string; schema: object }[];
  responses: Record<string, { description: string }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const nowMs = Date.UTC(2026, 10, 24, 6, 20, 30);
const document = JSON.parse(openApiDocument(apiRoutes).json) as Document;
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let api: ApiServer;
beforeAll(async () => {
  clone = await cloneDatabase();
  await seedFleet(clone.db, nowMs, 4);
  api = await startApi(clone.db, nowMs);
});
afterAll(async () => {
  await api?.stop();
  await clone?.drop();
});

/** The structure of OpenAPI 3.1 (its sections 4.8.1 to 4.8.24), as far as this document uses it. */
const reference = {
  type: "object",
  required: ["$ref"],
  properties: { $ref: { type: "string", pattern: "^#/components/schemas/\\w+$" } },
};
const schema = { type: "object" };
const media = {
  type: "object",
  minProperties: 1,
  additionalProperties: { type: "object", required: ["schema"], properties: { schema } },
};
const operation = {
  type: "object",
  required: ["operationId", "summary", "responses"],
  properties: {
    operationId: { type: "string", pattern: "^[a-z][A-Za-z]+$" },
    tags: { type: "array", items: { type: "string" } },
    summary: { type: "string", minLength: 1 },
    description: { type: "string" },
    security: {
      type: "array",
      items: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
    },
    parameters: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "in", "schema"],
        properties: {
          name: { type: "string" },
          in: { enum: ["query", "header", "path", "cookie"] },
          required: { type: "boolean" },
          description: { type: "string" },
          schema,
        },
        if: { properties: { in: { const: "path" } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { required: ["required"], properties: { required: { const: true } } },
        additionalProperties: false,
      },
    },
    requestBody: {
      type: "object",
      required: ["content"],
      properties: { content: media, required: { type: "boolean" } },
      additionalProperties: false,
    },
    responses: {
      type: "object",
      minProperties: 1,
      propertyNames: { pattern: "^[1-5][0-9]{2}$" },
      additionalProperties: {
        type: "object",
        required: ["description"],
        properties: { description: { type: "string" }, content: media },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};
const structure = {
  type: "object",
  required: ["openapi", "info", "paths"],
  properties: {
    openapi: { type: "string", pattern: "^3\\.1\\.\\d+$" },
    jsonSchemaDialect: { type: "string", format: "uri" },
    info: {
      type: "object",
      required: ["title", "version"],
      properties: { title: { type: "string" }, version: { type: "string" }, description: { type: "string" } },
      additionalProperties: false,
    },
    servers: { type: "array", items: { type: "object", required: ["url"], properties: { url: { type: "string" } } } },
    security: { type: "array", items: { type: "object" } },
    paths: {
      type: "object",
      propertyNames: { pattern: "^/" },
      additionalProperties: {
        type: "object",
        properties: { get: operation, post: operation, delete: operation },
        additionalProperties: false,
      },
    },
    components: {
      type: "object",
      properties: {
        schemas: { type: "object", propertyNames: { pattern: "^[A-Za-z0-9._-]+$" }, additionalProperties: schema },
        securitySchemes: { type: "object" },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

describe("the OpenAPI document", () => {
  it("has the structure of OpenAPI 3.1", () => {
    const ajv = new Ajv2020({ allErrors: true, strict: true, formats: { uri: true } });
    const valid = ajv.validate(structure, document);
    expect(valid, JSON.stringify(ajv.errors, null, 1)).toBe(true);
  });

  it("holds only JSON schemas of 2020-12 whose references all lead somewhere", () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
    ajv.addVocabulary(["components"]);
    ajv.addSchema({ $id: "https://hs.invalid/openapi.json", components: document.components } as never);
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      const { $ref } = value as { $ref?: unknown };
      if (typeof $ref === "string") {
        expect(new Ajv2020().validate(reference, value)).toBe(true);
        expect(document.components.schemas, $ref).toHaveProperty([$ref.split("/").at(-1)!]);
      }
      Object.values(value).forEach(visit);
    };
    visit(document);
    for (const name of Object.keys(document.components.schemas))
      expect(
        () => ajv.compile({ $ref: `https://hs.invalid/openapi.json#/components/schemas/${name}` }),
        name,
      ).not.toThrow();
    expect(JSON.stringify(document)).not.toContain("$defs");
  });

  it("names each operation once and each parameter of a path", () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((one) => ({ path, ...one })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters } of operations)
      expect(parameters.filter((one) => one.in === "path").map(({ name }) => `{${name}}`)).toEqual(
        path.match(/\{\w+\}/g) ?? [],
      );
  });

  it("says what fields and parameters mean", () => {
    const kpi = document.components.schemas.Kpi as {
      description?: string;
      properties: Record<string, { description?: string }>;
    };
    expect(kpi.description).toMatch(/null means not known, never 0/);
    expect(kpi.properties.pue?.description).toMatch(/ratio of sums/);
    const parameters = document.paths["/centres/{id}/kpis"]?.get?.parameters as {
      name: string;
      description?: string;
    }[];
    expect(parameters.find(({ name }) => name === "from")?.description).toMatch(/ISO 8601/);
  });

  it("lists every route that is served, and each one that it lists is served", async () => {
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed.sort()).toEqual(apiRoutes.map(({ method, path }) => `${method} ${path}`).sort());
    for (const line of listed) {
      const [method = "", path = ""] = line.split(" ");
      const answer = await api.call(path.replace("{id}", "x"), { method: method.toUpperCase() });
      // A stranger is told to sign in: the address exists. What is not served is 404 or 405 even to strangers.
      expect([line, answer.status]).toEqual([line, path === "/openapi.json" ? 200 : 401]);
      const address = path.replace("{id}", "x");
      // /jobs/quote is also a job's address, to GET: what any template serves is no wrong method.
      const served = Object.entries(document.paths)
        .filter(([template]) =>
          new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/, "[^/]+")}$`).test(address),
        )
        .flatMap(([, methods]) => Object.keys(methods).map((name) => name.toUpperCase()));
      for (const other of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((name) => !served.includes(name)))
        expect([line, other, (await api.call(address, { method: other })).status]).toEqual([line, other, 405]);
    }
  });

  it("describes the answers that are given", async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "https://hs.invalid/openapi.json", ...document } as never);
    const check = async (path: string, url = path) => {
      const pointer = `#/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/get/responses/200/content/application~1json/schema`;
      const answer = await api.call(url, { as: "admin" });
      expect(answer.status, url).toBe(200);
      const valid = ajv.validate({ $ref: `https://hs.invalid/openapi.json${encodeURI(pointer)}` }, answer.body);
      expect(valid, `${url}: ${JSON.stringify(ajv.errors)}`).toBe(true);
    };
    await check("/centres");
    await check("/centres/{id}", "/centres/qinghai");
    await check("/centres/{id}/kpis", "/centres/xinjiang/kpis");
    await check("/jobs");
    await check("/settlements");
    await check("/alarms");
    const wrong = await api.call("/jobs?limit=x", { as: "admin" });
    expect(ajv.validate({ $ref: "https://hs.invalid/openapi.json#/components/schemas/Error" }, wrong.body)).toBe(true);
    expect(ajv.validate({ $ref: "https://hs.invalid/openapi.json#/components/schemas/Error" }, { error: {} })).toBe(
      false,
    );
  });

  it("is open, and is not sent twice", async () => {
    const first = await api.call("/openapi.json");
    expect([first.status, first.body]).toEqual([200, document]);
    const again = await api.call("/openapi.json", { headers: { "if-none-match": first.headers.get("etag")! } });
    expect(again.status).toBe(304);
  });
});
