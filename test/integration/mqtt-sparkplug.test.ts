/* Sparkplug B through a broker, from payloads that sparkplug-payload encodes: births, gaps, deaths, restarts. */
import mqtt, { type MqttClient } from "mqtt";
import { get } from "sparkplug-payload";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startEmbeddedBroker } from "#cli/embedded/mqtt-broker.ts";
import { freePort } from "#cli/embedded/ports.ts";
import type { Database } from "#db/client.ts";
import { point } from "#db/schema/fleet.ts";
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

const reference = get("spBv1.0")!;
type Metric = NonNullable<Parameters<typeof reference.encodePayload>[0]["metrics"]>[number];

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
    {
      id: "rack",
      profile: "gpu-sparkplug",
      protocol: "sparkplug",
      address: { group: "c", edgeNode: "edge", device: "r" },
      inRack: true,
    },
  ]),
);
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

/** An edge node of the reference library: births on command, data by alias, its death as its will. */
async function startEdgeNode(url: string, { answers = true, bdSeq = 0 } = {}) {
  const state = { seq: 0, commands: 0, values: { inletC: 20, power: 300 } };
  const encode = (metrics: Partial<Metric>[], seq?: number) =>
    Buffer.from(
      reference.encodePayload({
        timestamp: Date.now(),
        metrics: metrics as Metric[],
        ...(seq !== undefined && { seq }),
      }),
    );
  const bdSeqMetric: Metric = { name: "bdSeq", type: "UInt64", value: bdSeq };
  const client: MqttClient = await mqtt.connectAsync(url, {
    will: { topic: "spBv1.0/c/NDEATH/edge", payload: encode([bdSeqMetric]), qos: 1, retain: false },
    reconnectPeriod: 0,
  });
  cleanUp.push(() => client.endAsync(true));
  const next = () => state.seq++ % 256;
  const publish = (type: string, metrics: Partial<Metric>[], ofDevice = true, seq = next()) =>
    client.publishAsync(`spBv1.0/c/${type}/edge${ofDevice ? "/r" : ""}`, encode(metrics, seq), { qos: 0 });
  const birth = async () => {
    state.seq = 0;
    await publish("NBIRTH", [bdSeqMetric, { name: "Node Control/Rebirth", type: "Boolean", value: false }], false);
    await publish("DBIRTH", [
      { name: "inletC", alias: 1, type: "Double", value: state.values.inletC },
      { name: "gpu/0/powerW", alias: 2, type: "Float", value: state.values.power },
      { name: "gpu/0/temperatureC", alias: 3, type: "Int16", value: 55 },
    ]);
  };
  await client.subscribeAsync("spBv1.0/c/NCMD/edge", { qos: 1 });
  client.on("message", (_, bytes) => {
    const [metric] = reference.decodePayload(bytes).metrics ?? [];
    if (metric?.name !== "Node Control/Rebirth" || metric.value !== true) return;
    state.commands++;
    if (answers) void birth();
  });
  const inlet = (value: number, seq = next()) => publish("DDATA", [{ alias: 1, type: "Double", value }], true, seq);
  const power = (value: number) => publish("DDATA", [{ alias: 2, type: "Float", value }]);
  return { client, state, birth, inlet, power, next };
}

async function startAdapter(url: string) {
  const spy = memorySink();
  const started = await startTestAdapter(db, { url, sink: spy.sink, sparkplug: { reorderMs: 300, birthMs: 1_500 } });
  cleanUp.push(() => started.adapter.stop());
  await until(() => started.adapter.notReady() === undefined, 10_000, "the adapter");
  const inletId = (await db.orm.select().from(point)).find(({ name }) => name === "inletTemperatureC")!.id;
  const inlets = () => spy.rows.filter(({ pointId }) => pointId === inletId).map(({ value }) => value);
  const asked = (reason: string) =>
    metricValue(started.metrics, "hs_sparkplug_rebirth_requests_total", `reason="${reason}"`);
  return { ...spy, ...started, inlets, asked };
}

