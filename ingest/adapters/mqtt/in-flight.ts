export type InFlightLimits = { messages: number; bytes: number };

/**
 * Messages between their arrival and their commit. When they are too many or too large the next is not asked for, so that
 * they wait at the broker: this worker's memory is no place for more.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  #messages = 0;
  #bytes = 0;
  #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get count(): InFlightLimits {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  get isFull(): boolean {
    return this.#messages >= this.#limits.messages || this.#bytes >= this.#limits.bytes;
  }

  add(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    if (this.#waiting.length && !this.isFull) this.releaseWaiting();
    if (this.#messages === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Calls `next` now, or when there is room again. */
  whenRoom(next: () => void): void {
    if (this.isFull) this.#waiting.push(next);
    else next();
  }

  /** Those who wait go on now: their connection is gone. */
  releaseWaiting(): void {
    for (const next of this.#waiting.splice(0)) next();
  }

  /** Resolves when nothing is under way, or after `patienceMs`. */
  async idle(patienceMs: number): Promise<void> {
    if (this.#messages === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      timer = setTimeout(resolve, patienceMs);
    });
    clearTimeout(timer);
  }
}
