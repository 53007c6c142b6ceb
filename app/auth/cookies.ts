import type { Env } from "#db/config/env.ts";
import { isSecure } from "../security.ts";

type CookieEnv = Pick<Env, "NODE_ENV" | "PUBLIC_URL">;

/** Over TLS the `__Host-` prefix binds the cookie to this very host. */
export const sessionCookieName = (env: CookieEnv) => (isSecure(env) ? "__Host-hs_session" : "hs_session");

/** The value of one cookie of a Cookie header; undefined when it is absent or not decodable. */
export function readCookie(header: string | null | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at < 0 || part.slice(0, at).trim() !== name) continue;
    try {
      return decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** A Set-Cookie header. `maxAgeS` 0 removes the cookie. Never readable by scripts. */
export function writeCookie(env: CookieEnv, name: string, value: string, maxAgeS: number): string {
  const flags = ["Path=/", "HttpOnly", "SameSite=Lax", `Max-Age=${maxAgeS}`, ...(isSecure(env) ? ["Secure"] : [])];
  return `${name}=${encodeURIComponent(value)}; ${flags.join("; ")}`;
}
