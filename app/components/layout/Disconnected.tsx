import { useNavigation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { onConsoleClock } from "../../live/use-clock.ts";
import { connection, useConnection } from "../../live/use-connection.ts";
import { useFormat, useRootData } from "../../use-format.ts";
import { Banner } from "../ui/states.tsx";

/** Since when the console does not answer, and from when the figures are; read out once, not at every second. */
export function Disconnected() {
  const { t } = useTranslation("common");
  const format = useFormat();
  const data = useRootData();
  const { lostSinceMs } = useConnection();
  const navigation = useNavigation();
  const since = data && lostSinceMs !== undefined && format.timeSeconds(onConsoleClock(lostSinceMs, data));
  return (
    <>
      <p className="vh" role="status">
        {since && t("live.disconnected", { time: since })}
      </p>
      {since && (
        <div className="strip-banner">
          <Banner
            s="stale"
            action={
              <button type="button" className="btn small" onClick={connection.tryNow}>
                {t("live.tryNow")}
              </button>
            }
          >
            <b>{t("live.disconnected", { time: since })}</b>{" "}
            {t("live.figuresFrom", {
              time: format.timeSeconds(format.answeredAtMs),
              age: format.age(format.answeredAtMs),
            })}{" "}
            {navigation.state === "loading" && <b>{t("live.opening")}</b>}
            {navigation.state === "submitting" && <b>{t("live.sending")}</b>}
          </Banner>
        </div>
      )}
    </>
  );
}
