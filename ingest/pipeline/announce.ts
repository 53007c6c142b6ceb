import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import { channels } from "#db/notify.ts";
import type { Batch } from "./batch.ts";

const everyMs = 1_000;

/** Tells `channels.readings` which centres have new readings, at once and then at most once a second. */
export class ReadingsAnnouncer {
  readonly #db: Database;
  readonly #log: Logger;
  #points = new Set<number>();
  #gpus = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;
  #closed = false;

  constructor(db: Database, log: Logger) {
    this.#db = db;
    this.#log = log;
  }

  committed({ readings, gpuSamples }: Batch): void {
    for (const { pointId } of readings) this.#points.add(pointId);
    for (const { gpuId } of gpuSamples) this.#gpus.add(gpuId);
    if (!this.#timer && !this.#closed && this.#points.size + this.#gpus.size > 0) this.#tell();
  }

  /** Tells what is still to tell. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#telling;
    if (this.#points.size + this.#gpus.size > 0) this.#tell();
    await this.#telling;
  }

  #tell(): void {
    if (!this.#closed) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        if (this.#points.size + this.#gpus.size > 0) this.#tell();
      }, everyMs);
    }
    const [points, gpus] = [[...this.#points], [...this.#gpus]];
    this.#points = new Set();
    this.#gpus = new Set();
    // Best effort: who misses a message looks again by itself.
    this.#telling = this.#send(points, gpus).catch((error: unknown) =>
      this.#log.debug({ err: error }, "new readings could not be announced"),
    );
  }

  async #send(points: number[], gpus: number[]): Promise<void> {
    const { rows } = await this.#db.pool.query<{ id: string }>(
      `select d.centre_id as id from point p join device d on d.id = p.device_id where p.id = any($1::int[])
       union select r.centre_id from gpu g join rack r on r.id = g.rack_id where g.id = any($2::int[]) order by 1`,
      [points, gpus],
    );
    if (rows.length) await this.#db.notify(channels.readings, { centreIds: rows.map(({ id }) => id) });
  }
}
