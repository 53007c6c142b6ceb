import type { AppLoadContext } from "@remix-run/node";
import type { i18n, Resource } from "i18next";
import { readCookie } from "../auth/cookies.ts";
import en from "./bundle.en.ts";
import hans from "./bundle.zh-Hans.ts";
import hant from "./bundle.zh-Hant.ts";
import { createI18n } from "./instance.ts";
import { isLocale, isTheme, type Locale, localeCookie, negotiateLocale, type Theme, themeCookie } from "./locales.ts";

const resources: Resource = { en, "zh-Hant": hant, "zh-Hans": hans } as Resource;
const instances = new Map<Locale, i18n>();

/** The locale's texts on the server. Shared by requests: it is never changed after it is made. */
export function serverI18n(locale: Locale): i18n {
  let instance = instances.get(locale);
  if (!instance) {
    instance = createI18n(locale, { en: resources.en!, [locale]: resources[locale]! });
    instances.set(locale, instance);
  }
  return instance;
}

/** The reader's locale: their choice (cookie), else what the browser asks for. */
export function localeOf(request: Request): Locale {
  const chosen = readCookie(request.headers.get("Cookie"), localeCookie);
  return isLocale(chosen) ? chosen : negotiateLocale(request.headers.get("Accept-Language"));
}

export function themeOf(request: Request): Theme {
  const chosen = readCookie(request.headers.get("Cookie"), themeCookie);
  return isTheme(chosen) ? chosen : "system";
}

/** `t` of a request for texts that the server writes (file names, exports): `translator(request)("jobs:title")`. */
export function translator(request: Request, _context?: AppLoadContext): i18n["t"] {
  return serverI18n(localeOf(request)).t;
}
