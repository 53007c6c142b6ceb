import { randomInt } from "node:crypto";
import type { Logger } from "pino";
import { ModbusConnection, type RegisterBlock } from "./connection.ts";
import { ModbusError } from "./errors.ts";
import type { ReadRequest } from "./frame.ts";
import type { ModbusMetrics } from "./metrics.ts";
import { ProbeRation, Unit } from "./unit.ts";

export type GatewayOptions = {
  id: string;
  clock: () => number;
  /** 0 ≤ x < 1, for the jitter of backoffs. */
  random: () => number;
  log: Logger;
  metrics: ModbusMetrics;
  requestTimeoutMs: number;
  connectTimeoutMs: number;
  /** Requests open at once on the connection, each of another unit. */
  maxOpenRequests: number;
};

const firstBackoffMs = 1_000;
const longestBackoffMs = 60_000;

/**
 * One connection to a gateway, kept up with backoff (1 s to 60 s, jittered), and one queue per unit behind it, so that a
 * dead unit never delays the others.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #units = new Map<number, Unit>();
  readonly #ration = new ProbeRation();
  readonly #onConnected = new Set<() => void>();
  #address: { host: string; port: number | null } | undefined;
  #connection: ModbusConnection | undefined;
  #connecting = false;
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;
  #lastError = "its port is not known yet";
  #open = 0;
  readonly #waiting: (() => void)[] = [];
  #stopped = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    options.metrics.connected.set({ gateway: options.id }, 0);
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Where the gateway is reached; connects at once when this is new. A port of null: not known yet. */
  setAddress(host: string, port: number | null): void {
    if (this.#address?.host === host && this.#address.port === port) return;
    this.#address = { host, port };
    this.#attempts = 0;
    clearTimeout(this.#retry);
    this.#connection?.close("its address changed");
    void this.#connect();
  }

  /** Calls `listener` after each connection; the result takes it off again. */
  onConnected(listener: () => void): () => void {
    this.#onConnected.add(listener);
    return () => this.#onConnected.delete(listener);
  }

  /**
   * Reads registers of a unit, after what its queue already holds.
   * @throws ModbusError; `resting` when the unit was silent and is not asked yet.
   */
  async read(request: ReadRequest): Promise<RegisterBlock> {
    const unit = this.#unit(request.unitId);
    try {
      const block = await unit.enqueue(() => this.#ask(unit, request));
      this.#count("ok");
      return block;
    } catch (error) {
      this.#count(error instanceof ModbusError ? error.failure : "error");
      throw error;
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#connection?.close("stopped");
    for (const next of this.#waiting.splice(0)) next();
  }

  #unit(id: number): Unit {
    const unit = this.#units.get(id) ?? new Unit(id);
    this.#units.set(id, unit);
    return unit;
  }

  async #ask(unit: Unit, request: ReadRequest): Promise<RegisterBlock> {
    const { clock, random, requestTimeoutMs } = this.#options;
    unit.assertAwake(clock());
    await this.#slot();
    const startedAtMs = clock();
    const probe = unit.isDead;
    let answered = false;
    try {
      if (!this.#connection) throw new ModbusError("connection", `not connected: ${this.#lastError}`);
      if (probe) this.#ration.begin(unit.id, startedAtMs);
      try {
        // Behind a serial line everyone waits while a silent unit is asked: that is not their fault.
        const patienceMs = this.#ration.isProbing && !probe ? 2 * requestTimeoutMs : requestTimeoutMs;
        const block = await this.#connection.read(request, patienceMs);
        answered = true;
        this.#options.metrics.requestSeconds.observe({ gateway: this.#options.id }, (clock() - startedAtMs) / 1000);
        return block;
      } catch (error) {
        answered = error instanceof ModbusError && (error.failure === "permanent" || error.failure === "retry");
        if (error instanceof ModbusError && (error.failure === "timeout" || error.failure === "target_gone")) {
          unit.failed(clock(), random);
        }
        throw error;
      } finally {
        if (answered) {
          unit.answered();
          this.#attempts = 0;
        }
        if (probe) this.#ration.end(answered, startedAtMs, clock());
      }
    } finally {
      this.#open--;
      this.#waiting.shift()?.();
    }
  }

  async #slot(): Promise<void> {
    while (this.#open >= this.#options.maxOpenRequests && !this.#stopped) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#open++;
  }

  async #connect(): Promise<void> {
    const address = this.#address;
    if (this.#stopped || this.#connecting || this.#connection || !address || address.port === null) return;
    this.#connecting = true;
    const { id, log, metrics, clock, connectTimeoutMs } = this.#options;
    try {
      const connection = await ModbusConnection.open(
        {
          host: address.host,
          port: address.port,
          clock,
          connectTimeoutMs,
          onForeignReply: () => metrics.foreignReplies.inc({ gateway: id }),
          onClose: (reason) => this.#closed(reason),
        },
        randomInt(0x10000),
      );
      this.#connecting = false;
      if (this.#stopped || this.#address !== address) {
        connection.close("its address changed");
        if (!this.#stopped) void this.#connect();
        return;
      }
      this.#connection = connection;
      metrics.connected.set({ gateway: id }, 1);
      log.info({ gateway: id, host: address.host, port: address.port }, "Modbus gateway connected");
      for (const listener of [...this.#onConnected]) listener();
    } catch (error) {
      this.#connecting = false;
      if (this.#address !== address) void this.#connect();
      else this.#closed((error as Error).message);
    }
  }

  #closed(reason: string): void {
    const { id, log, metrics, random } = this.#options;
    this.#connection = undefined;
    this.#lastError = reason;
    metrics.connected.set({ gateway: id }, 0);
    if (this.#stopped) return;
    const backoffMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** this.#attempts) * (0.5 + random() / 2);
    // A connection that closes before its first reply goes on doubling the backoff.
    this.#attempts++;
    log.warn({ gateway: id, reason, retryInMs: Math.round(backoffMs) }, "Modbus gateway not connected");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), backoffMs);
  }

  #count(outcome: string): void {
    this.#options.metrics.requests.inc({ gateway: this.#options.id, outcome });
  }
}
