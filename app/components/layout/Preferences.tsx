import { useLocation } from "@remix-run/react";
import { useContext } from "react";
import { useTranslation } from "react-i18next";
import { localeNames, locales, localeTitles } from "../../i18n/locales.ts";
import { ReaderContext } from "../../reader.ts";
import { useRootData } from "../../use-format.ts";
import { Icon } from "../ui/Mark.tsx";

/** Language and colours: plain forms, remembered in cookies. A whole new page, so that every text and `lang` changes. */
export function Preferences() {
  const { t } = useTranslation("common");
  const reader = useContext(ReaderContext);
  const { locale: current, theme } = useRootData() ?? reader;
  const { pathname, search } = useLocation();
  const nextTheme = theme === "dark" ? "light" : theme === "light" ? "system" : "dark";
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
          aria-pressed={current === locale}
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
