import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { ReadingsAnnouncer } from "./announce.ts";
import { type Batch, commitBatch } from "./batch.ts";
import { isRetryable, PipelineClosedError } from "./errors.ts";
import { pipelineMetrics } from "./metrics.ts";
import { Patience } from "./patience.ts";
import { checkGpuSamples, checkReadings } from "./rows.ts";
import type { GpuSampleRow, ReadingRow, Settled, Sink } from "./types.ts";

export type WriterOptions = { db: Database; log: Logger; clock: () => number; metrics: Registry };
export type Writer = Pick<Sink, "readings" | "take" | "gpuSamples"> & {
  /** Commits what waits, for 4 s at most; what is then left is refused, so that its callers do not acknowledge it. */
  close(): Promise<void>;
};

/** Rows of one transaction at most; a caller with more gets several. */
const mostRows = 20_000;
/** A small batch waits this long for company. */
const lingerMs = 20;
const eagerRows = 2_000;
const closePatienceMs = 4_000;

type Entry = Batch & { rows: number; settled: Settled };
const noReadings: ReadingRow[] = [];
const noSamples: GpuSampleRow[] = [];

/**
 * Commits the rows of many callers together; each caller's promise resolves after its rows are committed, with everything
 * that follows from them. While the database cannot be reached callers wait: what they hold meanwhile they bound
 * themselves (the spool; MQTT's receive maximum). A row that the database refuses for good costs
 * its own caller's rows and nobody else's.
 */
