import type { AppLoadContext } from "@remix-run/node";
import { localeOf, serverI18n } from "../i18n/texts.server.ts";
import { makeFormat } from "../use-format.ts";
import type { Say } from "./fleet.server.ts";
import { presentShell } from "./shell.server.ts";

/** Texts and formats of a request, for sentences that the server writes. The zone is the one that the frame shows. */
export async function sayFor(request: Request, context: AppLoadContext): Promise<Say> {
  const shell = await presentShell(request, context);
  const locale = localeOf(request);
  return { t: serverI18n(locale).t, format: makeFormat(locale, shell.timeZone, shell.nowMs) };
}