const brokers = [...(hasMosquitto ? ["Mosquitto"] : []), "the embedded broker"] as const;
if (!hasMosquitto) console.log("Sparkplug through a real Mosquitto is skipped: mosquitto is needed.");
describe.each(brokers)("Sparkplug B on %s", (kind) => {
  let url: string;
  beforeEach(async () => {
    const broker =
      kind === "Mosquitto" ? await startMosquitto(await freePort()) : await startEmbeddedBroker({ port: 0 });
    cleanUp.push(() => broker.stop());
    url = broker.url;
  });

  it("reads births and data by alias", async () => {
    const { inlets, samples, letters, metrics } = await startAdapter(url);
    const edge = await startEdgeNode(url);
    await edge.birth();
    await edge.inlet(21);
    await edge.power(350);
    await until(() => inlets().length === 2 && samples.length === 2, 5_000, "two inlets and two samples");
    expect(inlets()).toEqual([20, 21]);
    expect(samples.map(({ values }) => values)).toEqual([
      { powerW: 300, temperatureC: 55 },
      { powerW: 350, temperatureC: 55 },
    ]);
    expect(letters).toEqual([]);
    expect(await metricValue(metrics, "hs_mqtt_messages_total", 'kind="DDATA"')).toBe(2);
    expect(await metricValue(metrics, "hs_sparkplug_edge_nodes_born")).toBe(1);
  });

  it("asks a node that was there first for its birth, and loses none of its data meanwhile", async () => {
    const edge = await startEdgeNode(url);
    await edge.birth();
    const { inlets, letters, asked } = await startAdapter(url);
    await edge.inlet(21);
    await edge.inlet(22);
    await until(
      () => inlets().length >= 3,
      5_000,
      () => `the birth and both: ${inlets()}`,
    );
    expect(new Set(inlets())).toEqual(new Set([20, 21, 22]));
    expect(edge.state.commands).toBe(1);
    expect((await asked("unborn")) + (await asked("start"))).toBe(1);
    expect(letters).toEqual([]);
  });

  it("asks a silent node, too", async () => {
    const edge = await startEdgeNode(url);
    const { inlets, asked } = await startAdapter(url);
    await until(() => inlets().length === 1, 5_000, "its birth");
    expect(edge.state.commands).toBe(1);
    expect(await asked("start")).toBe(1);
  });

  it("puts what came out of order in order, and asks for a rebirth over a gap", async () => {
    const { inlets, letters, asked } = await startAdapter(url);
    const edge = await startEdgeNode(url);
    await edge.birth();
    await edge.inlet(3, 3);
    await edge.inlet(2, 2);
    await until(() => inlets().length === 3, 5_000, "both in order");
    expect(inlets()).toEqual([20, 2, 3]);
    expect(await asked("gap")).toBe(0);
    edge.state.seq = 7;
    await edge.inlet(7);
    await until(() => edge.state.commands === 1, 5_000, "the rebirth request");
    // The rebirth brings 20 once more; what came after the gap is kept.
    await until(() => inlets().length === 5, 5_000, "the rebirth");
    expect(inlets()).toEqual([20, 2, 3, 7, 20]);
    await edge.inlet(8);
    await until(() => inlets().at(-1) === 8, 5_000, "data after it");
    expect(await asked("gap")).toBe(1);
    expect(letters).toEqual([]);
  });

  it("keeps data as unknown_alias where no birth comes, asks no more than it may, and reads on after a birth", async () => {
    const { inlets, letters } = await startAdapter(url);
    const edge = await startEdgeNode(url, { answers: false });
    for (let n = 0; n < 20; n++) await edge.inlet(n);
    await until(() => letters.length === 20, 6_000, "20 dead letters");
    expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(["unknown_alias"]));
    expect(letters[0]!.source).toBe("spBv1.0/c/DDATA/edge/r");
    expect(edge.state.commands).toBe(1);
    await edge.birth();
    await edge.inlet(99);
    await until(() => inlets().length === 2, 5_000, "the birth and one more");
    expect(inlets()).toEqual([20, 99]);
  });

  it("takes a node's death for its devices', and not the death of an earlier connection", async () => {
    const { failures, inlets, metrics } = await startAdapter(url);
    const first = await startEdgeNode(url, { bdSeq: 0 });
    await first.birth();
    await until(() => inlets().length === 1, 5_000, "the birth");
    first.client.stream.destroy();
    await until(() => failures.length === 1, 5_000, "the death");
    expect(failures[0]).toEqual({ deviceId: "rack", error: "Sparkplug: death certificate of its edge node" });
    expect(await metricValue(metrics, "hs_sparkplug_edge_nodes_born")).toBe(0);
    const second = await startEdgeNode(url, { bdSeq: 1 });
    const third = await startEdgeNode(url, { bdSeq: 2 });
    await third.birth();
    await until(() => inlets().length === 2, 5_000, "the birth");
    second.client.stream.destroy();
    await third.inlet(25);
    await until(() => inlets().at(-1) === 25, 5_000, "data of the living");
    expect(failures).toHaveLength(1);
  });

  it("refuses what is no payload, no topic, no node and no device of the fleet", async () => {
    const { letters, inlets, failures } = await startAdapter(url);
    const edge = await startEdgeNode(url);
    await edge.birth();
    const payload = Buffer.from(reference.encodePayload({ timestamp: Date.now(), seq: 2, metrics: [] }));
    await edge.client.publishAsync("spBv1.0/c/DDATA/edge/r", Buffer.from([0xff, 0x01, 0x02]), { qos: 1 });
    await edge.client.publishAsync("spBv1.0/c/RUMOUR/edge", payload, { qos: 1 });
    await edge.client.publishAsync("spBv1.0/c/NDATA/nobody", payload, { qos: 1 });
    await edge.client.publishAsync("spBv1.0/c/DDATA/edge/nobody", payload, { qos: 1 });
    await until(
      () => letters.length === 4,
      5_000,
      () => `four dead letters: ${letters.map(({ reason }) => reason)}`,
    );
    expect(letters.map(({ reason }) => reason).sort()).toEqual([
      "malformed",
      "unknown_device",
      "unknown_device",
      "unknown_topic",
    ]);
    expect(failures).toEqual([{ deviceId: "rack", error: expect.stringMatching(/^malformed: /) }]);
    await edge.inlet(30, 3);
    await until(() => inlets().at(-1) === 30, 5_000, "data after all that");
  });
});
