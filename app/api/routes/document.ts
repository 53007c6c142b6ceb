import { z } from "zod";
import { openApiDocument } from "../openapi.ts";
import { type ApiRoute, defineRoute } from "../route.ts";

/** `routes`: the table that this route stands in itself, read when the document is asked for. */
export const documentRoutes = (routes: () => readonly ApiRoute[]) => [
  defineRoute({
    method: "get",
    path: "/openapi.json",
    operationId: "getOpenApi",
    tag: "document",
    summary: "This document",
    permission: null,
    answers: { 200: { description: "OpenAPI 3.1", schema: z.looseObject({ openapi: z.string() }) } },
    async handle() {
      const { json, etag } = openApiDocument(routes());
      return { body: json, contentType: "application/json; charset=utf-8", etag };
    },
  }),
];
