import type { Logger } from "pino";

type Part = { stop(): Promise<void> };

export type Supervision<P extends Part> = {
  name: string;
  /** Starts the part; it calls `onLost` when it ends and nobody had asked it to. */
  start(onLost: (what: string) => void): Promise<P>;
  log: Logger;
  /** The part is gone and does not come back: the process has nothing to stand on. Called once. */
  onGivenUp(reason: string): void;
  /** Pause before each further attempt, ms; as many attempts as entries. */
  pausesMs?: readonly number[];
  /** A part that stood for this long has all its attempts again, ms. */
  steadyMs?: number;
};

/** 0.5 s at first: what killed it may be over; 15 s in all, within the patience of whoever waits on a page. */
const defaultPausesMs = [500, 1_000, 2_000, 4_000, 8_000] as const;

/**
 * Starts an embedded server and starts it again when it ends by itself (a kill, the machine out of memory), later each
 * time. @returns the first one: its address stays, whichever runs. `stop` ends the one that runs.
 * @throws what the first start throws.
 */
export async function supervise<P extends Part>(options: Supervision<P>): Promise<{ first: P; stop(): Promise<void> }> {
  const { name, log, pausesMs = defaultPausesMs, steadyMs = 60_000 } = options;
  let [stopping, attempts, upSinceMs] = [false, 0, 0];
  let restarting: Promise<void> | undefined;
  let endPause = () => {};

  const attempt = async (): Promise<P> => {
    let gone: string | undefined;
    let up = false;
    const part = await options.start((what) => {
      if (up) lost(what);
      else gone = what;
    });
    if (gone !== undefined) throw new Error(gone);
    up = true;
    upSinceMs = performance.now();
    return part;
  };
  const lost = (what: string) => {
    if (!stopping) restarting = again(what);
  };
  const again = async (reason: string): Promise<void> => {
    if (performance.now() - upSinceMs >= steadyMs) attempts = 0;
    for (let what = reason; ; ) {
      const pauseMs = pausesMs[attempts++];
      if (pauseMs === undefined) {
        options.onGivenUp(`${what}. It was started again ${pausesMs.length} times and does not stay.`);
        return;
      }
      log.error({ part: name, attempt: attempts, pauseMs }, `${what}: it is started again`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (stopping) return;
      try {
        current = await attempt();
        log.warn({ part: name, attempt: attempts }, "is back");
        return;
      } catch (error) {
        // One line, whatever the server has written.
        what = `${name} could not be started: ${(error as Error).message.replace(/\s+/g, " ").trim().slice(0, 600)}`;
      }
    }
  };

  const first = await attempt();
  let current = first;
  return {
    first,
    async stop() {
      stopping = true;
      endPause();
      await restarting;
      await current.stop();
    },
  };
}
