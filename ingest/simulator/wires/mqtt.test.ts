import mqtt from "mqtt";
import { get } from "sparkplug-payload";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedBroker, startEmbeddedBroker } from "#cli/embedded/mqtt-broker.ts";
import { silentLog, until } from "../../adapters/modbus/testing.ts";
import { profileOf } from "../../profiles/index.ts";
import { Simulation } from "../simulation.ts";
import { demonstrationFleet, planOf } from "../testing.ts";
import { startMqttPublisher } from "./mqtt-publisher.ts";
import { Schedule } from "./schedule.ts";
import { encodePayload } from "./sparkplug-payload.ts";

// Another library than ours reads what we write.
const sparkplug = get("spBv1.0")!;
const plan = planOf(demonstrationFleet());
const devices = plan.flatMap((centre) => centre.devices);
const startMs = Date.UTC(2026, 10, 24, 11);

type Heard = { topic: string; payload: Buffer };
let broker: EmbeddedBroker;
let host: mqtt.MqttClient;
const heard: Heard[] = [];
const simulation = new Simulation(plan, 1, { timeMs: startMs, historyEndMs: startMs });
let publisher: ReturnType<typeof startMqttPublisher>;

beforeAll(async () => {
  broker = await startEmbeddedBroker({ port: 0 });
  host = await mqtt.connectAsync(broker.url);
  host.on("message", (topic, payload) => heard.push({ topic, payload }));
  await host.subscribeAsync(["hs/#", "spBv1.0/#"]);
  publisher = startMqttPublisher({ url: broker.url, devices, fleet: simulation, log: silentLog });
  await until(() => publisher.isConnected(), 5_000, "the publisher to be connected");
});
afterAll(async () => {
  await publisher.stop();
  await host.endAsync();
  await broker.stop();
});

const on = (type: string) => heard.filter(({ topic }) => topic.startsWith(`spBv1.0/hs-qinghai/${type}/qh-b-06`));
const decoded = ({ payload }: Heard) => sparkplug.decodePayload(payload);

