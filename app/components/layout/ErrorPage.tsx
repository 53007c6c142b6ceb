import { isRouteErrorResponse, useLocation, useRevalidator } from "@remix-run/react";
import { useContext, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { connection, useConnection } from "../../live/use-connection.ts";
import { ReaderContext } from "../../reader.ts";
import { useRootData } from "../../use-format.ts";
import { ButtonLink } from "../ui/Button.tsx";
import { Preferences } from "./Preferences.tsx";
import { Shell } from "./Shell.tsx";

/** An exception may come back with every answer: failures within this time are waited for longer and longer. */
const togetherMs = 60_000;
const failures = { count: 0, lastMs: 0 };

/** A failure of the console, as Remix passes it on: not one of this browser. */
const isInLog = (error: unknown) =>
  isRouteErrorResponse(error) || (error instanceof Error && error.message === "Unexpected Server Error");

/** In place of a page that could not be loaded: what happened, what to do. A failure of ours asks again by itself. */
export function ErrorPage({ error }: { error: unknown }) {
  const { t } = useTranslation("common");
  const data = useRootData();
  const { requestId } = useContext(ReaderContext);
  const { reference = requestId } = useConnection();
  const status = isRouteErrorResponse(error) ? error.status : 500;
  const kind = status === 404 ? "notFound" : status === 403 ? "forbidden" : "failed";
  const failed = status >= 500;
  const said = isRouteErrorResponse(error) && typeof error.data === "string" && status !== 404 && !failed;
  const page = (
    <div className="head error-page">
      <div>
        <div role="alert">
          <h1>{t(`error.${kind}.title`)}</h1>
          <p className="lead">{said ? error.data : t(`error.${kind}.text`)}</p>
        </div>
        {failed && <p className="ink-2">{t("error.failed.todo")}</p>}
        <div className="actions">
          {failed && <Again />}
          <ButtonLink to="/">{t("error.home")}</ButtonLink>
        </div>
        {failed && isInLog(error) && reference && (
          <p className="meta mono">{t("error.reference", { id: reference })}</p>
        )}
      </div>
    </div>
  );
  if (data?.person) return <Shell failed={failed}>{page}</Shell>;
  return (
    <main className="bare">
      <div className="sheet-one">
        <span className="brand">
          <svg width="20" height="20" aria-hidden="true">
            <use href="#logo" />
          </svg>
          HS Console
        </span>
        {page}
      </div>
      <Preferences />
    </main>
  );
}

/** Asks for the page again: by itself after a pause, and at once when it is clicked. Without scripts it is a link. */
function Again() {
  const { t } = useTranslation("common");
  const { revalidate, state } = useRevalidator();
  const { pathname, search } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each failure
  useEffect(() => {
    const nowMs = Date.now();
    failures.count = nowMs - failures.lastMs < togetherMs ? failures.count + 1 : 0;
    failures.lastMs = nowMs;
    const over = new AbortController();
    connection.pause(failures.count + 1, over.signal).then(revalidate, () => {});
    return () => over.abort();
  }, []);
  return (
    <a
      className="btn primary"
      href={pathname + search}
      onClick={(event) => {
        event.preventDefault();
        if (state === "idle") revalidate();
        else connection.tryNow();
      }}
    >
      {t("error.retry")}
    </a>
  );
}
