import { type JudgedTime, judgeTime } from "../../pipeline/clock.ts";
import type { JudgeTime } from "./types.ts";

const limitUs = 5 * 60_000_000;

/**
 * Tells late messages from wrong clocks. What the broker kept while this worker was away, or while the database held it
 * up, comes late with the right time: as long as such a backlog can last, a time since the absence began is believed.
 */
export class Backlog {
  #sinceUs = Number.POSITIVE_INFINITY;
  #untilUs = Number.NEGATIVE_INFINITY;

  /**
   * Messages could not be taken from `fromUs` to `toUs`. What waited is believed to be through as long after as the
   * absence took, five minutes at least: then lateness is the clock's again.
   */
  note(fromUs: number, toUs: number): void {
    this.#sinceUs = toUs <= this.#untilUs ? Math.min(this.#sinceUs, fromUs) : fromUs;
    this.#untilUs = Math.max(this.#untilUs, toUs + Math.max(limitUs, toUs - fromUs));
  }

  explains(timeUs: number, nowUs: number): boolean {
    return nowUs <= this.#untilUs && timeUs < nowUs && timeUs >= this.#sinceUs - limitUs;
  }

  /** `judgeTime` of the pipeline, except that a message delayed on its way says nothing of its clock. */
  readonly judge: JudgeTime = (deviceTimeUs, receivedAtUs, options = {}): JudgedTime => {
    const judged = judgeTime(deviceTimeUs, receivedAtUs, options);
    const late = judged.quality === "clock_suspect" && this.explains(judged.timeUs, receivedAtUs);
    return late
      ? { ...judged, quality: options.historical ? "backfilled" : undefined, clockOffsetMs: undefined }
      : judged;
  };
}
