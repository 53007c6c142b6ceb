/**
 * Counts failures per key in a sliding window, in memory: enough for a sign-in form, gone with the process.
 * `limit` failures within `windowMs` close the key until the oldest is out of the window.
 */
export function createRateLimit(limit: number, windowMs: number, maximumKeys = 10_000) {
  const failures = new Map<string, number[]>();
  const fresh = (key: string, nowMs: number) => (failures.get(key) ?? []).filter((at) => nowMs - at < windowMs);
  return {
    /** Milliseconds to wait; 0: go ahead. */
    waitMs(key: string, nowMs: number): number {
      const times = fresh(key, nowMs);
      return times.length < limit ? 0 : windowMs - (nowMs - times[0]!);
    },
    fail(key: string, nowMs: number): void {
      const times = [...fresh(key, nowMs), nowMs].slice(-limit);
      failures.delete(key);
      failures.set(key, times);
      // The longest untouched key goes first: a flood of made-up names cannot fill the memory.
      if (failures.size > maximumKeys) failures.delete(failures.keys().next().value as string);
    },
    /** Takes back one failure that was counted at `atMs` and turned out to be none. */
    forgive(key: string, atMs: number): void {
      const times = failures.get(key);
      const at = times?.lastIndexOf(atMs) ?? -1;
      if (at < 0) return;
      times!.splice(at, 1);
      if (times!.length === 0) failures.delete(key);
    },
    succeed(key: string): void {
      failures.delete(key);
    },
  };
}
