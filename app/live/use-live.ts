import { useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import type { Refresh } from "../view.ts";

/** live: connected; lost: since when; still: not asked for, or not yet connected. */
export type LiveState = { kind: "live" } | { kind: "lost"; sinceMs: number } | { kind: "still" };

/** At most one reload of the page's figures in this time, however many events come. */
const throttleMs = 1_000;

/**
 * Keeps the page's figures fresh: by server-sent events (`live`), every 10 or 60 s, or not at all. A hidden page does
 * not reload; it does so when it is looked at again.
 */
export function useLive(refresh: Refresh, enabled: boolean): { state: LiveState; reconnect: () => void } {
  const { revalidate, state: loading } = useRevalidator();
  const [state, setState] = useState<LiveState>({ kind: "still" });
  const [attempt, setAttempt] = useState(0);
  const ready = useRef({ loading, revalidate });
  ready.current = { loading, revalidate };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt opens a new stream
  useEffect(() => {
    if (!enabled || refresh === "off") return;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const reload = () => {
      timer = undefined;
      if (document.hidden || ready.current.loading !== "idle") {
        schedule();
        return;
      }
      last = Date.now();
      ready.current.revalidate();
    };
    const schedule = () => {
      timer ??= setTimeout(reload, Math.max(50, throttleMs - (Date.now() - last)));
    };
    if (refresh !== "live") {
      const interval = setInterval(schedule, Number(refresh) * 1_000);
      return () => {
        clearInterval(interval);
        clearTimeout(timer);
      };
    }
    const source = new EventSource("/live");
    source.addEventListener("open", () => setState({ kind: "live" }));
    source.addEventListener("change", schedule);
    source.addEventListener("error", () => {
      setState((before) => (before.kind === "lost" ? before : { kind: "lost", sinceMs: Date.now() }));
      // A refused stream (signed out, server gone) is closed for good by the browser: ask again later.
      if (source.readyState === EventSource.CLOSED) timer ??= setTimeout(() => setAttempt((count) => count + 1), 5_000);
    });
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [refresh, enabled, attempt]);

  return { state, reconnect: () => setAttempt((count) => count + 1) };
}
