import type { AppLoadContext } from "@remix-run/node";
import { audit, type Person, startSession } from "#db/queries/people.ts";
import { newToken } from "#db/queries/people-token.ts";
import { readCookie, sessionCookieName, writeCookie } from "./cookies.ts";
import { parseForm } from "./form.server.ts";
import { sameText } from "./person.server.ts";
import { createRateLimit } from "./rate-limit.ts";

/**
 * Ten attempts for one name, or fifty from one address, close the door for a quarter of an hour; thirty links that are
 * none do as well. An attempt counts before it is looked at, so that a hundred at once are not a hundred guesses; one
 * that succeeds is taken back.
 */
const windowMs = 15 * 60_000;
export const attemptsByEmail = createRateLimit(10, windowMs);
export const attemptsByAddress = createRateLimit(50, windowMs);
export const linksByAddress = createRateLimit(30, windowMs);

const formCookie = "hs_form";

/** Before sign-in there is no session to hold the form's token: a cookie of its own does. */
export function formToken(request: Request, context: AppLoadContext): { csrf: string; headers: HeadersInit } {
  const known = readCookie(request.headers.get("Cookie"), formCookie);
  const csrf = known && known.length >= 20 ? known : newToken(24);
  return { csrf, headers: { "Set-Cookie": writeCookie(context.env, formCookie, csrf, 86_400) } };
}

/** @throws 403 when the form's token is not the cookie's. */
export async function readAnonymousForm(request: Request): Promise<FormData> {
  const form = await parseForm(request);
  const known = readCookie(request.headers.get("Cookie"), formCookie);
  if (!known || !sameText(String(form.get("csrf") ?? ""), known))
    throw new Response("The form is too old. Reload the page and send it again.", { status: 403 });
  return form;
}

/** Opens a session and gives its Set-Cookie header. Always a new token: a planted one is worth nothing. */
export async function signIn(context: AppLoadContext, person: Person, how: "password" | "link"): Promise<HeadersInit> {
  const now = new Date(context.clock());
  const { token, maxAgeS } = await startSession(context.db, person.id, now);
  await audit(context.db, { actor: person.id, action: "sign-in", subject: person.id, detail: { how } }, now);
  return { "Set-Cookie": writeCookie(context.env, sessionCookieName(context.env), token, maxAgeS) };
}
