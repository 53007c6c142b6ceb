import { createHash } from "node:crypto";
import type { Incoming } from "./types.ts";

const comesAgainWithinUs = 60_000_000;

type Arrived = Pick<Incoming, "topic" | "payload" | "receivedAtUs">;

/**
 * When messages first came that the broker will send again because their acknowledgement was lost with the connection. A
 * message without a time of its own is stamped with its arrival: the second delivery must bear the first one's, or it
 * would be another reading.
 */
export class FirstArrivals {
  readonly #byMessage = new Map<string, number[]>();
  #untilUs = Number.POSITIVE_INFINITY;

  /** The connection is lost: these will come again, in this order, and what had not come again yet. */
  keep(messages: Arrived[]): void {
    this.#untilUs = Number.POSITIVE_INFINITY;
    for (const message of messages) {
      const key = keyOf(message);
      const times = this.#byMessage.get(key);
      if (times) times.push(message.receivedAtUs);
      else this.#byMessage.set(key, [message.receivedAtUs]);
    }
  }

  /**
   * The connection is back. What comes again comes first: whatever equals it later is another message, as a sensor's
   * that says the same all day. `sessionPresent` false: the broker forgot, and nothing comes again.
   */
  resume(nowUs: number, sessionPresent: boolean): void {
    if (!sessionPresent) this.#byMessage.clear();
    this.#untilUs = nowUs + comesAgainWithinUs;
  }

  /** The first arrival of a message, told once; otherwise the arrival that it says. */
  of(message: Arrived): number {
    if (message.receivedAtUs > this.#untilUs) this.#byMessage.clear();
    if (this.#byMessage.size === 0) return message.receivedAtUs;
    const key = keyOf(message);
    const times = this.#byMessage.get(key);
    const first = times?.shift();
    if (times?.length === 0) this.#byMessage.delete(key);
    return first ?? message.receivedAtUs;
  }
}

function keyOf({ topic, payload }: Arrived): string {
  return `${topic}\0${createHash("sha1").update(payload).digest("base64")}`;
}
