import type { Problem, SparkplugDevice } from "../types.ts";
import { DeviceState, type MessageOptions } from "./device-state.ts";
import { type EdgeMessage, HeldMessages } from "./held.ts";
import { metricValue, type SparkplugPayload } from "./payload.ts";

export type RebirthReason = "start" | "unborn" | "gap" | "unknown_alias";

export type EdgeNodeOptions = {
  /** Judge of times, for a message at hand. */
  judge: MessageOptions["judge"];
  /** Writes what a message gave; resolves after the commit. `device` undefined: only problems. */
  deliver: (message: EdgeMessage, device: SparkplugDevice | undefined, decoded: Delivery) => Promise<void>;
  requestRebirth: (reason: RebirthReason) => void;
  /** A device died by certificate. */
  died: (device: SparkplugDevice, atUs: number, why: string) => void;
  /** How long a message ahead of its turn waits for those before it. */
  reorderMs: number;
  /** How long a message waits for the birth certificate that explains it. */
  birthMs: number;
};
export type Delivery = Omit<ReturnType<DeviceState["data"]>, "problems"> & { problems: Problem[] };

/** A message that overtook the birth before it has a place this near to it. */
const mostOvertaking = 16;
/** Messages are told apart by seq modulo 256: further ahead than this is behind. */
const half = 128;
/** At a message a second from each of 16 devices, what comes in a minute. */
const mostHeld = 1_000;

/**
 * One Sparkplug B edge node as its host sees it (Sparkplug 3.0, 5 and 6): births give aliases their meaning, seq runs from
 * 0 to 255 over all of its messages, its death ends what its births said. A message out of turn waits for its turn, a
 * message before its birth for a birth that is asked for; neither waits for ever.
 */
export class EdgeNode {
  readonly #options: EdgeNodeOptions;
  /** By device name; "" is the node itself. */
  #devices = new Map<string, SparkplugDevice>();
  /** Of those that are born; null: born, but not in the fleet. */
  readonly #born = new Map<string, DeviceState | null>();
  #birth: { bdSeq: number | undefined; timestampMs: number } | undefined;
  #nextSeq = 0;
  /** Newest time of a message in turn. */
  #newestMs = 0;
  /** The host was away: what it missed may have been a birth. */
  #missed = false;
  /** Waited for in vain; their data is refused at once until they are born. */
  readonly #hopeless = new Set<string>();
  /** What was done since the birth, by seq, to know a second delivery. */
  readonly #done = new Map<number, { timestampMs: number | undefined; outcome: Promise<void> }>();
  readonly #ahead: HeldMessages;
  readonly #unborn: HeldMessages;

  constructor(options: EdgeNodeOptions) {
    this.#options = options;
    const { reorderMs, birthMs } = options;
    this.#ahead = new HeldMessages({ most: half, patienceMs: reorderMs, onTimeout: () => this.#closeGap() });
    this.#unborn = new HeldMessages({ most: mostHeld, patienceMs: birthMs, onTimeout: () => this.#giveUpBirths() });
  }

  get isBorn(): boolean {
    return this.#birth !== undefined;
  }

  setDevices(devices: Map<string, SparkplugDevice>): void {
    this.#devices = devices;
    for (const [name, state] of this.#born) {
      const device = devices.get(name);
      if (device && state) state.setDevice(device);
      // One that came to the fleet after its birth has to be born again.
      else if (device || state) this.#born.delete(name);
    }
  }

  /** The connection was lost: messages without QoS were not kept for us. */
  hostWasAway(): void {
    this.#missed = true;
  }

  /** Resolves when the message may be acknowledged. */
  receive(message: EdgeMessage): Promise<void> {
    switch (message.type) {
      case "NBIRTH":
        return this.#nodeBirth(message);
      case "NDEATH":
        return this.#nodeDeath(message);
      case "NCMD":
      case "DCMD":
        // Commands of hosts, ours among them.
        return Promise.resolve();
      default:
        return this.#inTurn(message);
    }
  }

