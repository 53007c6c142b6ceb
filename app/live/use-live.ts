import { useNavigation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { useRootData } from "../use-format.ts";
import type { Refresh } from "../view.ts";
import { connection, useConnection } from "./use-connection.ts";

/** live: connected; lost: since when, by the browser's clock; still: not asked for, or not yet connected. */
export type LiveState = { kind: "live" } | { kind: "lost"; sinceMs: number } | { kind: "still" };

/** At most one reload of the page's figures in this time, however many events come. */
const throttleMs = 750;
/** Without any event the page still reloads this often: a meter that falls silent sends none, and ages must go on. */
const quietMs = 10_000;
/** The stream beats every 15 s: one that is silent for so long is dead, even if the browser has not noticed. */
const deadMs = 40_000;
/** So often the browser itself resumes the stream where it broke off; then it is asked for anew, slower and slower. */
const resumes = 3;

/**
 * Keeps the page's figures fresh: by server-sent events (`live`), every 10 or 60 s, or not at all. A hidden page does
 * not reload; it does so when it is looked at again. While the stream is lost the page keeps its last figures under a
 * banner (`steadyFetch` holds a reload that fails); the browser resumes the stream with its Last-Event-ID.
 */
export function useLive(refresh: Refresh, enabled: boolean): LiveState {
  const { revalidate, state: loading } = useRevalidator();
  const navigation = useNavigation().state;
  const { stream, lostSinceMs } = useConnection();
  const [attempt, setAttempt] = useState(0);
  const refused = useRef(0);
  const page = useRef({ busy: false, ended: 0, revalidate });
  // A reload in the middle of a navigation would begin it anew, for ever if events come faster than pages.
  page.current.busy = loading !== "idle" || navigation !== "idle";
  page.current.revalidate = revalidate;
  const answeredAtMs = useRootData()?.nowMs;
  // Both tell of an end: a slow browser may render the beginning and the end of a reload as one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer is what is waited for
  useEffect(() => {
    if (loading === "idle") page.current.ended++;
  }, [loading, answeredAtMs]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another stream
  useEffect(() => {
    if (!enabled || refresh !== "live") connection.streamClosed();
    if (!enabled || refresh === "off") return;
    const reloads = throttled(() => page.current);
    if (refresh !== "live") {
      const interval = setInterval(reloads.schedule, Number(refresh) * 1_000);
      return () => {
        clearInterval(interval);
        reloads.stop();
      };
    }
    const source = new EventSource("/live");
    const over = new AbortController();
    let broken = 0;
    let heardMs = Date.now();
    let anew = false;
    const askAnew = () => {
      if (anew) return;
      anew = true;
      source.close();
      connection.streamLost();
      // Signed out, or only the stream is refused: the page's own answer tells. A failure leaves the page as it is.
      reloads.schedule();
      connection.pause(refused.current++, over.signal).then(
        () => setAttempt((count) => count + 1),
        () => {},
      );
    };
    const heard = () => {
      heardMs = Date.now();
    };
    const quiet = setInterval(() => {
      if (source.readyState !== EventSource.OPEN) return;
      if (Date.now() - heardMs > deadMs) askAnew();
      else if (reloads.idleMs() >= quietMs) reloads.schedule();
    }, quietMs / 4);
    source.addEventListener("open", () => {
      heard();
      broken = 0;
      refused.current = 0;
      connection.streamOpened();
      connection.tryNow();
      if (connection.now().lostSinceMs !== undefined || reloads.idleMs() >= throttleMs) reloads.schedule();
    });
    source.addEventListener("beat", heard);
    source.addEventListener("change", () => {
      heard();
      reloads.schedule();
    });
    source.addEventListener("error", () => {
      connection.streamLost();
      // One that was refused (signed out, console gone) is closed for good by the browser.
      if (source.readyState === EventSource.CLOSED || ++broken > resumes) askAnew();
    });
    return () => {
      over.abort();
      source.close();
      clearInterval(quiet);
      reloads.stop();
      if (!anew) connection.streamClosed();
    };
  }, [refresh, enabled, attempt]);

  useEffect(() => {
    const tryNow = () => connection.tryNow();
    window.addEventListener("online", tryNow);
    return () => window.removeEventListener("online", tryNow);
  }, []);

  if (lostSinceMs !== undefined) return { kind: "lost", sinceMs: lostSinceMs };
  return { kind: stream === "open" ? "live" : "still" };
}

/** So long a reload is waited for that has begun and of which the page has not said that it ended: a new one aborts it. */
const longestMs = 20_000;

type Page = { busy: boolean; ended: number; revalidate: () => void };

/** Reloads at once when the last one is long enough ago, else as soon as it is; waits while the page is busy or hidden. */
function throttled(page: () => Page) {
  let last = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // The page's own state comes a render late: a second reload before it would abort the first.
  let endedBefore = -1;
  let waiting = false;
  const run = () => {
    timer = undefined;
    const { busy, ended, revalidate } = page();
    if (document.hidden) {
      waiting = true;
    } else if (busy || (ended === endedBefore && Date.now() - last < longestMs)) {
      timer = setTimeout(run, 100);
    } else {
      last = Date.now();
      endedBefore = ended;
      revalidate();
    }
  };
  const schedule = () => {
    timer ??= setTimeout(run, Math.max(0, throttleMs - (Date.now() - last)));
  };
  const seen = () => {
    if (document.hidden || !waiting) return;
    waiting = false;
    schedule();
  };
  document.addEventListener("visibilitychange", seen);
  return {
    schedule,
    idleMs: () => Date.now() - last,
    stop() {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
