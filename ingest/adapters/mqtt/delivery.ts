import { PipelineClosedError } from "../../pipeline/errors.ts";
import type { DeadLetterReason, Settled, Sink } from "../../pipeline/types.ts";
import type { Decoded } from "./types.ts";

type Origin = { topic: string; payload: Uint8Array; receivedAtUs: number };

/** Hands what a message gave to the sink; resolves when all of it is committed and the message may be acknowledged. */
export class Delivery {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /**
   * @throws PipelineClosedError when the rows must be sent again. Rows that the database refuses for good would be refused
   * again: they become a dead letter.
   */
  async rows(origin: Origin, deviceId: string, decoded: Decoded): Promise<void> {
    const { readings, gpuSamples, problems, clockOffsetMs } = decoded;
    const [first] = problems;
    if (first?.reason === "malformed") this.#sink.failed(deviceId, origin.receivedAtUs, `malformed: ${first.detail}`);
    else this.#sink.seen(deviceId, origin.receivedAtUs, clockOffsetMs);
    await allDone([
      ...(readings.length ? [this.#orRefused(origin, this.#sink.readings(readings))] : []),
      ...(gpuSamples.length ? [this.#orRefused(origin, this.#sink.gpuSamples(gpuSamples))] : []),
      ...problems.map(({ reason, detail }) => this.refuse(origin, reason, detail)),
    ]);
  }

  /** `rows` without a promise where a message gave readings and nothing else, as nearly all do. */
  take(origin: Origin, deviceId: string, decoded: Decoded, settled: Settled): void {
    const { readings, gpuSamples, problems, clockOffsetMs } = decoded;
    if (problems.length || gpuSamples.length || readings.length === 0) {
      this.rows(origin, deviceId, decoded).then(() => settled(), settled);
      return;
    }
    this.#sink.seen(deviceId, origin.receivedAtUs, clockOffsetMs);
    this.#sink.take(readings, (error) => {
      if (error === undefined || error instanceof PipelineClosedError) settled(error);
      else this.#refusedByDatabase(origin, error).then(() => settled(), settled);
    });
  }

  refuse({ topic, payload, receivedAtUs }: Origin, reason: DeadLetterReason, detail: string): Promise<void> {
    return this.#sink.deadLetter({ receivedAtUs, source: topic, reason, detail, payload });
  }

  async #orRefused(origin: Origin, writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      if (error instanceof PipelineClosedError) throw error;
      await this.#refusedByDatabase(origin, error as Error);
    }
  }

  #refusedByDatabase(origin: Origin, error: Error): Promise<void> {
    return this.refuse(origin, "invalid_value", `refused by the database: ${error.message}`);
  }
}

/** Waits for all, also when one fails, so that no write is still under way when its message is given back. */
async function allDone(work: Promise<void>[]): Promise<void> {
  if (work.length === 1) return work[0];
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