  /** Ends all waiting; what waits is refused, so that the broker keeps it where it can. */
  stop(): void {
    const stopped = () => Promise.reject(new Error("the host stopped"));
    for (const { settle } of [...this.#ahead.take(), ...this.#unborn.take()]) settle(stopped());
  }

  #nodeBirth(message: EdgeMessage): Promise<void> {
    const { payload, dup, receivedAtUs } = message;
    const timestampMs = payload.timestampMs ?? receivedAtUs / 1_000;
    // Delivered again: what it said was taken, or was followed by another birth.
    if (dup && this.#birth && timestampMs <= this.#birth.timestampMs) {
      return this.#doneBefore(message) ?? Promise.resolve();
    }
    this.#forget();
    this.#hopeless.clear();
    this.#birth = { bdSeq: bdSeqOf(payload), timestampMs };
    this.#newestMs = timestampMs;
    this.#missed = false;
    this.#nextSeq = ((payload.seq ?? 0) + 1) % 256;
    const outcome = this.#take(message, "birth");
    // Those that overtook this birth have their turn now; those of the life before are explained by it at best.
    const overtook = (held: EdgeMessage) =>
      this.#distance(held) < mostOvertaking && (held.payload.timestampMs ?? 0) >= timestampMs;
    const waited = [...this.#ahead.take(), ...this.#unborn.take()];
    for (const held of waited) (overtook(held.message) ? this.#ahead : this.#unborn).put(held);
    this.#releaseUnborn("");
    this.#advance();
    return outcome;
  }

  #nodeDeath({ payload, receivedAtUs }: EdgeMessage): Promise<void> {
    const [ofBirth, ofDeath] = [this.#birth?.bdSeq, bdSeqOf(payload)];
    // The will of an earlier connection, delivered late: the node lives.
    if (ofBirth !== undefined && ofDeath !== undefined && ofBirth !== ofDeath) return Promise.resolve();
    this.#closeGap({ quietly: true });
    this.#forget();
    this.#birth = undefined;
    for (const held of this.#unborn.take())
      held.settle(this.#refuse(held.message, "unknown_alias", "the edge node died before its birth was known"));
    for (const device of this.#devices.values())
      this.#options.died(device, receivedAtUs, "Sparkplug: death certificate of its edge node");
    return Promise.resolve();
  }

  #inTurn(message: EdgeMessage): Promise<void> {
    const { seq, timestampMs } = message.payload;
    if (!this.#birth) return this.#holdUnborn(message);
    if (seq === undefined) return this.#take(message);
    const distance = this.#distance(message);
    if (distance === 0) {
      this.#missed = false;
      const outcome = this.#accept(message);
      this.#advance();
      return outcome;
    }
    const before = this.#doneBefore(message);
    if (before) return before;
    if (this.#missed) return this.#loseTrack(message);
    if (distance < half) return this.#ahead.isFull ? this.#loseTrack(message) : this.#ahead.hold(message);
    if ((timestampMs ?? 0) < this.#birth.timestampMs) {
      return this.#refuse(
        message,
        "stale_sequence",
        `seq ${seq} of a life before this birth, where ${this.#nextSeq} is next`,
      );
    }
    if ((timestampMs ?? 0) <= this.#newestMs) return this.#take(message, "late");
    // Newer than all: not late, but after more than half a round that was missed.
    this.#options.requestRebirth("gap");
    return this.#accept(message);
  }

  /** How far ahead of its turn a message is; one that has no turn is as far as can be. */
  #distance({ payload: { seq } }: EdgeMessage): number {
    return seq === undefined ? 255 : (seq - this.#nextSeq + 256) % 256;
  }

  /** A second delivery of something done: its outcome. */
  #doneBefore({ payload: { seq, timestampMs } }: EdgeMessage): Promise<void> | undefined {
    const done = seq === undefined ? undefined : this.#done.get(seq);
    return done && done.timestampMs === timestampMs ? done.outcome : undefined;
  }

  /** Too much may be missing to trust aliases: only a birth helps. */
  #loseTrack(message: EdgeMessage): Promise<void> {
    this.#birth = undefined;
    this.#forget();
    for (const held of this.#ahead.take()) this.#unborn.put(held);
    this.#options.requestRebirth("gap");
    return this.#holdUnborn(message);
  }

  #accept(message: EdgeMessage): Promise<void> {
    this.#nextSeq = (message.payload.seq! + 1) % 256;
    this.#newestMs = Math.max(this.#newestMs, message.payload.timestampMs ?? 0);
    return this.#take(message, message.type === "DBIRTH" ? "birth" : undefined);
  }

  /** Takes those whose turn has come. */
  #advance(): void {
    for (;;) {
      const [next] = this.#ahead.take(({ payload }) => payload.seq === this.#nextSeq);
      if (!next) return;
      next.settle(this.#accept(next.message));
    }
  }

  /** What is missing does not come: on with what is there. */
  #closeGap({ quietly = false } = {}): void {
    const waited = this.#ahead.take().sort((a, b) => this.#distance(a.message) - this.#distance(b.message));
    if (waited.length && !quietly) this.#options.requestRebirth("gap");
    for (const held of waited) held.settle(this.#accept(held.message));
  }

  #take(message: EdgeMessage, how?: "birth" | "late"): Promise<void> {
    const name = message.device ?? "";
    if (message.type === "DDEATH") return this.#remember(message, this.#deviceDeath(message, name));
    const device = this.#devices.get(name);
    const options = { receivedAtUs: message.receivedAtUs, judge: this.#options.judge, late: how === "late" };
    if (how === "birth") {
      const state = device ? new DeviceState(device) : null;
      this.#born.set(name, state);
      this.#hopeless.delete(name);
      const outcome = state
        ? this.#options.deliver(message, device, state.birth(message.payload, options))
        : this.#stranger(message);
      this.#remember(message, outcome);
      if (name !== "") this.#releaseUnborn(name);
      return outcome;
    }
    const state = this.#born.get(name);
    if (state === undefined) return device ? this.#holdUnborn(message) : this.#stranger(message);
    if (!state || !device) return this.#remember(message, this.#stranger(message));
    const decoded = state.data(message.payload, options);
    if (decoded.problems.some(({ reason }) => reason === "unknown_alias"))
      this.#options.requestRebirth("unknown_alias");
    const outcome = this.#options.deliver(message, device, decoded);
    return how === "late" ? outcome : this.#remember(message, outcome);
  }

  #remember({ payload: { seq, timestampMs } }: EdgeMessage, outcome: Promise<void>): Promise<void> {
    if (seq === undefined) return outcome;
    this.#done.set(seq, { timestampMs, outcome });
    // What was not written has to be taken when it comes again.
    outcome.catch(() => {
      if (this.#done.get(seq)?.outcome === outcome) this.#done.delete(seq);
    });
    return outcome;
  }

  #deviceDeath(message: EdgeMessage, name: string): Promise<void> {
    this.#born.delete(name);
    const device = this.#devices.get(name);
    if (!device) return this.#stranger(message);
    this.#options.died(device, message.receivedAtUs, "Sparkplug: its death certificate");
    return Promise.resolve();
  }

  /** A node's own metrics are nobody's where the fleet knows only its devices. */
  #stranger(message: EdgeMessage): Promise<void> {
    return message.device === undefined
      ? Promise.resolve()
      : this.#refuse(message, "unknown_device", `no device ${message.device} of this edge node in the fleet`);
  }

  #holdUnborn(message: EdgeMessage): Promise<void> {
    const name = message.device ?? "";
    this.#options.requestRebirth("unborn");
    if (this.#birth ? this.#hopeless.has(name) : this.#hopeless.has("")) {
      return this.#refuse(message, "unknown_alias", "no birth certificate, though it was asked for");
    }
    if (this.#unborn.isFull) return this.#refuse(message, "unknown_alias", "too many wait for a birth certificate");
    return this.#unborn.hold(message);
  }

  /** A birth explains what came before it, by the meaning that it gives. */
  #releaseUnborn(name: string): void {
    for (const held of this.#unborn.take(({ device }) => (device ?? "") === name)) {
      held.settle(this.#born.has(name) ? this.#takeLate(held.message) : this.#stranger(held.message));
    }
  }

  #takeLate(message: EdgeMessage): Promise<void> {
    // A death that was overtaken by a birth is no news, and a birth that was is another one's.
    return message.type === "DDATA" || message.type === "NDATA" ? this.#take(message, "late") : Promise.resolve();
  }

  #giveUpBirths(): void {
    for (const held of this.#unborn.take()) {
      this.#hopeless.add(this.#birth ? (held.message.device ?? "") : "");
      held.settle(this.#refuse(held.message, "unknown_alias", "no birth certificate came in time"));
    }
  }

  #refuse(message: EdgeMessage, reason: Problem["reason"], detail: string): Promise<void> {
    return this.#options.deliver(message, undefined, {
      readings: [],
      gpuSamples: [],
      problems: [{ reason, detail }],
      timed: false,
    });
  }

  #forget(): void {
    this.#born.clear();
    this.#done.clear();
  }
}

/** The number that binds a death to its birth. */
function bdSeqOf({ metrics }: SparkplugPayload): number | undefined {
  const metric = metrics.find(({ name }) => name === "bdSeq");
  const value = metric && metricValue(metric, metric.datatype ?? 0);
  return typeof value === "number" ? value : undefined;
}
