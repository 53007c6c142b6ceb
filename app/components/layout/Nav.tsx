import { Link, useLocation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { useRootData } from "../../use-format.ts";
import { CsrfField } from "../ui/form.tsx";
import { Icon } from "../ui/Mark.tsx";
import { Preferences } from "./Preferences.tsx";
import { pages } from "./pages.ts";
import { useSingleKeys } from "./single-keys.ts";

/** The pages of the reader's role. */
export function usePages() {
  const permissions = useRootData()?.person?.permissions ?? [];
  const { pathname } = useLocation();
  return pages
    .filter((page) => permissions.includes(page.permission))
    .map((page) => ({
      ...page,
      current: page.to === "/" ? pathname === "/" || pathname.startsWith("/centres") : pathname.startsWith(page.to),
    }));
}

export function Brand({ short }: { short?: boolean }) {
  return (
    <Link className="brand" to="/">
      <svg width="20" height="20" aria-hidden="true">
        <use href="#logo" />
      </svg>
      <span className={short ? "vh" : undefined}>HS Console</span>
    </Link>
  );
}

/** `help`: opens the list of shortcuts. */
function NavFoot({ help }: { help: () => void }) {
  const { t } = useTranslation("common");
  const person = useRootData()?.person;
  return (
    <div className="nav-foot">
      <Preferences />
      <button type="button" className="plain needs-script needs-keys" onClick={help}>
        {t("keys.title")}
      </button>
      {person && (
        <form className="who" method="post" action="/sign-out">
          <CsrfField />
          <b>{person.name}</b>
          {t(`role.${person.role}`)}
          <i className="dot" />
          <button type="submit" className="plain">
            {t("signOut")}
          </button>
        </form>
      )}
    </div>
  );
}

/** Opens the palette. */
export function GoTo({ palette }: { palette: () => void }) {
  const { t } = useTranslation("common");
  return (
    <button
      type="button"
      className="go-to needs-script"
      aria-label={t("go.title")}
      aria-keyshortcuts="Control+K Meta+K"
      onClick={palette}
    >
      <Icon name="search" />
      <span className="t">{t("go.title")}</span>
      <kbd>Ctrl K</kbd>
    </button>
  );
}

export function Nav({ palette, help }: { palette: () => void; help: () => void }) {
  const { t } = useTranslation("common");
  const keys = useSingleKeys();
  const alarms = useRootData()?.alarmsToActOn ?? 0;
  return (
    <nav className="nav" aria-label={t("nav.main")}>
      <Brand />
      <GoTo palette={palette} />
      <ul>
        {usePages().map((page) => (
          <li key={page.to}>
            <Link
              to={page.to}
              aria-current={page.current ? "page" : undefined}
              aria-keyshortcuts={keys ? `g ${page.key}` : undefined}
              prefetch="intent"
            >
              <Icon name={page.icon} />
              {t(page.name)}
              {page.to === "/" && alarms > 0 ? (
                <span className="count" title={t("nav.toActOn", { count: alarms })}>
                  {alarms}
                  <span className="vh"> {t("nav.toActOn", { count: alarms })}</span>
                </span>
              ) : (
                keys && <kbd>g {page.key}</kbd>
              )}
            </Link>
          </li>
        ))}
      </ul>
      <NavFoot help={help} />
    </nav>
  );
}

/** The same pages below, where it is narrow. */
export function Tabs({ help }: { help: () => void }) {
  const { t } = useTranslation("common");
  const all = usePages();
  const shown = all.slice(0, 3);
  const rest = all.slice(3);
  return (
    <nav className="tabs" aria-label={t("nav.tabs")}>
      {shown.map((page) => (
        <Link key={page.to} to={page.to} aria-current={page.current ? "page" : undefined}>
          <Icon name={page.icon} />
          {t(page.name)}
        </Link>
      ))}
      <details>
        <summary>
          <Icon name="more" />
          {t("nav.more")}
        </summary>
        <div className="more">
          {rest.map((page) => (
            <Link key={page.to} to={page.to} aria-current={page.current ? "page" : undefined}>
              <Icon name={page.icon} />
              {t(page.name)}
            </Link>
          ))}
          <NavFoot help={help} />
        </div>
      </details>
    </nav>
  );
}
