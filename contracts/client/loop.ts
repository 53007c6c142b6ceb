import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import type { Channel } from "#db/notify.ts";

export type LoopOptions = {
  db: Database;
  log: Logger;
  everyMs: number;
  /** A message on one of these starts the next tick at once. */
  wakeOn: Channel[];
  /** A long tick asks `stopped` now and then. */
  tick(stopped: () => boolean): Promise<void>;
  onError(error: unknown): void;
};

/**
 * Runs `tick` again and again, never two at once, soon after a notification and after `everyMs` at the latest. A tick that
 * fails is told once for each new message and tried again, later each time, up to 15 s.
 */
export async function startLoop({
  db,
  log,
  everyMs,
  wakeOn,
  tick,
  onError,
}: LoopOptions): Promise<{ stop(): Promise<void> }> {
  let stopped = false;
  let wake: (() => void) | undefined;
  let woken = false;
  const poke = () => {
    woken = true;
    wake?.();
  };
  const subscriptions = await Promise.all(wakeOn.map((channel) => db.listen(channel, poke, poke)));
  const running = (async () => {
    let failures = 0;
    let told = "";
    while (!stopped) {
      woken = false;
      try {
        await tick(() => stopped);
        if (failures > 0) log.info("works again");
        failures = 0;
        told = "";
      } catch (error) {
        if (stopped) break;
        failures++;
        onError(error);
        const message = (error as Error).message.split("\n")[0] ?? "";
        if (message !== told) log.warn({ err: error }, "did not get through; it is tried again");
        told = message;
      }
      // After a failure a notification does not hurry it.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, failures ? Math.min(everyMs * 2 ** failures, 15_000) : everyMs);
        wake = () => {
          if (failures && !stopped) return;
          clearTimeout(timer);
          resolve();
        };
        if (stopped || (woken && !failures)) wake();
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      wake?.();
      await Promise.allSettled(subscriptions.map((subscription) => subscription.stop()));
      await running;
    },
  };
}