describe("the simulated racks", () => {
  it("publish JSON that profile gpu-json reads: sixteen GPUs with every field, and the air", async () => {
    simulation.advance(startMs + 1_000, 1_000, () => {});
    publisher.tick(startMs + 1_000);
    const racks = devices.filter((device) => device.role === "gpu_rack" && device.protocol === "mqtt-json");
    await until(
      () => heard.filter(({ topic }) => topic.startsWith("hs/")).length === racks.length,
      5_000,
      "a message of each rack",
    );
    const message = JSON.parse(heard.find(({ topic }) => topic === "hs/qinghai/qh-a-01/gpu")!.payload.toString());
    expect(message.t).toBe(startMs + 1_000);
    expect(message.gpus).toHaveLength(16);
    const profile = profileOf("gpu-json");
    if (profile.protocol !== "mqtt-json") throw new Error("gpu-json is JSON");
    for (const { from } of Object.values(profile.gpus!.fields))
      expect([from, typeof message.gpus[3][from]]).toEqual([from, "number"]);
    expect(message.gpus[3].uuid).toMatch(/^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(message.inletC).toBeGreaterThan(15);
    expect(message.outletC).toBeGreaterThan(message.inletC);
    const all = racks.flatMap(({ rackId }) => simulation.gpusOf(rackId!).map(({ uuid }) => uuid));
    expect(new Set(all).size).toBe(all.length);
  });

  it("publish at their interval, not at every tick", async () => {
    const count = () => heard.filter(({ topic }) => topic === "hs/qinghai/qh-a-02/gpu").length;
    const before = count();
    for (let second = 2; second <= 31; second++) {
      simulation.advance(startMs + second * 1_000, 1_000, () => {});
      for (let quarter = 0; quarter < 4; quarter++) publisher.tick(startMs + second * 1_000 + quarter * 250);
    }
    await until(() => count() - before >= 3, 5_000, "three messages in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(count() - before).toBe(3);
  });

  it("one speaks Sparkplug B: births with names and aliases, data by alias, seq without a gap", async () => {
    const [nodeBirth, deviceBirth] = [decoded(on("NBIRTH")[0]!), decoded(on("DBIRTH")[0]!)];
    expect(Number(nodeBirth.seq)).toBe(0);
    expect(nodeBirth.metrics!.map(({ name }) => name)).toEqual(["bdSeq", "Node Control/Rebirth"]);
    expect(Number(deviceBirth.seq)).toBe(1);
    const names = new Map(deviceBirth.metrics!.map(({ name, alias }) => [Number(alias), name]));
    expect(names.size).toBe(deviceBirth.metrics!.length);
    expect([...names.values()]).toEqual(
      expect.arrayContaining(["inletC", "gpu/0/powerW", "gpu/15/uuid", "gpu/15/xid"]),
    );
    const before = on("DDATA").length;
    simulation.advance(startMs + 60_000, 1_000, () => {});
    publisher.tick(startMs + 60_000);
    await until(() => on("DDATA").length > before, 5_000, "data of the newest step");
    const data = on("DDATA").map(decoded);
    expect(data.length).toBeGreaterThanOrEqual(4);
    expect(data.map(({ seq }) => Number(seq))).toEqual(data.map((_, at) => 2 + at));
    const values = new Map(data.at(-1)!.metrics!.map(({ alias, value }) => [names.get(Number(alias)), value]));
    for (const { index, uuid, values: sample } of simulation.gpusOf("qh-b-06")) {
      expect(values.get(`gpu/${index}/powerW`)).toBe(sample.powerW);
      expect(values.get(`gpu/${index}/uuid`)).toBe(uuid);
    }
  });

  it("is born again when a host asks, and a silent one says nothing", async () => {
    const births = on("DBIRTH").length;
    const ask = (value: boolean) =>
      host.publishAsync(
        "spBv1.0/hs-qinghai/NCMD/qh-b-06",
        Buffer.from(
          sparkplug.encodePayload({
            timestamp: Date.now(),
            metrics: [{ name: "Node Control/Rebirth", type: "Boolean", value }],
          }),
        ),
      );
    await ask(false);
    await host.publishAsync("spBv1.0/hs-qinghai/NCMD/qh-b-06", Buffer.from("rubbish"));
    await ask(true);
    await until(() => on("DBIRTH").length > births, 5_000, "another birth");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(on("DBIRTH").length).toBe(births + 1);
    expect(Number(decoded(on("NBIRTH").at(-1)!).seq)).toBe(0);

    simulation.silent.add("qh-b-06-gpus").add("qh-a-01-gpus");
    const said = () => [on("DDATA").length, heard.filter(({ topic }) => topic === "hs/qinghai/qh-a-01/gpu").length];
    const [before, others] = [said(), heard.length];
    publisher.tick(startMs + 600_000);
    await until(() => heard.length >= others + 10, 5_000, "the others to speak");
    expect(said()).toEqual(before);
    simulation.silent.clear();
  });

  it("a node that leaves says so with the bdSeq of its birth", async () => {
    await publisher.stop();
    await until(() => on("NDEATH").length === 1, 5_000, "a death certificate");
    const bdSeq = (message: Heard) => Number(decoded(message).metrics!.find(({ name }) => name === "bdSeq")!.value);
    expect(bdSeq(on("NDEATH")[0]!)).toBe(bdSeq(on("NBIRTH").at(-1)!));
  });
});

describe("parts", () => {
  it("a payload reads back with null and text, and without seq where there is none", () => {
    const bytes = encodePayload(startMs, [
      { name: "a", alias: 7, type: "double", value: null },
      { name: "b", type: "string", value: "x" },
      { name: "c", type: "int64", value: 79 },
    ]);
    const read = sparkplug.decodePayload(bytes);
    expect(read.metrics!.map(({ name, type, value }) => [name, type, value === null ? null : String(value)])).toEqual([
      ["a", "Double", null],
      ["b", "String", "x"],
      ["c", "Int64", "79"],
    ]);
    expect(Number(read.timestamp)).toBe(startMs);
  });

  it("a schedule is due once a slot, and catches up once after a pause", () => {
    const schedule = new Schedule();
    const due = (nowMs: number) => schedule.isDue("d", 10_000, nowMs);
    let count = 0;
    for (let nowMs = startMs; nowMs < startMs + 100_000; nowMs += 250) if (due(nowMs)) count++;
    expect(count).toBe(11);
    expect([due(startMs + 500_000), due(startMs + 500_000)]).toEqual([true, false]);
  });
});
