import { isRetryable, PipelineClosedError } from "./errors.ts";

const firstBackoffMs = 100;
const longestBackoffMs = 3_000;

export type Waits = {
  /** The first failure of a piece of work. */
  onFailure(error: unknown): void;
  onRetry(): void;
  onRecovered(attempts: number): void;
};

/** Tries work again until the database can be reached, with jittered backoff from 100 ms to 3 s; what is permanent is thrown. */
export class Patience {
  readonly #waits: Waits;
  readonly #ends = new Set<() => void>();
  #gaveUp = false;

  constructor(waits: Waits) {
    this.#waits = waits;
  }

  /** @throws what `isRetryable` denies, and PipelineClosedError after `giveUp`. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      if (this.#gaveUp)
        throw new PipelineClosedError("The database could not be reached before the pipeline was closed.");
      try {
        const result = await work();
        if (attempt > 0) this.#waits.onRecovered(attempt);
        return result;
      } catch (error) {
        if (!isRetryable(error)) throw error;
        if (attempt === 0) this.#waits.onFailure(error);
        this.#waits.onRetry();
        const backoffMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt) * (0.5 + Math.random() / 2);
        await this.#nap(backoffMs);
      }
    }
  }

  /** Ends the waiting: work that fails from now on is not tried again. */
  giveUp(): void {
    this.#gaveUp = true;
    for (const end of this.#ends) end();
  }

  #nap(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#ends.add(end);
    });
  }
}
