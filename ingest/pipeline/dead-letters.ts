import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import type { PipelineMetrics } from "./metrics.ts";
import type { Patience } from "./patience.ts";
import type { DeadLetter } from "./types.ts";

const hourUs = 3_600_000_000;
const mostPayloadBytes = 64 * 1024;
/** What is kept in an hour at most, so that a flood cannot fill the disk. Everything is counted. */
const limits = { perSource: 100, letters: 1_000, bytes: 8 * 1024 * 1024 };

/** Keeps messages that could not become readings, the first of each source and hour, and counts them all. */
export class DeadLetters {
  readonly #db: Database;
  readonly #log: Logger;
  readonly #metrics: PipelineMetrics;
  readonly #patience: Patience;
  #hour = Number.NaN;
  #bySource = new Map<string, number>();
  #letters = 0;
  #bytes = 0;

  constructor(db: Database, log: Logger, metrics: PipelineMetrics, patience: Patience) {
    this.#db = db;
    this.#log = log;
    this.#metrics = metrics;
    this.#patience = patience;
  }

  /** Resolves when the letter is kept, or counted only. */
  async keep(letter: DeadLetter): Promise<void> {
    this.#metrics.deadLetters.inc({ reason: letter.reason });
    const payload = Buffer.from(letter.payload.subarray(0, mostPayloadBytes));
    if (!this.#admit(letter, payload.length)) return;
    await this.#patience.run(() =>
      this.#db.pool.query(
        `insert into dead_letter (received_at, source, reason, detail, payload, payload_bytes)
         values (to_timestamp($1::float8 / 1000000), $2, $3, $4, $5, $6)`,
        [
          letter.receivedAtUs,
          storable(letter.source, 500),
          letter.reason,
          storable(letter.detail, 1_000),
          payload,
          letter.payload.length,
        ],
      ),
    );
  }

  #admit({ source, receivedAtUs }: DeadLetter, bytes: number): boolean {
    const hour = Math.floor(receivedAtUs / hourUs);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#bySource = new Map();
      this.#letters = 0;
      this.#bytes = 0;
    }
    if (this.#letters >= limits.letters || this.#bytes + bytes > limits.bytes) return false;
    const ofSource = this.#bySource.get(source) ?? 0;
    if (ofSource >= limits.perSource) return false;
    this.#bySource.set(source, ofSource + 1);
    this.#letters++;
    this.#bytes += bytes;
    if (ofSource + 1 === limits.perSource)
      this.#log.warn(
        { source: storable(source, 200) },
        "many dead letters of one source: more of this hour are counted only",
      );
    if (this.#letters === limits.letters) this.#log.warn("very many dead letters: more of this hour are counted only");
    return true;
  }
}

/** PostgreSQL's text holds no NUL; a topic or a parser's message may be long. */
function storable(text: string, mostCharacters: number): string {
  return text.slice(0, mostCharacters).replaceAll("\0", "\ufffd");
}
