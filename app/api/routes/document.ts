import { z } from "zod";
import { defineRoute } from "../route.ts";

export const documentRoutes = [
  defineRoute({
    method: "get",
    path: "/openapi.json",
    operationId: "getOpenApi",
    tag: "document",
    summary: "This document",
    permission: null,
    answers: { 200: { description: "OpenAPI 3.1", schema: z.looseObject({ openapi: z.string() }) } },
    async handle() {
      // The document is made of the table that this route stands in: read when it is asked for.
      const { openApiDocument } = await import("../openapi.ts");
      const { json, etag } = openApiDocument();
      return { body: json, contentType: "application/json; charset=utf-8", etag };
    },
  }),
];
