import { DeadLetters } from "./dead-letters.ts";
import { HealthBook, markStale } from "./health.ts";
import { pipelineMetrics } from "./metrics.ts";
import { Patience } from "./patience.ts";
import type { Sink } from "./types.ts";
import { openWriter, type WriterOptions } from "./writer.ts";

export type OpenSink = Sink & {
  /** undefined when the database answered lately, else what is wrong. */
  notReady(): string | undefined;
  /** The fleet changed: devices get their time to speak before they count as silent. */
  listenAnew(): void;
  /** Commits what waits, 4 s at most, and what was heard of devices. */
  close(): Promise<void>;
};

const healthEveryMs = 1_000;
/** Without an answer of the database for this long ingest is not ready. */
const unwellAfterMs = 5_000;

/**
 * What adapters write to. With `watchSilence` it also marks devices stale: one process that listens to all of them does.
 */
export function openSink(options: WriterOptions & { watchSilence?: boolean }): OpenSink {
  const { db, log, clock, watchSilence = false } = options;
  const metrics = pipelineMetrics(options.metrics);
  const writer = openWriter(options);
  const patience = new Patience({
    onFailure: (error) => log.warn({ err: error }, "dead letters wait: the database cannot be reached"),
    onRetry: () => {},
    onRecovered: () => log.info("dead letters are kept again"),
  });
  const letters = new DeadLetters(db, log, metrics, patience);
  const health = new HealthBook(db);
  let listeningSinceMs = clock();
  let wellAtMs: number | undefined;
  let failing = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const beat = async () => {
    try {
      await health.flush();
      // After what was heard is written, so that an outage of the database silences nobody.
      if (watchSilence) metrics.staleDevices.set(await markStale(db, listeningSinceMs, clock()));
      else if (wellAtMs === undefined || failing) await db.pool.query("select 1");
      wellAtMs = clock();
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, "the health of sources cannot be written; tried again every second");
      failing = true;
    }
  };
  const loop = async () => {
    await beat();
    if (!closed) timer = setTimeout(() => (beating = loop()), healthEveryMs);
  };
  let beating: Promise<void> = loop();

  return {
    readings: (rows) => writer.readings(rows),
    take: (rows, settled) => writer.take(rows, settled),
    gpuSamples: (rows) => writer.gpuSamples(rows),
    deadLetter: (letter) => letters.keep(letter),
    seen: (deviceId, atUs, clockOffsetMs) => health.seen(deviceId, atUs, clockOffsetMs),
    failed: (deviceId, atUs, error) => health.failed(deviceId, atUs, error),
    listenAnew() {
      listeningSinceMs = clock();
    },
    notReady() {
      if (wellAtMs === undefined) return "the database was not reached yet";
      const silentMs = clock() - wellAtMs;
      return failing && silentMs > unwellAfterMs
        ? `the database has not answered for ${Math.round(silentMs / 1_000)} s`
        : undefined;
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await writer.close();
      patience.giveUp();
      // Best effort, and not longer than a moment where the database hangs.
      await Promise.race([beating.then(() => health.flush()).catch(() => {}), pause(500)]);
    },
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
