import { useLocation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { localeNames, locales, localeTitles } from "../../i18n/locales.ts";
import { useRootData } from "../../use-format.ts";
import { Icon } from "../ui/Mark.tsx";

/** Language and colours: plain forms, remembered in cookies. A whole new page, so that every text and `lang` changes. */
export function Preferences() {
  const { t } = useTranslation("common");
  const data = useRootData();
  const { pathname, search } = useLocation();
  const nextTheme = data?.theme === "dark" ? "light" : data?.theme === "light" ? "system" : "dark";
  return (
    <form className="choice" method="post" action="/preferences">
      <input type="hidden" name="back" value={pathname + search} />
      {locales.map((locale) => (
        <button
          key={locale}
          type="submit"
          name="locale"
          value={locale}
          lang={locale}
          title={localeTitles[locale]}
          aria-pressed={data?.locale === locale}
        >
          <span aria-hidden="true">{localeNames[locale]}</span>
          <span className="vh">{localeTitles[locale]}</span>
        </button>
      ))}
      <button
        type="submit"
        name="theme"
        value={nextTheme}
        title={t(`theme.to.${nextTheme}`)}
        aria-label={t(`theme.to.${nextTheme}`)}
      >
        <Icon name="theme" />
      </button>
    </form>
  );
}
