import type { Logger } from "pino";
import type { ReadingRow, Sink } from "../../pipeline/types.ts";

/** Rows that may wait for their commit; the memory of this worker is not the place to keep more. */
const mostWaitingRows = 200_000;
const stopPatienceMs = 5_000;

/** Hands rows to the sink without holding up the polls, and counts those whose commit is awaited. */
export class RowWriter {
  readonly #sink: Pick<Sink, "readings">;
  readonly #log: Logger;
  readonly #writing = new Set<Promise<void>>();
  #waitingRows = 0;
  #full = false;

  constructor(sink: Pick<Sink, "readings">, log: Logger) {
    this.#sink = sink;
    this.#log = log;
  }

  /** false when too many rows wait already: these are not taken. */
  write(rows: ReadingRow[]): boolean {
    if (this.#waitingRows + rows.length > mostWaitingRows) {
      if (!this.#full)
        this.#log.warn({ waitingRows: this.#waitingRows }, "Modbus readings are left out until the database keeps up");
      this.#full = true;
      return false;
    }
    this.#full = false;
    this.#waitingRows += rows.length;
    const writing = this.#sink
      .readings(rows)
      .catch((error: unknown) => {
        this.#log.error({ err: error, rows: rows.length }, "Modbus readings were not written");
      })
      .finally(() => {
        this.#waitingRows -= rows.length;
        this.#writing.delete(writing);
      });
    this.#writing.add(writing);
    return true;
  }

  /** Waits for open commits, 5 s at most. */
  async drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, stopPatienceMs);
    });
    await Promise.race([Promise.allSettled([...this.#writing]), patience]);
    clearTimeout(timer);
  }
}
