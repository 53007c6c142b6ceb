export const locales = ["en", "zh-Hant", "zh-Hans"] as const;
export type Locale = (typeof locales)[number];
export const defaultLocale: Locale = "en";

export const localeCookie = "hs_locale";
export const themeCookie = "hs_theme";
export type Theme = "light" | "dark" | "system";

/** The locale's own short name, for the switch. */
export const localeNames: Record<Locale, string> = { en: "EN", "zh-Hant": "繁", "zh-Hans": "简" };
export const localeTitles: Record<Locale, string> = { en: "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文" };

export const isLocale = (text: unknown): text is Locale => locales.includes(text as Locale);
export const isTheme = (text: unknown): text is Theme => text === "light" || text === "dark" || text === "system";

/** The best of our locales for an Accept-Language header: by weight, Chinese by script, then by region. */
export function negotiateLocale(header: string | null): Locale {
  const wanted = (header ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const weight = parameters.map((text) => /^\s*q=([\d.]+)$/.exec(text)?.[1]).find(Boolean);
      return { tag: tag.toLowerCase(), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => tag !== "" && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    if (tag === "en" || tag.startsWith("en-")) return "en";
    if (/^zh(-|$)/.test(tag)) return /hant|-tw|-hk|-mo/.test(tag) ? "zh-Hant" : "zh-Hans";
  }
  return defaultLocale;
}
