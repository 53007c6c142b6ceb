import mqtt, { type IPublishPacket, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import type { Settled } from "../../pipeline/types.ts";
import { AckQueue, type Expected } from "./ack-queue.ts";
import { FirstArrivals } from "./arrivals.ts";
import { InFlight } from "./in-flight.ts";
import type { MqttMetrics } from "./metrics.ts";
import { Subscriber } from "./subscriber.ts";
import type { Incoming } from "./types.ts";

export type ConnectionOptions = {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  /** The broker keeps this id's session: subscriptions, and what came while nobody was connected. */
  clientId: string;
  clock: () => number;
  random: () => number;
  log: Logger;
  metrics: MqttMetrics;
  /** Settled when the message may be acknowledged; with an error it is left to the broker, who sends it again. */
  onMessage: (message: Incoming, settled: Settled) => void;
  /** `sessionPresent`: the broker kept what it had for us. */
  onUp: (sessionPresent: boolean) => void;
  onDown: () => void;
  /** A filter that the broker refuses. */
  onRefused: (filter: string) => void;
};

/** In MQTT 5 the broker obeys it; beyond it messages wait there. */
export const receiveMaximum = 10_000;
const mostBytes = 64 * 1024 * 1024;
/** Larger packets are not for us; a broker with MQTT 5 keeps them to itself. */
const largestPacket = 16 * 1024 * 1024;
const sessionExpiryS = 14 * 86_400;
const keepaliveS = 30;
const firstBackoffMs = 500;
const longestBackoffMs = 30_000;
const stopPatienceMs = 5_000;
const leavePatienceMs = 1_000;

/** Answers of a broker, or of what stands before it, to a protocol version that it does not speak. */
const unsupportedVersion = new Set([1, 0x84]);
const sessionTakenOver = 0x8e;
/** Given to mqtt.js in place of an acknowledgement: ours is written after the commit. */
const notYet = new Error("acknowledged after the commit");

/**
 * The connection to the broker: MQTT 5, or 3.1.1 where that is refused; one persistent session under a fixed client id. A
 * QoS 1 message is acknowledged after `onMessage` resolved, so a worker that dies leaves its messages to its successor.
 * mqtt.js waits for one message's acknowledgement before it hands over the next: so it is told at once that there is
 * none, and the acknowledgements are written to its stream in batches.
 */
export class MqttConnection {
  readonly #options: ConnectionOptions;
  readonly #inFlight: InFlight;
  readonly #subscriber: Subscriber;
  readonly #arrivals = new FirstArrivals();
  #client: MqttClient | undefined;
  #version: 5 | 4 = 5;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #keepalive: NodeJS.Timeout | undefined;
  #stopping = false;
  #problem = "the MQTT broker has not answered yet";

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#inFlight = new InFlight({ messages: receiveMaximum, bytes: mostBytes });
    metrics.inFlight(() => this.#inFlight.count);
    this.#subscriber = new Subscriber(options);
    metrics.connected.set(0);
  }

  start(): void {
    this.#connect();
  }

  /** Makes the session's subscriptions these, now or when the broker is reached. */
  setFilters(filters: Set<string>): void {
    this.#subscriber.want(filters);
  }

  /** Ends subscriptions of an earlier run that nobody needs any more. */
  dropFilters(filters: string[]): void {
    if (this.#client?.connected) this.#client.unsubscribe(filters, () => {});
  }

  /** Sends now or not at all. */
  publish(topic: string, payload: Uint8Array): boolean {
    if (!this.#client?.connected || this.#stopping) return false;
    this.#client.publish(topic, Buffer.from(payload), { qos: 0, retain: false });
    return true;
  }

  notReady(): string | undefined {
    if (!this.#client?.connected) return `MQTT: ${this.#problem}`;
    return this.#subscriber.notReady();
  }

  /** Takes no more messages, waits for the commits of those under way (5 s at most), acknowledges them and leaves. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearTimeout(this.#timer);
    this.#inFlight.releaseWaiting();
    await this.#inFlight.idle(stopPatienceMs);
    const client = this.#client;
    if (!client) return;
    // Acknowledgements that fell due in this very turn of the loop go out first.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const closed = new Promise<void>((resolve) => client.once("close", resolve));
    client.end(!client.connected);
    const force = setTimeout(() => client.stream.destroy(), leavePatienceMs);
    await Promise.race([closed, pause(2 * leavePatienceMs)]);
    clearTimeout(force);
  }

  #connect(): void {
    const { url, username, password, clientId, log } = this.#options;
    const version = this.#version;
    const client = mqtt.connect(url, {
      protocolVersion: version,
      clientId,
      clean: false,
      keepalive: keepaliveS,
      connectTimeout: 10_000,
      // A new client for each attempt, so that the version can change and the waiting is ours.
      reconnectPeriod: 0,
      resubscribe: false,
      // Its own words are for those who mend it, and cost more than a message.
      log: () => {},
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(version === 5 && {
        properties: { sessionExpiryInterval: sessionExpiryS, receiveMaximum, maximumPacketSize: largestPacket },
      }),
    });
    this.#client = client;
    const acks = new AckQueue((packets, acknowledged) => this.#acknowledge(client, packets, acknowledged));
    client.handleMessage = (packet, done) => this.#receive(client, acks, packet, done as (error: Error) => void);

    let up = false;
    let unreachable = false;
    let refusal: number | undefined;
    client.on("connect", ({ sessionPresent }) => {
      up = true;
      this.#attempt = 0;
      this.#options.metrics.connected.set(1);
      log.info({ mqtt: version === 5 ? "5" : "3.1.1", sessionPresent }, "connected to the MQTT broker");
      this.#keepAliveWhileFull(client);
      this.#arrivals.resume(this.#options.clock() * 1_000, sessionPresent);
      this.#options.onUp(sessionPresent);
      this.#subscriber.connected(client, sessionPresent);
    });
    client.on("disconnect", ({ reasonCode }) => {
      refusal = reasonCode;
      if (reasonCode === sessionTakenOver) {
        this.#problem = `another client connected with the client id "${clientId}"`;
        log.error({ clientId }, "the MQTT session was taken over: two workers use one client id");
      }
    });
    client.on("error", (error: Error & { code?: number | string }) => {
      if (typeof error.code === "number") refusal = error.code;
      else if (error.code !== undefined && error.code !== "ECONNRESET") unreachable = true;
      this.#problem = `the broker is not reached: ${error.message || String(error.code)}`;
      log.debug({ err: error, mqtt: version }, "MQTT connection failed");
    });
    client.once("close", () => {
      this.#client = undefined;
      clearInterval(this.#keepalive);
      this.#options.metrics.connected.set(0);
      this.#subscriber.disconnected();
      this.#inFlight.releaseWaiting();
      if (up) {
        if (!this.#stopping) log.warn({ reason: refusal }, "the MQTT connection was lost");
        this.#arrivals.keep(acks.unacknowledged());
        this.#options.onDown();
      }
      if (!this.#stopping) this.#connectLater(!up && !unreachable, refusal);
    });
  }

  /** Falls back to the other version where this one was refused; waits longer after each failure, with jitter. */
  #connectLater(turnedAway: boolean, refusal: number | undefined): void {
    const { log, random } = this.#options;
    if (turnedAway && refusal !== undefined && unsupportedVersion.has(refusal)) {
      this.#version = this.#version === 5 ? 4 : 5;
      // Both refused is an answer, too: then wait like after any other.
      if (this.#version === 4) {
        this.#connect();
        return;
      }
    } else if (turnedAway && refusal === undefined) {
      // Some old brokers hang up without a word when they hear MQTT 5.
      this.#version = this.#version === 5 ? 4 : 5;
    }
    const longestMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** this.#attempt);
    const waitMs = refusal === sessionTakenOver ? longestBackoffMs : longestMs * (0.5 + random() / 2);
    if (this.#attempt++ === 1)
      log.warn({ problem: this.#problem }, "the MQTT broker is not reached; tried again and again");
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }

  #receive(client: MqttClient, acks: AckQueue, packet: IPublishPacket, done: (error: Error) => void): void {
    // Not taken is not acknowledged: the broker keeps it for the next connection.
    if (this.#stopping || client !== this.#client) {
      done(notYet);
      return;
    }
    const { clock, metrics, onMessage } = this.#options;
    const payload = packet.payload as Buffer;
    const nowUs = clock() * 1_000;
    const { topic, dup, retain } = packet;
    const receivedAtUs = this.#arrivals.of({ topic, payload, receivedAtUs: nowUs });
    const message = { topic, payload, receivedAtUs, dup, retain };
    const expected = packet.qos > 0 ? acks.expect(packet.messageId!, message, nowUs) : undefined;
    // What it costs to keep a message is more than its payload.
    const bytes = payload.length + 512;
    this.#inFlight.add(bytes);
    if (dup) metrics.redeliveries.inc();
    const settled: Settled = (error) => {
      this.#inFlight.remove(bytes);
      if (error) this.#failed(client, error);
      else if (expected) acks.settle(expected);
    };
    try {
      onMessage(message, settled);
    } catch (error) {
      settled(error as Error);
    }
    this.#inFlight.whenRoom(() => done(notYet));
  }

  #acknowledge(client: MqttClient, packets: Buffer, acknowledged: Expected[]): boolean {
    if (!client.connected || client.stream.destroyed) return false;
    client.stream.write(packets);
    const nowUs = this.#options.clock() * 1_000;
    for (const { sinceUs } of acknowledged) {
      this.#options.metrics.ackSeconds.observe(Math.max(0, nowUs - sinceUs) / 1e6);
    }
    return true;
  }

  /** What could not be written is sent again on a new connection, and only there. */
  #failed(client: MqttClient, error: unknown): void {
    if (this.#stopping || client !== this.#client || client.stream.destroyed) return;
    this.#options.log.error({ err: error }, "a message was not written: the broker is asked to send it again");
    this.#attempt++;
    client.stream.destroy();
  }

  /** While nothing is read the broker's answers to pings are not heard either: neither side may take that for death. */
  #keepAliveWhileFull(client: MqttClient): void {
    clearInterval(this.#keepalive);
    this.#keepalive = setInterval(
      () => {
        if (!this.#inFlight.isFull || !client.connected) return;
        client.sendPing();
        client.reschedulePing(true);
      },
      (keepaliveS * 1_000) / 3,
    );
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
