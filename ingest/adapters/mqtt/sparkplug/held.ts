import type { SparkplugPayload } from "./payload.ts";
import type { MessageType } from "./topic.ts";

export type EdgeMessage = {
  topic: string;
  type: MessageType;
  /** Name of the device; undefined for the node itself. */
  device: string | undefined;
  payload: SparkplugPayload;
  bytes: Uint8Array;
  receivedAtUs: number;
  dup: boolean;
};

/** A message that waits for another one, and the promise that its sender's acknowledgement hangs on. */
export type Held = { message: EdgeMessage; settle: (outcome: Promise<void>) => void };

/** Messages that wait, and one timer for the oldest of them. */
export class HeldMessages {
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #onTimeout: () => void;
  #held: Held[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { most: number; patienceMs: number; onTimeout: () => void }) {
    this.#most = options.most;
    this.#patienceMs = options.patienceMs;
    this.#onTimeout = options.onTimeout;
  }

  get size(): number {
    return this.#held.length;
  }

  get isFull(): boolean {
    return this.#held.length >= this.#most;
  }

  hold(message: EdgeMessage): Promise<void> {
    return new Promise((resolve) => this.put({ message, settle: resolve }));
  }

  put(held: Held): void {
    this.#held.push(held);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#onTimeout();
    }, this.#patienceMs);
  }

  /** Takes out those that `which` says, in the order in which they came. */
  take(which: (message: EdgeMessage) => boolean = () => true): Held[] {
    const taken = this.#held.filter(({ message }) => which(message));
    if (taken.length) this.#held = this.#held.filter(({ message }) => !which(message));
    if (this.#held.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    return taken;
  }
}
