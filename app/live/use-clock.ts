import { useSyncExternalStore } from "react";
import type { RootData } from "../root-data.ts";
import { useConnection } from "./use-connection.ts";

/** A page that refreshes by itself has an answer newer than this. */
const usualMs = 15_000;
/** A figure of an answer older than this is stale, whatever it says of itself: of a page that asks at least every 10 s. */
const oldMs = 30_000;
/** The same of a page that asks every minute or by hand. */
const oldSlowMs = 90_000;

const arrivals = new WeakMap<RootData, number>();

/** When an answer came, by the browser's clock. */
function arrivedMs(data: RootData): number {
  const known = arrivals.get(data);
  if (known !== undefined) return known;
  const nowMs = Date.now();
  arrivals.set(data, nowMs);
  return nowMs;
}

const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function everySecond(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    for (const each of watchers) each();
  }, 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/**
 * How long ago the page's figures came, in whole seconds as ms; 0 while answers come as they should, because each brings
 * its own ages. Otherwise ages must go on by the browser's clock: nothing freezes silently.
 */
export function useElapsedMs(data: RootData | undefined): number {
  const lost = useConnection().lostSinceMs !== undefined;
  const elapsed = () => {
    if (!data) return 0;
    const ms = Date.now() - arrivedMs(data);
    return lost || ms > usualMs ? Math.max(0, Math.floor(ms / 1_000) * 1_000) : 0;
  };
  return useSyncExternalStore(everySecond, elapsed, () => 0);
}

/** Whether figures of an answer this old are stale. */
export const isOld = (elapsedMs: number, refresh: RootData["refresh"]) =>
  elapsedMs > (refresh === "live" || refresh === "10" ? oldMs : oldSlowMs);

/** An instant of the browser's clock on the console's, which may differ. */
export const onConsoleClock = (browserMs: number, data: RootData) => data.nowMs + (browserMs - arrivedMs(data));
