import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../live/use-live.ts";
import { useRootData, useStale } from "../../use-format.ts";
import { zoneCookie } from "../../view.ts";
import { Bar } from "./Bar.tsx";
import { Disconnected } from "./Disconnected.tsx";
import { Nav, Tabs } from "./Nav.tsx";
import { Palette } from "./Palette.tsx";
import { Shortcuts } from "./Shortcuts.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

/** Navigation, bar and the page. `failed`: in place of the page stands why there is none; it asks again by itself. */
export function Shell({ children, failed = false }: { children: ReactNode; failed?: boolean }) {
  const { t } = useTranslation("common");
  const data = useRootData();
  const state = useLive(data?.refresh ?? "live", Boolean(data?.person) && !failed);
  const stale = useStale();
  const [dialog, setDialog] = useState<"help" | "palette">();
  const help = () => setDialog("help");
  const palette = () => setDialog("palette");
  const close = () => setDialog(undefined);
  useShortcuts({ help, palette });
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
      <div className="app" data-stale={stale ? "" : undefined}>
        <Nav palette={palette} help={help} />
        <div className="main">
          <Bar live={state} palette={palette} />
          <main id="main" tabIndex={-1}>
            {!failed && <Disconnected />}
            {children}
          </main>
        </div>
      </div>
      <Tabs help={help} />
      {dialog === "help" && <Shortcuts close={close} />}
      {dialog === "palette" && <Palette close={close} />}
    </>
  );
}
