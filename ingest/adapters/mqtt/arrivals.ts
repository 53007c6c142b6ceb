import { createHash } from "node:crypto";
import type { Incoming } from "./types.ts";

type Arrived = Pick<Incoming, "topic" | "payload" | "receivedAtUs">;

/**
 * When messages first came that the broker will send again because their acknowledgement was lost with the connection. A
 * message without a time of its own is stamped with its arrival: the second delivery must bear the first one's, or it
 * would be another reading.
 */
export class FirstArrivals {
  readonly #byMessage = new Map<string, number[]>();

  /** In the order of arrival. */
  keep(messages: Arrived[]): void {
    for (const message of messages) {
      const key = keyOf(message);
      const times = this.#byMessage.get(key);
      if (times) times.push(message.receivedAtUs);
      else this.#byMessage.set(key, [message.receivedAtUs]);
    }
  }

  /** The first arrival of a message, told once; otherwise the arrival that it says. */
  of(message: Arrived): number {
    if (this.#byMessage.size === 0) return message.receivedAtUs;
    const key = keyOf(message);
    const times = this.#byMessage.get(key);
    const first = times?.shift();
    if (times?.length === 0) this.#byMessage.delete(key);
    return first ?? message.receivedAtUs;
  }

  /** The broker forgot the session, or sent everything again. */
  clear(): void {
    this.#byMessage.clear();
  }
}

function keyOf({ topic, payload }: Arrived): string {
  return `${topic}\0${createHash("sha1").update(payload).digest("base64")}`;
}
