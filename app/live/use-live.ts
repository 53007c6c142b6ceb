import { useNavigation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { useRootData } from "../use-format.ts";
import type { Refresh } from "../view.ts";

/** live: connected; lost: since when; still: not asked for, or not yet connected. */
export type LiveState = { kind: "live" } | { kind: "lost"; sinceMs: number } | { kind: "still" };

/** At most one reload of the page's figures in this time, however many events come. */
const throttleMs = 750;
/** Without any event the page still reloads this often: a meter that falls silent sends none, and ages must go on. */
const quietMs = 10_000;
/** A stream that was refused (signed out, server gone) is closed for good by the browser: asked for again after this. */
const retryMs = 5_000;

/**
 * Keeps the page's figures fresh: by server-sent events (`live`), every 10 or 60 s, or not at all. A hidden page does
 * not reload; it does so when it is looked at again. While the stream is lost nothing is asked for, so that the page
 * keeps its last figures under a banner; the browser reconnects with its Last-Event-ID.
 */
export function useLive(refresh: Refresh, enabled: boolean): { state: LiveState; reconnect: () => void } {
  const { revalidate, state: loading } = useRevalidator();
  const navigation = useNavigation().state;
  const [state, setState] = useState<LiveState>({ kind: "still" });
  const [attempt, setAttempt] = useState(0);
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

  useEffect(() => {
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
    let retry: ReturnType<typeof setTimeout> | undefined;
    const quiet = setInterval(() => {
      if (source.readyState === EventSource.OPEN && reloads.idleMs() >= quietMs) reloads.schedule();
    }, quietMs / 4);
    source.addEventListener("open", () => {
      setState({ kind: "live" });
      if (attempt > 0 || reloads.idleMs() >= throttleMs) reloads.schedule();
    });
    source.addEventListener("change", reloads.schedule);
    source.addEventListener("error", () => {
      setState((before) => (before.kind === "lost" ? before : { kind: "lost", sinceMs: Date.now() }));
      if (source.readyState === EventSource.CLOSED)
        retry ??= setTimeout(() => setAttempt((count) => count + 1), retryMs);
    });
    return () => {
      source.close();
      clearInterval(quiet);
      clearTimeout(retry);
      reloads.stop();
    };
  }, [refresh, enabled, attempt]);

  return { state, reconnect: () => setAttempt((count) => count + 1) };
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
