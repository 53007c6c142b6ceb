import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../live/use-live.ts";
import { useFormat, useRootData } from "../../use-format.ts";
import { zoneCookie } from "../../view.ts";
import { Banner } from "../ui/states.tsx";
import { Bar } from "./Bar.tsx";
import { Nav, Tabs } from "./Nav.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

/** Navigation, bar and the page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation("common");
  const format = useFormat();
  const data = useRootData();
  const { state, reconnect } = useLive(data?.refresh ?? "live", Boolean(data?.person));
  useShortcuts();
  useEffect(() => {
    // The server renders dates: it must know "my zone".
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
    if (zone) document.cookie = `${zoneCookie}=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax`;
  }, []);
  return (
    <>
      <a className="vh skip" href="#main">
        {t("nav.skip")}
      </a>
      <div className="app">
        <Nav />
        <div className="main">
          <Bar live={state} />
          <main id="main" tabIndex={-1}>
            {state.kind === "lost" && (
              <div className="strip-banner">
                <Banner
                  s="stale"
                  polite
                  action={
                    <button type="button" className="btn small" onClick={reconnect}>
                      {t("live.tryNow")}
                    </button>
                  }
                >
                  <b>{t("live.disconnected", { time: format.timeSeconds(state.sinceMs) })}</b>{" "}
                  {t("live.figuresFrom", { time: format.timeSeconds(format.nowMs) })}
                </Banner>
              </div>
            )}
            {children}
          </main>
        </div>
      </div>
      <Tabs />
    </>
  );
}
