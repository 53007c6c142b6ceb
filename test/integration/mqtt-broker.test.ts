/* The MQTT adapter against brokers: a real Mosquitto (MQTT 5), where it is installed, and the embedded one (3.1.1). */
import { execFile } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { Aedes } from "aedes";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startEmbeddedBroker } from "#cli/embedded/mqtt-broker.ts";
import { freePort } from "#cli/embedded/ports.ts";
import type { Database } from "#db/client.ts";
import { device, point } from "#db/schema/fleet.ts";
import { sourceHealth } from "#db/schema/telemetry.ts";
import {
  hasMosquitto,
  memorySink,
  metricValue,
  seedMqttFleet,
  startMosquitto,
  startTestAdapter,
  until,
} from "#ingest/adapters/mqtt/testing.ts";
import { cloneDatabase } from "#test/support/database.ts";

const exec = promisify(execFile);
if (!hasMosquitto)
  console.log("Tests against a real Mosquitto are skipped: mosquitto and mosquitto-clients are needed.");

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  database = await cloneDatabase();
  db = database.db;
});
afterAll(() => database.drop());
beforeEach(() =>
  seedMqttFleet(db, [
    { id: "meter", profile: "meter-json", address: { topic: "hs/c/meter" } },
    { id: "foreign", profile: "temperature-json", address: { topic: "plant1/sensor" } },
    { id: "gpus", profile: "gpu-json", address: { topic: "hs/c/r/gpu" }, inRack: true },
  ]),
);
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

async function publisher(url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url);
  cleanUp.push(() => client.endAsync(true));
  return client;
}
async function startAdapter(url: string, options: Partial<Parameters<typeof startTestAdapter>[1]> = {}) {
  const spy = memorySink();
  const started = await startTestAdapter(db, { url, sink: spy.sink, ...options });
  cleanUp.push(() => started.adapter.stop());
  await until(
    () => started.adapter.notReady() === undefined,
    10_000,
    () => `the adapter: ${started.adapter.notReady()}`,
  );
  const ids = new Map((await db.orm.select().from(point)).map((row) => [row.id, `${row.deviceId}.${row.name}`]));
  return {
    ...spy,
    ...started,
    valuesOf: (name: string) => spy.rows.filter((row) => ids.get(row.pointId) === name).map(({ value }) => value),
  };
}
const json = (value: unknown) => JSON.stringify(value);

