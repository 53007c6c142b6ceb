import { timingSafeEqual } from "node:crypto";
import { type AppLoadContext, redirect } from "@remix-run/node";
import { findSession, type Session } from "#db/queries/people.ts";
import { readCookie, sessionCookieName } from "./cookies.ts";
import { parseForm } from "./form.server.ts";
import { may, type Permission, seesCentre } from "./permissions.ts";

/** One look-up a request, however many loaders ask. */
const sessions = new WeakMap<AppLoadContext, Promise<Session | undefined>>();

/** The session of this request's cookie, if there is a live one. */
export function optionalSession(request: Request, context: AppLoadContext): Promise<Session | undefined> {
  let found = sessions.get(context);
  if (!found) {
    const token = readCookie(request.headers.get("Cookie"), sessionCookieName(context.env));
    found = token ? findSession(context.db, token, new Date(context.clock())) : Promise.resolve(undefined);
    sessions.set(context, found);
  }
  return found;
}

/** The signed-in session. @throws a redirect to the sign-in page, which leads back here. */
export async function requireSession(request: Request, context: AppLoadContext): Promise<Session> {
  const session = await optionalSession(request, context);
  if (session) return session;
  const url = new URL(request.url);
  const back = request.method === "GET" ? url.pathname + url.search : "/";
  throw redirect(`/sign-in?next=${encodeURIComponent(back.replace(/\.data(?=\?|$)/, ""))}`);
}

/** The signed-in person, who must hold a permission of app/auth/permissions.ts. @throws 403. */
export async function requirePermission(
  request: Request,
  context: AppLoadContext,
  permission: Permission,
): Promise<Session["person"]> {
  const { person } = await requireSession(request, context);
  if (!may(person.role, permission)) throw forbidden();
  return person;
}

/** A centre outside the person's scope does not exist for them. @throws 404. */
export function requireCentre(person: Session["person"], centreId: string): void {
  if (!seesCentre(person.centreIds, centreId)) throw new Response("Not found", { status: 404 });
}

/**
 * The form of an action, after the check that it came from one of our own pages: its `csrf` field must be the session's.
 * Every action starts with this. @throws 403, and what parseForm throws.
 */
export async function readForm(request: Request, context: AppLoadContext): Promise<FormData> {
  const session = await requireSession(request, context);
  const form = await parseForm(request);
  if (!sameText(String(form.get("csrf") ?? ""), session.csrfToken))
    throw forbidden("The form is too old. Reload the page and send it again.");
  return form;
}

/** Compares two texts in constant time. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

const forbidden = (message = "Your role may not do this.") => new Response(message, { status: 403 });
