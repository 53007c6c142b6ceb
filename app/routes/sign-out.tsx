import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { endSession } from "#db/queries/people.ts";
import { sessionCookieName, writeCookie } from "../auth/cookies.ts";
import { readForm, requireSession } from "../auth/person.server.ts";

export async function action({ request, context }: ActionFunctionArgs) {
  await readForm(request, context);
  const session = await requireSession(request, context);
  await endSession(context.db, session.tokenSha256, new Date(context.clock()));
  return redirect("/sign-in", {
    headers: { "Set-Cookie": writeCookie(context.env, sessionCookieName(context.env), "", 0) },
  });
}

export const loader = () => redirect("/");