const brokers = [...(hasMosquitto ? ["Mosquitto"] : []), "the embedded broker"] as const;
describe.each(brokers)("on %s", (kind) => {
  let url: string;
  beforeEach(async () => {
    const broker =
      kind === "Mosquitto" ? await startMosquitto(await freePort()) : await startEmbeddedBroker({ port: 0 });
    cleanUp.push(() => broker.stop());
    url = broker.url;
  });

  it("reads devices on our topics and on anybody's, and reports what no device has", async () => {
    const { valuesOf, samples, letters, seen, metrics } = await startAdapter(url);
    const client = await publisher(url);
    const t = Date.now() - 5;
    await client.publishAsync("hs/c/meter", json({ time: t, power: 41_234, energy: 5 }), { qos: 1 });
    await client.publishAsync("plant1/sensor", json({ inlet: 23.4 }), { qos: 0 });
    await client.publishAsync("plant1/secret", "nobody asked for this", { qos: 1 });
    await client.publishAsync(
      "hs/c/r/gpu",
      json({
        t,
        gpus: [
          { index: 0, powerW: 300 },
          { index: 1, powerW: 310 },
        ],
      }),
      { qos: 1 },
    );
    await client.publishAsync("hs/c/nothing", json({ power: 1 }), { qos: 1 });
    await until(() => letters.length === 1 && samples.length === 2, 5_000, "all messages");
    expect(valuesOf("meter.activePowerW")).toEqual([41_234]);
    expect(valuesOf("foreign.inletTemperatureC")).toEqual([23.4]);
    expect(samples.map(({ values }) => values.powerW)).toEqual([300, 310]);
    expect(letters[0]).toMatchObject({
      source: "hs/c/nothing",
      reason: "unknown_topic",
      payload: Buffer.from('{"power":1}'),
    });
    expect(seen).toContainEqual({ deviceId: "meter", clockOffsetMs: expect.closeTo(-5, -3) });
    expect(seen).toContainEqual({ deviceId: "foreign", clockOffsetMs: undefined });
    expect(await metricValue(metrics, "hs_mqtt_messages_total", 'kind="json"')).toBe(3);
    expect(await metricValue(metrics, "hs_mqtt_connected")).toBe(1);
    await until(
      async () => (await metricValue(metrics, "hs_mqtt_ack_seconds_count")) === 3,
      2_000,
      "three acknowledgements",
    );
    expect(await metricValue(metrics, "hs_mqtt_inflight")).toBe(0);
  });

  it("keeps what is wrong as dead letters, and a message of 10 MB disturbs nobody", async () => {
    const { valuesOf, letters, failures } = await startAdapter(url);
    const client = await publisher(url);
    await client.publishAsync("hs/c/meter", "{not json", { qos: 1 });
    const big = client.publishAsync("hs/c/meter", Buffer.alloc(10 * 1024 * 1024, 0x20), { qos: 1 });
    for (let n = 1; n <= 20; n++)
      await client.publishAsync("hs/c/meter", json({ time: Date.now(), power: n, energy: "x" }), { qos: 1 });
    await big;
    await until(
      () => letters.length === 22 && valuesOf("meter.activePowerW").length === 20,
      10_000,
      "22 dead letters, 20 values",
    );
    const tooLarge = letters.find(({ reason }) => reason === "too_large")!;
    expect(tooLarge).toMatchObject({ source: "hs/c/meter", detail: "10485760 bytes; at most 262144 are read" });
    expect(letters.filter(({ reason }) => reason === "malformed")).toHaveLength(1);
    expect(letters.filter(({ reason }) => reason === "invalid_value")).toHaveLength(20);
    expect(letters.at(-1)?.detail).toBe('energy: "x" is not a number');
    expect(failures).toEqual([{ deviceId: "meter", error: expect.stringMatching(/^malformed: /) }]);
  });

  it("acknowledges after the commit: what was not committed comes again to the next worker", async () => {
    const first = await startAdapter(url);
    first.state.gate = new Promise(() => {});
    const client = await publisher(url);
    for (let n = 0; n < 50; n++)
      await client.publishAsync("hs/c/meter", json({ time: 1_700_000_000 + n, power: n }), { qos: 1 });
    await until(() => first.state.handedOver === 50, 5_000, "50 messages handed over");
    expect(await metricValue(first.metrics, "hs_mqtt_inflight")).toBe(50);
    expect(await metricValue(first.metrics, "hs_mqtt_ack_seconds_count")).toBe(0);
    const begun = Date.now();
    await first.adapter.stop();
    // It waits for commits, but not for ever.
    expect(Date.now() - begun).toBeGreaterThan(4_500);
    expect(first.rows).toEqual([]);
    const second = await startAdapter(url);
    await until(() => second.rows.length === 50, 5_000, "all 50 again");
    expect(second.valuesOf("meter.activePowerW").toSorted((a, b) => a! - b!)).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    );
  });

  it("keeps QoS 1 messages for a worker that is away", async () => {
    const first = await startAdapter(url);
    await first.adapter.stop();
    const client = await publisher(url);
    const t = Date.now();
    for (let n = 0; n < 500; n++) client.publish("hs/c/meter", json({ time: t + n, power: n }), { qos: 1 });
    await client.publishAsync("plant1/sensor", json({ inlet: 1 }), { qos: 1 });
    const second = await startAdapter(url);
    await until(
      () => second.rows.length === 501,
      10_000,
      () => `501 rows, ${second.rows.length} so far`,
    );
    expect(new Set(second.valuesOf("meter.activePowerW")).size).toBe(500);
  });

  it("does not blame a clock for what the broker kept", async () => {
    const minute = 60_000;
    const late = () => json({ time: Date.now() - 10 * minute, power: 1 });
    const first = await startAdapter(url);
    const client = await publisher(url);
    await client.publishAsync("hs/c/meter", late(), { qos: 1 });
    await until(() => first.rows.length === 1, 5_000, "a late message to a worker that was there");
    expect(first.rows[0]!.quality).toBe("clock_suspect");
    await first.adapter.stop();
    await client.publishAsync("hs/c/meter", late(), { qos: 1 });
    await db.orm.delete(sourceHealth);
    await db.orm.insert(sourceHealth).values({ deviceId: "meter", lastSeenAt: new Date(Date.now() - 20 * minute) });
    cleanUp.push(() => db.orm.delete(sourceHealth));
    const second = await startAdapter(url);
    await until(() => second.rows.length === 1, 5_000, "the late message to one that was away for 20 minutes");
    expect(second.rows[0]!.quality).toBe("good");
    expect(second.seen).toEqual([{ deviceId: "meter", clockOffsetMs: undefined }]);
    await client.publishAsync("hs/c/meter", json({ time: "1971-01-01T00:00:00Z", power: 1 }), { qos: 1 });
    await until(() => second.rows.length === 2, 5_000, "a clock in 1971");
    expect(second.rows[1]!.quality).toBe("clock_suspect");
  });

  it("stops asking for more while too much waits, and goes on", async () => {
    const { rows, state, metrics } = await startAdapter(url);
    let open = () => {};
    state.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const client = await publisher(url);
    const total = 12_000;
    for (let n = 0; n < total; n++)
      client.publish("hs/c/meter", json({ time: 1_700_000_000_000 + n, power: n }), { qos: 0 });
    await until(() => state.handedOver >= 10_000, 15_000, "10,000 messages in flight");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(state.handedOver).toBe(10_000);
    expect(await metricValue(metrics, "hs_mqtt_inflight")).toBe(10_000);
    open();
    await until(
      () => rows.length === total,
      15_000,
      () => `${total} rows, ${rows.length} so far`,
    );
  });

  it("leaves out a retained message without a time, and takes one with a time for history", async () => {
    const client = await publisher(url);
    await client.publishAsync("hs/c/meter", json({ power: 1 }), { qos: 1, retain: true });
    const t = Date.now() - 3_600_000;
    await client.publishAsync("plant1/sensor", json({ time: t, inlet: 20 }), { qos: 1, retain: true });
    const { rows, metrics, seen } = await startAdapter(url);
    await until(
      () => metricValue(metrics, "hs_mqtt_messages_total", "retained").then((count) => count === 2),
      5_000,
      "both",
    );
    expect(rows).toEqual([expect.objectContaining({ value: 20, timeUs: t * 1_000, quality: "backfilled" })]);
    // Live messages on the same topic are live, whatever their sender asked to be kept.
    await client.publishAsync("hs/c/meter", json({ power: 2 }), { qos: 1, retain: true });
    await until(() => rows.length === 2, 5_000, "the live one");
    expect(rows[1]).toMatchObject({ value: 2, quality: "good" });
    expect(seen.map(({ deviceId }) => deviceId)).toEqual(["foreign", "meter"]);
  });

  it("follows the fleet, and ends subscriptions that nobody needs", async () => {
    const { adapter, rows, letters, valuesOf } = await startAdapter(url);
    const client = await publisher(url);
    const devices = await db.orm.select().from(device);
    await adapter.reload(devices.filter(({ id }) => id === "meter"));
    await client.publishAsync("plant1/sensor", json({ inlet: 1 }), { qos: 1 });
    await client.publishAsync("hs/c/meter", json({ power: 1 }), { qos: 1 });
    await until(() => rows.length === 1, 5_000, "the meter");
    await adapter.reload(devices);
    await until(() => adapter.notReady() === undefined, 5_000, "the subscription");
    await client.publishAsync("plant1/sensor", json({ inlet: 2 }), { qos: 1 });
    await until(() => rows.length === 2, 5_000, "the sensor");
    expect(valuesOf("foreign.inletTemperatureC")).toEqual([2]);
    expect(letters).toEqual([]);
    await adapter.stop();
    // A worker with a smaller fleet finds the old subscriptions in the session: they bring one dead letter, and end.
    const smaller = memorySink();
    const next = await startTestAdapter(db, {
      url,
      sink: smaller.sink,
      devices: devices.filter(({ id }) => id === "meter"),
    });
    cleanUp.push(() => next.adapter.stop());
    await until(() => next.adapter.notReady() === undefined, 5_000, "the next worker");
    await client.publishAsync("plant1/sensor", json({ inlet: 3 }), { qos: 1 });
    await until(() => smaller.letters.length === 1, 5_000, "a dead letter");
    for (let n = 0; n < 5; n++) await client.publishAsync("plant1/sensor", json({ inlet: 3 }), { qos: 1 });
    await client.publishAsync("hs/c/meter", json({ power: 1 }), { qos: 1 });
    await until(() => smaller.rows.length === 1, 5_000, "the meter");
    expect(smaller.letters).toHaveLength(1);
  });

  it("reports a device whose row cannot be used, and reads the others", async () => {
    await seedMqttFleet(db, [
      { id: "wild", profile: "meter-json", address: { topic: "hs/+/x" } },
      { id: "lost", profile: "gpu-sparkplug", address: { topic: "hs/c/lost" } },
      { id: "meter", profile: "meter-json", address: { topic: "hs/c/meter" } },
    ]);
    const { failures, rows } = await startAdapter(url);
    expect(failures).toEqual([
      { deviceId: "wild", error: '"hs/+/x" is not the topic of one device' },
      { deviceId: "lost", error: 'profile "gpu-sparkplug" is for sparkplug, not mqtt-json' },
    ]);
    const client = await publisher(url);
    await client.publishAsync("hs/c/meter", json({ power: 1 }), { qos: 1 });
    await until(() => rows.length === 1, 5_000, "the meter");
  });

  it("asks the broker again for what could not be written, and refuses for good what the database refuses", async () => {
    const { sink, rows, letters, state } = memorySink();
    let failures = 0;
    const { adapter } = await startTestAdapter(db, {
      url,
      sink: {
        ...sink,
        take: (more, settled) => {
          if (more[0]?.value === 13) settled(new Error("no such point"));
          else sink.take(more, settled);
        },
        deadLetter: async (letter) => {
          if (failures++ < 2) throw new Error("no disk");
          await sink.deadLetter(letter);
        },
      },
    });
    cleanUp.push(() => adapter.stop());
    await until(() => adapter.notReady() === undefined, 5_000, "the adapter");
    const client = await publisher(url);
    await client.publishAsync("hs/c/meter", json({ power: 13 }), { qos: 1 });
    await client.publishAsync("hs/c/meter", json({ power: 14 }), { qos: 1 });
    await until(() => letters.length === 1 && rows.length > 0, 10_000, "the dead letter after two reconnections");
    expect(letters[0]).toMatchObject({ reason: "invalid_value", detail: "refused by the database: no such point" });
    expect(state.handedOver).toBeGreaterThan(1);
    // Without a time of their own, second deliveries bear the first one's arrival: one reading, however often it came.
    expect(new Set(rows.map(({ timeUs }) => timeUs)).size).toBe(1);
  });
});

