import { ModbusError } from "./errors.ts";

const firstRestMs = 1_000;
const longestRestMs = 8_000;
/** Probes of dead units may take this share of a gateway's time: a serial gateway blocks while it waits for one. */
const probeShare = 1 / 4;

/**
 * A unit behind a gateway: its requests run one after another, and after a failure it rests, doubling from 1 s to 8 s
 * with jitter.
 */
export class Unit {
  readonly id: number;
  #tail: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #restUntilMs = 0;

  constructor(id: number) {
    this.id = id;
  }

  get isDead(): boolean {
    return this.#failures > 0;
  }

  /** Runs `task` when all before it are done. */
  enqueue<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => {});
    return result;
  }

  /** @throws ModbusError `resting` before the next probe is due. */
  assertAwake(nowMs: number): void {
    if (nowMs < this.#restUntilMs) {
      throw new ModbusError(
        "resting",
        `unit ${this.id} did not answer; asked again in ${this.#restUntilMs - nowMs} ms`,
      );
    }
  }

  answered(): void {
    this.#failures = 0;
    this.#restUntilMs = 0;
  }

  failed(nowMs: number, random: () => number): void {
    const restMs = Math.min(longestRestMs, firstRestMs * 2 ** this.#failures);
    this.#failures++;
    this.#restUntilMs = nowMs + restMs * (0.5 + random() / 2);
  }
}

/** Lets one probe of a dead unit through at a time, and then leaves the gateway to the others for a while. */
export class ProbeRation {
  #probing = false;
  #nextAtMs = 0;

  get isProbing(): boolean {
    return this.#probing;
  }

  /** @throws ModbusError `resting` when another probe runs or ran just now. */
  begin(unitId: number, nowMs: number): void {
    if (this.#probing || nowMs < this.#nextAtMs) {
      throw new ModbusError("resting", `unit ${unitId} did not answer; another silent unit is being asked`);
    }
    this.#probing = true;
  }

  end(answered: boolean, startedAtMs: number, nowMs: number): void {
    this.#probing = false;
    // One that came back is often not the only one: the next may be asked at once.
    this.#nextAtMs = answered ? nowMs : nowMs + (nowMs - startedAtMs) * (1 / probeShare - 1);
  }
}
