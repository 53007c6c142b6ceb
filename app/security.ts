import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import type { Env } from "#db/config/env.ts";

/** A short id that a person can read out on the telephone: `7f3a-19c2`. */
export function newRequestId(): string {
  const hex = randomBytes(4).toString("hex");
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

/** Whether browsers reach the console over TLS: cookies are then `Secure`. */
export function isSecure(env: Pick<Env, "NODE_ENV" | "PUBLIC_URL">): boolean {
  return env.PUBLIC_URL ? env.PUBLIC_URL.startsWith("https:") : env.NODE_ENV === "production";
}

/** The content security policy of one page. Scripts run by nonce only; styles may stand in attributes (chart positions). */
export function contentSecurityPolicy(nonce: string, secure: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(secure ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/** Sets `res.locals.nonce` and the headers that every answer carries. */
export function securityHeaders(env: Env): RequestHandler {
  const secure = isSecure(env);
  return (_request, response, next) => {
    const nonce = randomBytes(16).toString("base64");
    response.locals.nonce = nonce;
    response.setHeader("Content-Security-Policy", contentSecurityPolicy(nonce, secure));
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Referrer-Policy", "same-origin");
    response.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    if (secure) response.setHeader("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    next();
  };
}

const pageMethods = ["GET", "HEAD", "POST"];

/** A page is asked for and a form is sent; there is nothing else to do with one. */
export const refuseOtherMethods: RequestHandler = (request, response, next) => {
  if (pageMethods.includes(request.method)) return next();
  response
    .status(405)
    .setHeader("Allow", pageMethods.join(", "))
    .type("text/plain")
    .send(`${request.method} is not served here; use ${pageMethods.join(" or ")}.`);
};

/** What nobody said may be kept is kept nowhere: a page or an answer holds what one person may see. */
export const keepNothing: RequestHandler = (_request, response, next) => {
  const { writeHead } = response;
  response.writeHead = ((...head: Parameters<typeof writeHead>) => {
    if (!response.hasHeader("Cache-Control")) response.setHeader("Cache-Control", "no-store");
    return writeHead.apply(response, head);
  }) as typeof writeHead;
  next();
};

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a state-changing request that another site's page sent. API clients carry a bearer token instead of a cookie
 * and send no Origin: those pass.
 */
export function refuseCrossOrigin(env: Env): RequestHandler {
  const own = env.PUBLIC_URL ? new URL(env.PUBLIC_URL).host : undefined;
  return (request, response, next) => {
    if (safeMethods.has(request.method)) return next();
    const { origin, host, cookie, authorization } = request.headers;
    if (authorization && !cookie) return next();
    const site = request.headers["sec-fetch-site"];
    const allowed = [own, host].filter((name) => name !== undefined);
    const sameOrigin = origin !== undefined && URL.canParse(origin) && allowed.includes(new URL(origin).host);
    if (sameOrigin && (site === undefined || site === "same-origin" || site === "none")) return next();
    // Without a cookie there is no one to act for: the route answers 401 by itself.
    if (origin === undefined && site === undefined && !cookie) return next();
    response
      .status(403)
      .type("text/plain")
      .send("This request came from another site and was refused. Reload the page and try again.");
  };
}

const mostFormBytes = 256 * 1024;

/** Refuses a form that is larger than any of ours, or does not say how large it is, before a byte of it is read. */
export const refuseLargeForms: RequestHandler = (request, response, next) => {
  if (safeMethods.has(request.method)) return next();
  const stated = request.headers["content-length"];
  if (request.headers["transfer-encoding"] === undefined && Number(stated ?? 0) <= mostFormBytes) return next();
  response
    .status(stated === undefined ? 411 : 413)
    .setHeader("Connection", "close")
    .type("text/plain")
    .send("A form of this console is at most 256 KB and says its length.");
};

/** PostgreSQL's text holds no NUL: an address with one names nothing of ours. */
export const refuseNul: RequestHandler = (request, response, next) => {
  if (!/%00|\0/i.test(request.url)) return next();
  response.status(404).type("text/plain").send("There is no such page.");
};

/** Refuses a Host header that is part of no address: everything behind builds URLs from it. */
export const refuseBadHost: RequestHandler = (request, response, next) => {
  const { host } = request.headers;
  if (host !== undefined && URL.canParse(`http://${host}`) && !/[/?#@\\]/.test(host)) return next();
  response.status(400).type("text/plain").send("The Host header is no address.");
};
