import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { writeCookie } from "../auth/cookies.ts";
import { parseForm } from "../auth/form.server.ts";
import { localPath } from "../auth/local-path.ts";
import { isLocale, isTheme, localeCookie, themeCookie } from "../i18n/locales.ts";

const yearS = 31_536_000;

/**
 * Remembers language and colours in cookies. The one form without a CSRF token: it works before sign-in, and it changes
 * nothing but how this browser shows the page. The same-origin rule of the server holds for it as well.
 */
export async function action({ request, context }: ActionFunctionArgs) {
  const form = await parseForm(request);
  const headers = new Headers();
  const locale = form.get("locale");
  const theme = form.get("theme");
  if (isLocale(locale)) headers.append("Set-Cookie", writeCookie(context.env, localeCookie, locale, yearS));
  if (isTheme(theme)) headers.append("Set-Cookie", writeCookie(context.env, themeCookie, theme, yearS));
  return redirect(localPath(form.get("back")), { headers });
}

export const loader = () => redirect("/");