describe.runIf(hasMosquitto)("a Mosquitto", () => {
  it("that restarts is found again, with its session and what came meanwhile", async () => {
    const broker = await startMosquitto(await freePort());
    cleanUp.push(() => broker.stop());
    const { adapter, rows, metrics } = await startAdapter(broker.url);
    const client = await publisher(broker.url);
    await client.publishAsync("hs/c/meter", json({ power: 1 }), { qos: 1 });
    await until(() => rows.length === 1, 5_000, "a first reading");
    await broker.halt();
    await until(() => adapter.notReady() !== undefined, 5_000, "the loss to be noticed");
    expect(adapter.notReady()).toMatch(/^MQTT: /);
    expect(await metricValue(metrics, "hs_mqtt_connected")).toBe(0);
    await broker.start();
    await until(() => adapter.notReady() === undefined, 10_000, "the connection");
    await until(() => client.connected, 10_000, "the publisher");
    await client.publishAsync("hs/c/meter", json({ power: 2 }), { qos: 1 });
    await until(() => rows.length === 2, 5_000, "a reading after the restart");
  });

  it("is heard through mosquitto_pub, with MQTT 3.1.1 and 5", async () => {
    const broker = await startMosquitto(await freePort());
    cleanUp.push(() => broker.stop());
    const { rows, valuesOf } = await startAdapter(broker.url);
    for (const [version, inlet] of [
      ["mqttv311", 21.5],
      ["mqttv5", 22.5],
    ] as const) {
      const message = json({ time: new Date().toISOString(), inlet });
      await exec("/usr/bin/mosquitto_pub", [
        "-p",
        String(broker.port),
        "-V",
        version,
        "-q",
        "1",
        "-t",
        "plant1/sensor",
        "-m",
        message,
      ]);
    }
    await until(() => rows.length === 2, 5_000, "both");
    expect(valuesOf("foreign.inletTemperatureC")).toEqual([21.5, 22.5]);
  });
});

