import { inArray } from "drizzle-orm";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { sourceHealth } from "#db/schema/telemetry.ts";
import type { Settled, Sink } from "../../pipeline/types.ts";
import type { DeviceRow } from "../modbus/adapter.ts";
import { Backlog } from "./backlog.ts";
import { MqttConnection } from "./connection.ts";
import { Delivery } from "./delivery.ts";
import { type Directory, readDirectory } from "./directory.ts";
import { mqttMetrics } from "./metrics.ts";
import { makeRouter } from "./router.ts";
import { SparkplugHost } from "./sparkplug/host.ts";
import { covers, filterShapes } from "./subscriptions.ts";
import type { Incoming } from "./types.ts";

export type MqttAdapterOptions = {
  db: Database;
  /** Rows of `device`; those of other protocols and retired ones are left alone. */
  devices: DeviceRow[];
  sink: Sink;
  /** Now, in milliseconds since 1970. */
  clock: () => number;
  log: Logger;
  metrics: Registry;
  /** mqtt, mqtts, ws or wss. */
  url: string;
  username?: string;
  password?: string;
  /** Fixed for this worker: the broker keeps its session under it. Two workers with one id take it from each other. */
  clientId: string;
  /** 0 ≤ x < 1, for the jitter of backoffs. */
  random?: () => number;
  /** How long a Sparkplug message waits for those before it, and for its birth certificate. */
  sparkplug?: { reorderMs?: number; birthMs?: number };
};

export type MqttAdapter = {
  /** Works from these rows on; subscriptions that stay are not touched, edge nodes that stay keep their births. */
  reload(devices: DeviceRow[]): Promise<void>;
  /** undefined when the broker is reached and every subscription stands. */
  notReady(): string | undefined;
  /** Takes no more, waits for commits (5 s at most), acknowledges them and leaves. The broker keeps the session. */
  stop(): Promise<void>;
};

/** A commit that took this long held up what came after it. */
const heldUpUs = 30_000_000;

/**
 * Reads every MQTT device of `devices`: JSON by profile and Sparkplug B. A message is acknowledged after its rows are
 * committed, so that a worker that dies loses nothing that was published with QoS 1; what comes twice is told by the
 * database's keys.
 */
export async function startMqttAdapter(options: MqttAdapterOptions): Promise<MqttAdapter> {
  const { db, sink, clock, log } = options;
  const metrics = mqttMetrics(options.metrics);
  const backlog = new Backlog();
  const delivery = new Delivery(sink);
  let directory: Directory = await readDirectory(db, options.devices);
  /** When this worker or the one before it last listened, microseconds; undefined: never. */
  let lastHeardUs = await lastSeenUs(
    db,
    options.devices.map(({ id }) => id),
  );
  let reloading: Promise<void> = Promise.resolve();
  const dropped = new Set<string>();

  const host = new SparkplugHost({
    ...options.sparkplug,
    clock,
    log,
    metrics,
    judge: backlog.judge,
    publish: (topic, payload) => connection.publish(topic, payload),
    refuse: (message, { reason, detail }) => delivery.refuse(message, reason, detail),
    died: (device, atUs, why) => sink.failed(device.id, atUs, why),
    deliver: async ({ topic, bytes, receivedAtUs }, device, decoded) => {
      const origin = { topic, payload: bytes, receivedAtUs };
      if (device) return delivery.rows(origin, device.id, decoded);
      for (const { reason, detail } of decoded.problems) await delivery.refuse(origin, reason, detail);
    },
  });
  const route = makeRouter({
    delivery,
    host,
    backlog,
    metrics,
    listeners: (topic) => directory.jsonByTopic.get(topic),
  });

  /** A session may hold subscriptions of an earlier fleet: they end where their messages show them. */
  const endStale = (topic: string) => {
    const stale = filterShapes(topic).filter((filter) => !dropped.has(filter) && !directory.filters.has(filter));
    if (stale.length === 0 || dropped.size > 1_000) return;
    for (const filter of stale) dropped.add(filter);
    log.info({ filters: stale }, "subscriptions that no device needs any more are ended");
    connection.dropFilters(stale);
  };
  const onMessage = (message: Incoming, settled: Settled): void => {
    const beganUs = clock() * 1_000;
    if (!directory.jsonByTopic.has(message.topic) && !covers(directory.filters, message.topic)) endStale(message.topic);
    route(message, (error) => {
      const nowUs = clock() * 1_000;
      if (nowUs - beganUs > heldUpUs) backlog.note(beganUs, nowUs);
      settled(error);
    });
  };

  const connection: MqttConnection = new MqttConnection({
    url: options.url,
    username: options.username,
    password: options.password,
    clientId: options.clientId,
    clock,
    random: options.random ?? Math.random,
    log,
    metrics,
    onMessage,
    onUp: (sessionPresent) => {
      if (sessionPresent && lastHeardUs !== undefined) backlog.note(lastHeardUs, clock() * 1_000);
      host.connected();
    },
    onDown: () => {
      lastHeardUs = clock() * 1_000;
      host.disconnected();
    },
    onRefused: (filter) => {
      const why = `the MQTT broker refuses a subscription to ${filter}`;
      for (const id of directory.devicesByFilter.get(filter) ?? []) sink.failed(id, clock() * 1_000, why);
    },
  });

  const apply = () => {
    for (const { deviceId, why } of directory.unusable) {
      log.error({ device: deviceId, why }, "an MQTT device cannot be read");
      sink.failed(deviceId, clock() * 1_000, why);
    }
    dropped.clear();
    host.configure(directory.edges);
    connection.setFilters(directory.filters);
  };
  apply();
  connection.start();

  return {
    reload(devices) {
      reloading = reloading
        .catch(() => {})
        .then(async () => {
          directory = await readDirectory(db, devices);
          apply();
        });
      return reloading;
    },
    notReady: () => connection.notReady(),
    async stop() {
      host.stop();
      await connection.stop();
    },
  };
}

async function lastSeenUs(db: Database, deviceIds: string[]): Promise<number | undefined> {
  if (deviceIds.length === 0) return undefined;
  const rows = await db.orm.select().from(sourceHealth).where(inArray(sourceHealth.deviceId, deviceIds));
  const times = rows.flatMap(({ lastSeenAt }) => (lastSeenAt ? [toMs(lastSeenAt) * 1_000] : []));
  return times.length ? Math.max(...times) : undefined;
}

const toMs = (instant: Date | string) => new Date(instant).getTime();
