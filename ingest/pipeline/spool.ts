import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "pino";
import { Gauge, type Registry } from "prom-client";
import { PipelineClosedError } from "./errors.ts";
import { decodeBatch, encodeBatch } from "./spool-batch.ts";
import type { ReadingRow, Sink } from "./types.ts";

export type SpoolOptions = {
  /** SQLite file; its folder is made. One process at a time. */
  file: string;
  sink: Pick<Sink, "readings" | "deadLetter">;
  log: Logger;
  metrics: Registry;
  /** Rows on disk at most, in bytes. At 10,000 readings a second 2 GB hold two hours. */
  mostBytes?: number;
};

export type Spool = {
  /** Takes rows; false when neither disk nor memory may hold more: these are lost, and counted by who asked. */
  write(rows: ReadingRow[]): boolean;
  /** undefined while rows go to the disk as they should. */
  notReady(): string | undefined;
  /** Brings what is in memory to the disk, and waits for open commits, 5 s at most; the rest stands for the next start. */
  close(): Promise<void>;
};

const flushEveryMs = 100;
/** Batches handed over and not yet committed; what comes beyond waits on the disk and not in memory. */
const mostOpenBatches = 4;
/** Rows of one batch read back from the disk, and kept in memory while the disk refuses. */
const mostRowsInMemory = 200_000;
const closePatienceMs = 5_000;
const twoGigabytes = 2 * 1024 ** 3;

/**
 * Keeps readings of devices that are asked and do not repeat themselves (Modbus and its like) from the moment they are
 * here until they are committed: on disk, so that neither a database that is away for hours nor a kill of this process
 * loses them, and memory stays flat. SQLite in WAL mode with synchronous=NORMAL: a batch survives the process; the last
 * moments may not survive a loss of power. Sent in order; a batch that is sent twice writes nothing the second time.
 * MQTT needs none of this: there the broker keeps what was not acknowledged.
 */
export function openSpool(options: SpoolOptions): Spool {
  const { file, sink, log, mostBytes = twoGigabytes } = options;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const disk = openDisk(file, log);
  const insert = disk.prepare("insert into batch (rows, data) values (?, ?)");
  const next = disk.prepare("select id, rows, data from batch where id > ? order by id limit 1");
  const remove = disk.prepare("delete from batch where id = ?");
  const waiting = disk.prepare(
    "select coalesce(sum(rows), 0) as rows, coalesce(sum(length(data)), 0) as bytes from batch",
  );

  let { rows: rowsOnDisk, bytes: bytesOnDisk } = waiting.get() as { rows: number; bytes: number };
  let fresh: ReadingRow[] = [];
  let lastSentId = 0;
  const sent = new Map<number, Promise<void>>();
  let problem: string | undefined;
  let closing = false;
  let closed = false;
  if (rowsOnDisk) log.info({ rows: rowsOnDisk }, "readings of an earlier run wait in the spool");

  gauge(options.metrics, "hs_ingest_spool_rows", "Rows in the spool that are not committed.", () => rowsOnDisk);
  gauge(options.metrics, "hs_ingest_spool_bytes", "Bytes of these rows.", () => bytesOnDisk);

  const toDisk = (): void => {
    if (fresh.length === 0) return;
    const data = encodeBatch(fresh);
    try {
      if (bytesOnDisk + data.length > mostBytes) throw new RangeError(`it holds ${bytesOnDisk} bytes of ${mostBytes}`);
      insert.run(fresh.length, data);
    } catch (error) {
      if (!problem)
        log.error({ err: error, rowsOnDisk, rowsInMemory: fresh.length }, "the spool takes no more readings");
      problem = `the spool takes no more readings: ${(error as Error).message}`;
      return;
    }
    rowsOnDisk += fresh.length;
    bytesOnDisk += data.length;
    fresh = [];
    if (problem) log.info("the spool takes readings again");
    problem = undefined;
  };
  const send = (): void => {
    while (sent.size < mostOpenBatches && !closing) {
      const found = next.get(lastSentId) as { id: number; rows: number; data: Uint8Array } | undefined;
      if (!found) return;
      const { id, rows, data } = found;
      lastSentId = id;
      const sending = Promise.resolve()
        .then(() => commit(decodeBatch(data)))
        .then(() => {
          if (closed) return;
          remove.run(id);
          rowsOnDisk -= rows;
          bytesOnDisk -= data.length;
          if (rowsOnDisk === 0) disk.exec("pragma incremental_vacuum(1000)");
        })
        .catch((error: unknown) => {
          // It stands for the next start: a pipeline that ends, or bytes that nobody can read.
          if (!(error instanceof PipelineClosedError))
            log.error({ err: error, batch: id }, "a batch of the spool was not written; it is kept");
        })
        .finally(() => {
          sent.delete(id);
          send();
        });
      sent.set(id, sending);
    }
  };

  /** Commits rows; one that the database refuses for good becomes a dead letter and costs no other. */
  const commit = async (rows: ReadingRow[]): Promise<void> => {
    try {
      await sink.readings(rows);
    } catch (error) {
      if (error instanceof PipelineClosedError) throw error;
      if (rows.length > 1) {
        const middle = Math.ceil(rows.length / 2);
        await commit(rows.slice(0, middle));
        await commit(rows.slice(middle));
        return;
      }
      const [row] = rows as [ReadingRow];
      await sink.deadLetter({
        receivedAtUs: row.receivedAtUs,
        source: `point ${row.pointId}`,
        reason: "invalid_value",
        detail: `refused by the database: ${(error as Error).message}`,
        payload: Buffer.from(JSON.stringify(row)),
      });
    }
  };

  const beat = (): void => {
    toDisk();
    send();
  };
  const timer = setInterval(beat, flushEveryMs);
  send();

  return {
    write(rows) {
      if (closing || fresh.length + rows.length > mostRowsInMemory) return false;
      for (const row of rows) fresh.push(row);
      return true;
    },
    notReady: () => problem,
    async close() {
      if (closing) return;
      clearInterval(timer);
      beat();
      closing = true;
      let patience: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        patience = setTimeout(resolve, closePatienceMs);
      });
      await Promise.race([Promise.all([...sent.values()]), late]);
      clearTimeout(patience);
      closed = true;
      disk.close();
    },
  };
}

/** Opens the file, or puts one that is damaged aside and begins anew: a broken spool must not stop what is measured now. */
function openDisk(file: string, log: Logger): DatabaseSync {
  try {
    return open(file);
  } catch (error) {
    const aside = `${file}.damaged-${Date.now()}`;
    log.error({ err: error, aside }, "the spool is damaged: it is put aside, and a new one begins");
    for (const end of ["", "-wal", "-shm"]) if (existsSync(file + end)) renameSync(file + end, aside + end);
    return open(file);
  }
}

function open(file: string): DatabaseSync {
  const disk = new DatabaseSync(file);
  try {
    disk.exec(`pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = normal;
      create table if not exists batch (id integer primary key autoincrement, rows integer not null, data blob not null) strict`);
    disk.prepare("select count(*) from batch").get();
    return disk;
  } catch (error) {
    disk.close();
    throw error;
  }
}

function gauge(registry: Registry, name: string, help: string, of: () => number): void {
  if (registry.getSingleMetric(name)) return;
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(of());
    },
  });
}