describe("a broker", () => {
  it("that forgot the session is told everything again", async () => {
    const first = await startEmbeddedBroker({ port: 0 });
    const { adapter, rows } = await startAdapter(first.url);
    await first.stop();
    await until(() => adapter.notReady() !== undefined, 5_000, "the loss to be noticed");
    const second = await startEmbeddedBroker({ port: first.port });
    cleanUp.push(() => second.stop());
    expect(second.port).toBe(first.port);
    await until(() => adapter.notReady() === undefined, 10_000, "the connection");
    const client = await publisher(second.url);
    await client.publishAsync("plant1/sensor", json({ inlet: 1 }), { qos: 1 });
    await until(() => rows.length === 1, 5_000, "a reading");
  });

  it("that refuses a subscription is named, and the rest is read", async () => {
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_, subscription, done) =>
        done(null, subscription.topic.startsWith("hs/") ? subscription : null),
    });
    const server = createServer((socket) => aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUp.push(() => new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve()))));
    const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const spy = memorySink();
    const { adapter } = await startTestAdapter(db, { url, sink: spy.sink });
    cleanUp.push(() => adapter.stop());
    await until(() => spy.failures.length > 0, 5_000, "the refusal");
    expect(spy.failures).toEqual([
      { deviceId: "foreign", error: "the MQTT broker refuses a subscription to plant1/sensor" },
    ]);
    expect(adapter.notReady()).toBe("MQTT: the broker refuses a subscription to plant1/sensor");
    const client = await publisher(url);
    await client.publishAsync("hs/c/meter", json({ power: 1 }), { qos: 1 });
    await until(() => spy.rows.length === 1, 5_000, "the meter");
  });
});
