import type { Incoming } from "./types.ts";

/** A QoS 1 message that waits for its acknowledgement. */
export type Expected = {
  readonly messageId: number;
  readonly message: Incoming;
  readonly sinceUs: number;
  settled: boolean;
};

/**
 * Acknowledgements of one connection: in the order in which the messages came, as MQTT demands (4.6), each after its
 * commit, and as many as are due in one write.
 */
export class AckQueue {
  readonly #write: (packets: Buffer, acknowledged: Expected[]) => boolean;
  readonly #queue: Expected[] = [];
  #scheduled = false;

  /** `write` says whether the connection was there to write to. */
  constructor(write: (packets: Buffer, acknowledged: Expected[]) => boolean) {
    this.#write = write;
  }

  expect(messageId: number, message: Incoming, sinceUs: number): Expected {
    const expected = { messageId, message, sinceUs, settled: false };
    this.#queue.push(expected);
    return expected;
  }

  /** The message is committed. */
  settle(expected: Expected): void {
    expected.settled = true;
    if (this.#scheduled || this.#queue[0] !== expected) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  /** What the broker will send again when the connection ends now, in the order in which it came. */
  unacknowledged(): Incoming[] {
    return this.#queue.map(({ message }) => message);
  }

  /** Writes what is due now. */
  flush(): void {
    this.#scheduled = false;
    let end = 0;
    while (this.#queue[end]?.settled) end++;
    if (end === 0) return;
    const due = this.#queue.slice(0, end);
    // PUBACK without a reason code: the same four bytes in MQTT 3.1.1 and 5.
    const packets = Buffer.allocUnsafe(due.length * 4);
    for (const [at, { messageId }] of due.entries()) packets.writeUInt32BE(0x40_02_00_00 + messageId, at * 4);
    if (this.#write(packets, due)) this.#queue.splice(0, end);
  }
}
