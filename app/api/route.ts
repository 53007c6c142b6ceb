import type { Request } from "express";
import type { z } from "zod";
import type { RoleDeps } from "#db/config/role.ts";
import type { ApiClient } from "#db/queries/people.ts";
import type { Permission } from "../auth/permissions.ts";

export type ApiDeps = Pick<RoleDeps, "db" | "env" | "log" | "clock" | "metrics">;

/** What a route is given: parsed, permitted, nothing of the wire. */
export type Call<Params, Query, Body> = {
  deps: ApiDeps;
  client: ApiClient;
  params: Params;
  query: Query;
  body: Body;
  now: Date;
  /** The Idempotency-Key header, where the route takes one. */
  idempotencyKey: string | undefined;
  request: Request;
};

export type Answer = {
  status?: number;
  /** JSON by default; a string with `contentType` is sent as it is. */
  body: unknown;
  contentType?: string;
  headers?: Record<string, string>;
  /** A strong validator: the answer may then be kept and asked for again with If-None-Match. */
  etag?: string;
};

export type RouteAnswer = { description: string; schema?: z.ZodType; contentType?: string };

export type ApiRoute = {
  method: "get" | "post" | "delete";
  /** As OpenAPI writes it: `/centres/{id}`, below /api/v1. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  /** null: open to everyone. */
  permission: Permission | null;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  idempotent?: boolean;
  answers: Record<number, RouteAnswer>;
  // Each route's own types are checked where it is defined; the table holds them together.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  handle(call: Call<any, any, any>): Promise<Answer>;
};

type Output<T, Fallback> = T extends z.ZodType ? z.output<T> : Fallback;

/** Keeps the types of a route's schemas for its handler. */
export function defineRoute<
  const Params extends z.ZodObject | undefined = undefined,
  const Query extends z.ZodObject | undefined = undefined,
  const Body extends z.ZodType | undefined = undefined,
>(
  route: Omit<ApiRoute, "params" | "query" | "body" | "handle"> & {
    params?: Params;
    query?: Query;
    body?: Body;
    handle(call: Call<Output<Params, undefined>, Output<Query, undefined>, Output<Body, undefined>>): Promise<Answer>;
  },
): ApiRoute {
  return route as ApiRoute;
}

/** `/centres/{id}` → `/centres/:id`. */
export const expressPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ":$1");
