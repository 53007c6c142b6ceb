import { profileOf } from "../../profiles/index.ts";
import type { ModbusProfile, SunspecProfile } from "../../profiles/types.ts";
import type { RegisterBlock } from "./connection.ts";
import { ModbusError } from "./errors.ts";
import type { ReadRequest } from "./frame.ts";
import { modbusItems, type ReadItem, sunspecItems } from "./items.ts";
import { type PlannedRequest, planRequests } from "./planner.ts";
import { discoverSunspec, readIdentity } from "./sunspec.ts";

/** What one poll of a device gave. */
export type PollResult = {
  values: { name: string; value: number | null; rolloverAt?: number; receivedAtMs: number }[];
  /** Points that this device refuses or does not have: `point NAME: why`. */
  pointFailures: string[];
  /** Why the rest of the poll was given up, if it was. */
  failure?: ModbusError;
};

type Read = (request: ReadRequest) => Promise<RegisterBlock>;

/** A refused point is asked for again after this time: a configuration may have changed. */
const askRefusedAfterMs = 10 * 60_000;
const busyRetries = 2;
const busyDelayMs = 200;

/** Reads one device by its profile: finds its SunSpec models, plans its requests, and learns which points it refuses. */
export class DeviceReader {
  readonly #profile: ModbusProfile | SunspecProfile;
  readonly #unitId: number;
  readonly #read: Read;
  readonly #clock: () => number;
  readonly #onIdentity: (identity: Record<string, string>) => void;
  #plan: PlannedRequest<ReadItem>[] | undefined;
  #items: ReadItem[] = [];
  readonly #refused = new Map<string, { reason: string; untilMs: number }>();
  #missing: string[] = [];

  /** @throws ProfileError when the profile is unknown, TypeError when it is not one for Modbus. */
  constructor(
    profileName: string,
    unitId: number,
    read: Read,
    clock: () => number,
    onIdentity: (identity: Record<string, string>) => void = () => {},
  ) {
    const profile = profileOf(profileName);
    if (profile.protocol !== "modbus" && profile.protocol !== "sunspec") {
      throw new TypeError(`profile ${profileName} is for ${profile.protocol}, not for Modbus`);
    }
    this.#profile = profile;
    this.#unitId = unitId;
    this.#read = read;
    this.#clock = clock;
    this.#onIdentity = onIdentity;
  }

  /** Forgets what was found out about the device: after a reconnection it may be another one. */
  forget(): void {
    this.#plan = undefined;
    this.#refused.clear();
  }

  /** Reads every point once. Never throws for what the device does; a request's failure ends the poll. */
  async poll(): Promise<PollResult> {
    const result: PollResult = { values: [], pointFailures: [] };
    try {
      const plan = await this.#planned();
      result.pointFailures.push(...this.#missing);
      for (const request of plan) await this.#readRequest(request, result);
      for (const [name, { reason }] of this.#refused) result.pointFailures.push(`point ${name}: ${reason}`);
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error;
      result.failure = error;
      // What silences a unit may also change it.
      if (error.failure === "timeout" || error.failure === "target_gone") this.forget();
    }
    return result;
  }

  async #planned(): Promise<PlannedRequest<ReadItem>[]> {
    const nowMs = this.#clock();
    const due = [...this.#refused].filter(([, { untilMs }]) => untilMs <= nowMs);
    for (const [name] of due) this.#refused.delete(name);
    if (this.#plan && due.length === 0) return this.#plan;
    if (!this.#plan) await this.#bind();
    return this.#replan();
  }

  async #bind(): Promise<void> {
    this.#missing = [];
    if (this.#profile.protocol === "modbus") {
      this.#items = modbusItems(this.#profile);
      return;
    }
    const read = (address: number, count: number) => this.#ask({ fc: 3, address, count });
    const chain = await discoverSunspec(read);
    await this.#identify(() => readIdentity(read, chain));
    const { items, missing } = sunspecItems(this.#profile, chain);
    this.#items = items;
    this.#missing = missing.map(({ point, reason }) => `point ${point.name}: ${reason}`);
  }

  /** Who the device says it is, for the log; one that refuses to say is read all the same. */
  async #identify(read: () => ReturnType<typeof readIdentity>): Promise<void> {
    try {
      const identity = await read();
      if (identity) this.#onIdentity(identity);
    } catch (error) {
      if (!(error instanceof ModbusError) || error.failure !== "permanent") throw error;
    }
  }

  #replan(): PlannedRequest<ReadItem>[] {
    const wanted = this.#items.filter((item) => !this.#refused.has(item.point.name));
    const { requests, unreadable } = planRequests(wanted, this.#profile.limits);
    const untilMs = Number.POSITIVE_INFINITY;
    const reason = `wider than the ${this.#profile.limits.maxRegisters} registers of one request`;
    for (const item of unreadable) this.#refused.set(item.point.name, { reason, untilMs });
    this.#plan = requests;
    return requests;
  }

  /** One request; when the device refuses it, each of its points alone, so that one bad address costs one point. */
  async #readRequest(request: PlannedRequest<ReadItem>, result: PollResult): Promise<void> {
    try {
      this.#decode(request, await this.#ask(request), result);
    } catch (error) {
      if (!(error instanceof ModbusError) || error.failure !== "permanent") throw error;
      const [only, ...others] = request.items;
      if (only && others.length === 0) {
        this.#refuse(only, request, error);
        return;
      }
      for (const item of request.items) {
        const [alone] = planRequests([item], this.#profile.limits).requests;
        if (alone) await this.#readRequest(alone, result);
      }
      // Nobody refused alone: registers between them are not there, so they are not read over again.
      if (!request.items.some((item) => this.#refused.has(item.point.name))) this.#splitPlan(request);
    }
  }

  #refuse(item: ReadItem, request: PlannedRequest<ReadItem>, error: ModbusError): void {
    const kind = request.fc === 3 ? "holding" : "input";
    const reason = `${error.message} at ${kind} register ${request.address}, ${request.count} long, unit ${this.#unitId}`;
    this.#refused.set(item.point.name, { reason, untilMs: this.#clock() + askRefusedAfterMs });
    this.#plan = undefined;
    this.#replan();
  }

  #splitPlan(request: PlannedRequest<ReadItem>): void {
    const limits = { ...this.#profile.limits, gap: 0 };
    const parts = planRequests(request.items, limits).requests;
    const finer = parts.length > 1 ? parts : request.items.flatMap((item) => planRequests([item], limits).requests);
    this.#plan = this.#plan?.flatMap((planned) => (planned === request ? finer : [planned]));
  }

  #decode(request: PlannedRequest<ReadItem>, block: RegisterBlock, result: PollResult): void {
    for (const item of request.items) {
      result.values.push({ name: item.point.name, ...item.decode(block), receivedAtMs: block.receivedAtMs });
    }
  }

  /** Asks again when the device says that it is busy (exceptions 5 and 6). */
  async #ask(request: { fc: 3 | 4; address: number; count: number }): Promise<RegisterBlock> {
    const { fc, address, count } = request;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#read({ unitId: this.#unitId, fc, address, count });
      } catch (error) {
        const busy = error instanceof ModbusError && (error.exception === 5 || error.exception === 6);
        if (!busy || attempt >= busyRetries) throw error;
        await new Promise((resolve) => setTimeout(resolve, busyDelayMs * 2 ** attempt));
      }
    }
  }
}