export function openWriter({ db, log, clock, metrics: registry }: WriterOptions): Writer {
  const metrics = pipelineMetrics(registry);
  const announcer = new ReadingsAnnouncer(db, log);
  const queue: Entry[] = [];
  let waiting = 0;
  let running: Promise<void> | undefined;
  let closing = false;
  /** Ends the wait for company, where there is one. */
  let hurry: (() => void) | undefined;
  const patience = new Patience({
    onFailure: (error) =>
      log.warn({ err: error, waitingRows: waiting }, "readings wait: the database cannot be reached"),
    onRetry: () => metrics.retries.inc(),
    onRecovered: (attempts) => log.info({ attempts, waitingRows: waiting }, "the database takes readings again"),
  });

  const enqueue = (
    readings: ReadingRow[],
    suspects: ReadingRow[],
    gpuSamples: GpuSampleRow[],
    settled: Settled,
  ): void => {
    const rows = readings.length + suspects.length + gpuSamples.length;
    if (rows === 0 || closing) {
      settled(rows ? new PipelineClosedError("The pipeline is closed; these rows were not written.") : undefined);
      return;
    }
    queue.push({ readings, suspects, gpuSamples, rows, settled });
    waiting += rows;
    if (waiting >= eagerRows) hurry?.();
    running ??= run();
  };
  const promised = (readings: ReadingRow[], suspects: ReadingRow[], gpuSamples: GpuSampleRow[]) =>
    new Promise<void>((resolve, reject) =>
      enqueue(readings, suspects, gpuSamples, (error) => (error ? reject(error) : resolve())),
    );

  /** Several transactions for a caller with very many rows; waits for all of them, also when one is refused. */
  const all = async (batches: Promise<void>[]): Promise<void> => {
    const results = await Promise.allSettled(batches);
    const refused = results.find((result) => result.status === "rejected");
    if (refused) throw refused.reason;
  };

  const company = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => hurry?.(), lingerMs);
      hurry = () => {
        hurry = undefined;
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async () => {
    while (queue.length) {
      if (waiting < eagerRows && !closing) await company();
      let [taken, rows] = [1, queue[0]!.rows];
      while (taken < queue.length && rows + queue[taken]!.rows <= mostRows) rows += queue[taken++]!.rows;
      await settle(queue.splice(0, taken));
    }
    running = undefined;
  };

  /** Commits entries together; when the database refuses them for good, halves, until the culprit stands alone. */
  const settle = async (entries: Entry[]): Promise<void> => {
    const batch = together(entries);
    try {
      await patience.run(() => commit(batch));
    } catch (error) {
      if (entries.length > 1 && !(error instanceof PipelineClosedError)) {
        const middle = Math.ceil(entries.length / 2);
        await settle(entries.slice(0, middle));
        await settle(entries.slice(middle));
        return;
      }
      for (const entry of entries) {
        done(entry);
        entry.settled(error as Error);
      }
      if (error instanceof PipelineClosedError) return;
      metrics.refused.inc(entries[0]!.rows);
      log.error({ err: error, rows: entries[0]!.rows }, "rows were refused by the database");
      return;
    }
    count(batch);
    announcer.committed(batch);
    for (const entry of entries) {
      done(entry);
      entry.settled();
    }
  };

  const count = ({ readings, suspects, gpuSamples }: Batch) => {
    const byQuality = new Map<string, number>();
    for (const { quality } of readings) byQuality.set(quality, (byQuality.get(quality) ?? 0) + 1);
    for (const [quality, rows] of byQuality) metrics.readings.inc({ quality }, rows);
    metrics.readings.inc({ quality: "clock_suspect" }, suspects.length);
    metrics.gpuSamples.inc(gpuSamples.length);
  };

  const done = ({ rows }: Entry) => {
    waiting -= rows;
  };
  metrics.waitingRows(() => waiting);

  const commit = async (batch: Batch): Promise<void> => {
    const client = await db.pool.connect();
    let failure: Error | undefined;
    // A checked-out client says by an event that it lost its connection; the query that runs fails as well.
    const onLost = (error: Error) => {
      failure = error;
    };
    client.on("error", onLost);
    const stop = metrics.commitSeconds.startTimer();
    try {
      const { corrected, repeated } = await commitBatch(client, batch, clock());
      metrics.corrections.inc(corrected);
      metrics.repetitions.inc(repeated);
      metrics.batchRows.observe(batch.readings.length + batch.suspects.length + batch.gpuSamples.length);
      stop();
    } catch (error) {
      if (isRetryable(error)) failure ??= error as Error;
      throw error;
    } finally {
      client.off("error", onLost);
      client.release(failure);
    }
  };

  /** In as many transactions as it takes. */
  const readings = async (rows: ReadingRow[]): Promise<void> => {
    const checked = checkReadings(rows);
    if (checked.every(isTimely)) return all(portions(checked).map((part) => promised(part, noReadings, noSamples)));
    const [timely, suspects] = [checked.filter(isTimely), checked.filter((row) => !isTimely(row))];
    return all([
      ...portions(timely).map((part) => promised(part, noReadings, noSamples)),
      ...portions(suspects).map((part) => promised(noReadings, part, noSamples)),
    ]);
  };

  return {
    readings,
    take(rows, settled) {
      if (rows.length > mostRows || !rows.every(isTimely)) {
        readings(rows).then(() => settled(), settled);
        return;
      }
      try {
        enqueue(checkReadings(rows), noReadings, noSamples, settled);
      } catch (error) {
        settled(error as Error);
      }
    },
    async gpuSamples(rows) {
      return all(portions(checkGpuSamples(rows)).map((part) => promised(noReadings, noReadings, part)));
    },
    async close() {
      closing = true;
      hurry?.();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => {
          patience.giveUp();
          // A transaction that hangs is not waited for: nobody was told that it is committed.
          timer = setTimeout(() => resolve("late"), 200);
        }, closePatienceMs);
      });
      const end = await Promise.race([running, late]);
      clearTimeout(timer);
      if (end !== "late") await announcer.close();
    },
  };
}

const isTimely = ({ quality }: ReadingRow) => quality !== "clock_suspect";

function together(entries: Entry[]): Batch {
  if (entries.length === 1) return entries[0]!;
  const batch: Batch = { readings: [], suspects: [], gpuSamples: [] };
  for (const { readings, suspects, gpuSamples } of entries) {
    for (const row of readings) batch.readings.push(row);
    for (const row of suspects) batch.suspects.push(row);
    for (const row of gpuSamples) batch.gpuSamples.push(row);
  }
  return batch;
}

function portions<Row>(rows: Row[]): Row[][] {
  if (rows.length <= mostRows) return [rows];
  return Array.from({ length: Math.ceil(rows.length / mostRows) }, (_, at) =>
    rows.slice(at * mostRows, (at + 1) * mostRows),
  );
}
