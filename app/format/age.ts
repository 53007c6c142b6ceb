import type { Locale } from "../i18n/locales.ts";
import { nbsp } from "./number.ts";

const words = {
  en: { s: "s", min: "min", h: "h", d: "d", ago: (text: string) => `${text} ago`, now: "now" },
  "zh-Hant": { s: "秒", min: "分鐘", h: "小時", d: "天", ago: (text: string) => `${text}前`, now: "剛剛" },
  "zh-Hans": { s: "秒", min: "分钟", h: "小时", d: "天", ago: (text: string) => `${text}前`, now: "刚刚" },
} as const;

/** A duration in its largest unit: `3 s`, `23 min`, `5 h`, `2 d`; `fine` adds the next: `5 h 40 min`. */
export function duration(ms: number, locale: Locale, fine = false): string {
  const word = words[locale];
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const part = (value: number, unit: string) => `${value}${nbsp}${unit}`;
  if (seconds < 60) return part(seconds, word.s);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return part(minutes, word.min);
  const hours = Math.floor(minutes / 60);
  if (hours < 48)
    return fine && minutes % 60 ? `${part(hours, word.h)} ${part(minutes % 60, word.min)}` : part(hours, word.h);
  const days = Math.floor(hours / 24);
  return fine && hours % 24 ? `${part(days, word.d)} ${part(hours % 24, word.h)}` : part(days, word.d);
}

/** `3 s ago`, `23 分鐘前`. */
export function age(ms: number, locale: Locale): string {
  return ms < 1_000 ? words[locale].now : words[locale].ago(duration(ms, locale));
}
