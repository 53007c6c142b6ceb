import type { Request } from "express";
import { type ApiClient, authenticateApiToken } from "#db/queries/people.ts";
import type { Permission } from "../auth/permissions.ts";
import { may, permissions } from "../auth/permissions.ts";
import { createRateLimit } from "../auth/rate-limit.ts";
import { ApiError } from "./errors.ts";
import type { ApiDeps } from "./route.ts";

/** Failures that close the door for a while: wrong tokens from one address, refused requests of one token. */
export type FailureLimits = { perAddress: number; perToken: number; windowMs: number };
export const defaultLimits: FailureLimits = { perAddress: 60, perToken: 600, windowMs: 5 * 60_000 };

export type Guard = {
  /** @throws ApiError UNAUTHENTICATED, TOO_MANY_FAILURES. */
  authenticate(request: Request): Promise<ApiClient>;
  /** Counts an answer that refused a known client's request. */
  refused(client: ApiClient): void;
};

/**
 * Bearer tokens only: a cookie is never looked at, so no page of another site can act for anybody. A wrong token does
 * not lock out the right ones behind the same address.
 */
export function createGuard(deps: ApiDeps, limits: FailureLimits): Guard {
  const byAddress = createRateLimit(limits.perAddress, limits.windowMs);
  const byToken = createRateLimit(limits.perToken, limits.windowMs);
  return {
    async authenticate(request) {
      const nowMs = deps.clock();
      const address = request.ip ?? "unknown";
      const token = bearer(request.headers.authorization);
      const client = token && (await authenticateApiToken(deps.db, token, new Date(nowMs)));
      if (!client) {
        refuseAfter(byAddress.waitMs(address, nowMs), "wrong tokens from this address");
        byAddress.fail(address, nowMs);
        throw new ApiError("UNAUTHENTICATED", unauthenticated(request, token), {
          headers: { "WWW-Authenticate": 'Bearer realm="HS Console"' },
        });
      }
      refuseAfter(byToken.waitMs(client.id, nowMs), "refused requests of this token");
      return client;
    },
    refused: (client) => byToken.fail(client.id, deps.clock()),
  };
}

function refuseAfter(waitMs: number, what: string): void {
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new ApiError("TOO_MANY_FAILURES", `There were too many ${what}. Try again in ${seconds} s.`, {
    headers: { "Retry-After": String(seconds) },
  });
}

/** The token of an Authorization header. */
export function bearer(header: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9_\-.~+/]{1,256}=*)$/i.exec(header ?? "")?.[1];
}

function unauthenticated(request: Request, token: string | undefined): string {
  if (token) return "The bearer token is unknown, expired or revoked. Make a new one: hs token create --role ROLE.";
  const cookie = request.headers.cookie ? " Cookies are not accepted here." : "";
  return `A bearer token is needed: send "Authorization: Bearer hs_…", made by hs token create --role ROLE.${cookie}`;
}

/** @throws ApiError FORBIDDEN naming the roles that may. */
export function permit(client: ApiClient, permission: Permission): void {
  if (may(client.role, permission)) return;
  const roles = [...permissions[permission], "admin"].join(", ");
  throw new ApiError(
    "FORBIDDEN",
    `The role ${client.role} lacks the permission ${permission}. Use a token of a role that has it: ${roles}.`,
  );
}
