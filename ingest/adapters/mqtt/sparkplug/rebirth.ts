import type { RebirthReason } from "./edge-node.ts";

const firstPauseMs = 10_000;
const longestPauseMs = 300_000;
/** A fleet that is reborn all at once would be a flood of its own. */
const mostPerSecond = 20;

/**
 * Asks edge nodes for their births: each once in ten seconds at most, ever more rarely while it does not answer, and no more
 * than twenty in a second altogether. A request that is not made now is asked for again by the next message.
 */
export class RebirthRequests {
  readonly #send: (edge: string, reason: RebirthReason) => boolean;
  readonly #clock: () => number;
  readonly #edges = new Map<string, { notBeforeMs: number; pauseMs: number }>();
  #second = 0;
  #sent = 0;

  /** `send` says whether it could. */
  constructor(send: (edge: string, reason: RebirthReason) => boolean, clock: () => number) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Whether it was sent. */
  request(edge: string, reason: RebirthReason): boolean {
    const nowMs = this.#clock();
    const { notBeforeMs, pauseMs } = this.#edges.get(edge) ?? { notBeforeMs: 0, pauseMs: firstPauseMs };
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) [this.#second, this.#sent] = [second, 0];
    if (nowMs < notBeforeMs || this.#sent >= mostPerSecond || !this.#send(edge, reason)) return false;
    this.#sent++;
    this.#edges.set(edge, { notBeforeMs: nowMs + pauseMs, pauseMs: Math.min(pauseMs * 2, longestPauseMs) });
    return true;
  }

  /** It was born: it may be asked again soon, but not in a loop. */
  answered(edge: string): void {
    const asked = this.#edges.get(edge);
    if (asked) this.#edges.set(edge, { ...asked, pauseMs: firstPauseMs });
  }

  forget(edge: string): void {
    this.#edges.delete(edge);
  }
}
