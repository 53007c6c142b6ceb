import { useSyncExternalStore } from "react";

/**
 * What this browser knows of its connection to the console: the stream of events and the answers to requests. Outside
 * of React, because requests are sent outside of it. Times are the browser's own, in milliseconds since 1970.
 */

/** Since when nothing is heard; `reference`: the console's id of the last request that it could not answer. */
export type Connection = {
  lostSinceMs: number | undefined;
  stream: "none" | "open" | "lost";
  reference: string | undefined;
};

const longestPauseMs = 30_000;

const unknown: Connection = { lostSinceMs: undefined, stream: "none", reference: undefined };

let now = unknown;
/** A request was not answered, and none after it was. */
let unanswered = false;
const watchers = new Set<() => void>();
const waiting = new Set<() => void>();

function become(change: Partial<Connection>): void {
  const next = { ...now, ...change };
  if (Object.keys(change).every((key) => next[key as keyof Connection] === now[key as keyof Connection])) return;
  now = next;
  for (const watcher of watchers) watcher();
}

export const connection = {
  now: () => now,
  /** @returns how to stop. */
  watch(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
  /** The break is not over when a line is up again, but when the page has the console's present figures: `answered`. */
  streamOpened: () => become({ stream: "open" }),
  streamLost: () => become({ stream: "lost", lostSinceMs: now.lostSinceMs ?? Date.now() }),
  /** No stream is wanted any more. */
  streamClosed: () => become({ stream: "none", ...(!unanswered && { lostSinceMs: undefined }) }),
  answered(): void {
    unanswered = false;
    become({ reference: undefined, ...(now.stream !== "lost" && { lostSinceMs: undefined }) });
  },
  /** The console is there, and this one request failed in it. */
  failed(reference: string | null): void {
    unanswered = false;
    become({ reference: reference ?? undefined });
  },
  notAnswered(reference?: string | null): void {
    unanswered = true;
    become({ lostSinceMs: now.lostSinceMs ?? Date.now(), reference: reference ?? undefined });
  },
  /** Ends every pause. */
  tryNow(): void {
    for (const wake of [...waiting]) wake();
  },
  /**
   * Waits before the next attempt: 1 s, then twice as long each time, at most 30 s; spread by a quarter, so that not
   * every browser comes at once to a console that has just started. @throws the signal's reason.
   */
  pause(attempt: number, signal?: AbortSignal | null, random: () => number = Math.random): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void) => () => {
        clearTimeout(timer);
        waiting.delete(wake);
        signal?.removeEventListener("abort", abort);
        finish();
      };
      const wake = end(resolve);
      const abort = end(() => reject(signal?.reason));
      const timer = setTimeout(wake, Math.min(longestPauseMs, 1_000 * 2 ** attempt) * (0.75 + 0.5 * random()));
      waiting.add(wake);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
    });
  },
};

/** What the browser knows of its connection; on the server nothing. */
export const useConnection = () => useSyncExternalStore(connection.watch, connection.now, () => unknown);
