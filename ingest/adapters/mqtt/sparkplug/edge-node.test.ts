import fc from "fast-check";
import { get } from "sparkplug-payload";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GpuSampleRow, ReadingRow } from "../../../pipeline/types.ts";
import { plainJudge, testDevice } from "../testing.ts";
import type { Problem, SparkplugDevice } from "../types.ts";
import { EdgeNode } from "./edge-node.ts";
import { decodePayload } from "./payload.ts";
import { RebirthRequests } from "./rebirth.ts";
import type { MessageType } from "./topic.ts";

const reference = get("spBv1.0")!;
type UMetric = NonNullable<Parameters<typeof reference.encodePayload>[0]["metrics"]>[number];
const start = Date.UTC(2026, 0, 2);
const reorderMs = 200;
const birthMs = 500;

let now: number;
let rebirths: string[];
let readings: ReadingRow[];
let samples: GpuSampleRow[];
let problems: Problem[];
let deaths: string[];
let node: EdgeNode;
let failWrites: boolean;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  now = start;
  [rebirths, readings, samples, problems, deaths, failWrites] = [[], [], [], [], [], false];
  node = new EdgeNode({
    judge: plainJudge,
    deliver: async (_, device, decoded) => {
      if (failWrites) throw new Error("not written");
      readings.push(...decoded.readings);
      samples.push(...decoded.gpuSamples);
      problems.push(...decoded.problems);
      expect(device !== undefined || decoded.readings.length === 0).toBe(true);
    },
    requestRebirth: (reason) => rebirths.push(reason),
    died: (device, _, why) => deaths.push(`${device.id}: ${why}`),
    reorderMs,
    birthMs,
  });
  node.setDevices(new Map([["rack", { ...testDevice<SparkplugDevice>("gpu-sparkplug", 2), id: "rack" }]]));
});
afterEach(() => {
  vi.useRealTimers();
});

type Options = { device?: string; seq?: number; at?: number; dup?: boolean };
const send = (type: MessageType, metrics: Partial<UMetric>[], { device, seq, at = now, dup = false }: Options = {}) => {
  const bytes = reference.encodePayload({
    timestamp: at,
    metrics: metrics as UMetric[],
    ...(seq !== undefined && { seq }),
  });
  const payload = decodePayload(bytes);
  return node.receive({ topic: "t", type, device, payload, bytes, receivedAtUs: now * 1_000, dup });
};
const inlet = (value: number | null, alias = 1): Partial<UMetric>[] => [{ alias, type: "Double", value }];
const nbirth = (bdSeq = 0, options: Options = {}) =>
  send("NBIRTH", [{ name: "bdSeq", type: "Int64", value: bdSeq }], { seq: 0, ...options });
const dbirth = (seq = 1, options: Options = {}) =>
  send(
    "DBIRTH",
    [
      { name: "inletC", alias: 1, type: "Double", value: 20 },
      { name: "outletC", alias: 2, type: "Double", value: 30 },
      { name: "gpu/0/powerW", alias: 10, type: "Double", value: 100 },
      { name: "gpu/0/temperatureC", alias: 11, type: "Int32", value: 40 },
      { name: "gpu/0/uuid", alias: 12, type: "String", value: "GPU-0" },
      { name: "gpu/0/xid", alias: 13, type: "Int64", value: 0 },
    ],
    { device: "rack", seq, ...options },
  );
const ddata = (seq: number, metrics: Partial<UMetric>[], options: Options = {}) =>
  send("DDATA", metrics, { device: "rack", seq, ...options });
const values = () => readings.map(({ value }) => value);

describe("an edge node in order", () => {
  it("reads births and data by alias", async () => {
    await nbirth();
    await dbirth();
    now += 1_000;
    await ddata(2, inlet(21));
    expect(values()).toEqual([20, 30, 21]);
    expect(readings[2]).toEqual({
      pointId: 1,
      timeUs: now * 1_000,
      receivedAtUs: now * 1_000,
      value: 21,
      quality: "good",
    });
    expect(problems).toEqual([]);
    expect(rebirths).toEqual([]);
  });

  it("takes a GPU's sample as what changed upon what stood", async () => {
    await nbirth();
    await dbirth();
    expect(samples).toEqual([
      expect.objectContaining({ gpuId: 100, values: { powerW: 100, temperatureC: 40 }, uuid: "GPU-0", xid: 0 }),
    ]);
    now += 1_000;
    await ddata(2, [{ alias: 10, type: "Double", value: 250 }]);
    expect(samples[1]).toMatchObject({ timeUs: now * 1_000, values: { powerW: 250, temperatureC: 40 }, uuid: "GPU-0" });
    await ddata(3, [
      { alias: 11, type: "Int32", value: null },
      { alias: 13, type: "Int64", value: 79 },
    ]);
    expect(samples[2]).toMatchObject({ values: { powerW: 250, temperatureC: null }, xid: 79 });
    // The birth that a host asks for starts from nothing.
    await nbirth();
    await send("DBIRTH", [{ name: "gpu/1/powerW", alias: 10, type: "Double", value: 5 }], { device: "rack", seq: 1 });
    expect(samples[3]).toMatchObject({ gpuId: 101, values: { powerW: 5 }, uuid: null });
    await ddata(2, [{ alias: 10, type: "Double", value: 6 }]);
    expect(samples[4]).toMatchObject({ gpuId: 101, values: { powerW: 6 } });
  });

  it("keeps is_null and NaN as missing, history as backfilled and apart from what stands", async () => {
    await nbirth();
    await dbirth();
    await ddata(2, inlet(null));
    await ddata(3, inlet(Number.NaN));
    const hourAgo = now - 3_600_000;
    await ddata(4, [
      { alias: 1, type: "Double", value: 19, isHistorical: true, timestamp: hourAgo },
      { alias: 10, type: "Double", value: 77, isHistorical: true, timestamp: hourAgo },
    ]);
    expect(readings.slice(2).map(({ value, quality, timeUs }) => ({ value, quality, timeUs }))).toEqual([
      { value: null, quality: "sentinel", timeUs: now * 1_000 },
      { value: null, quality: "sentinel", timeUs: now * 1_000 },
      { value: 19, quality: "backfilled", timeUs: hourAgo * 1_000 },
    ]);
    expect(samples[1]).toMatchObject({ timeUs: hourAgo * 1_000, values: { powerW: 77 }, quality: "backfilled" });
    await ddata(5, [{ alias: 11, type: "Int32", value: 41 }]);
    expect(samples[2]).toMatchObject({ values: { powerW: 100, temperatureC: 41 } });
  });

  it("shows in each of a message's rows what stood at its time", async () => {
    await nbirth();
    await dbirth();
    await ddata(2, [
      { alias: 10, type: "Double", value: 3, timestamp: now + 20 },
      { alias: 10, type: "Double", value: 2, timestamp: now + 10 },
      { alias: 11, type: "Int32", value: 42, timestamp: now + 10 },
    ]);
    expect(samples.slice(1).map(({ timeUs, values: at }) => [timeUs / 1_000 - now, at])).toEqual([
      [10, { powerW: 2, temperatureC: 42 }],
      [20, { powerW: 3, temperatureC: 42 }],
    ]);
  });

  it("reads metrics by name, and names what it cannot use", async () => {
    await nbirth();
    await dbirth();
    await ddata(2, [
      { name: "inletC", type: "Double", value: 22 },
      { name: "novel", type: "Double", value: 1 },
      { alias: 99, type: "Double", value: 1 },
      { alias: 2, type: "String", value: "hot" },
      { alias: 10, type: "DataSet", value: { numOfColumns: 0, columns: [], types: [], rows: [] } },
    ]);
    expect(values().at(-1)).toBe(22);
    expect(problems).toEqual([
      { reason: "unknown_point", detail: "novel: the birth certificate does not mention it" },
      { reason: "unknown_alias", detail: "alias 99: the birth certificate does not mention it" },
      { reason: "invalid_value", detail: 'outletC: "hot" is not a number; gpu/0/powerW: datatype 16 is no reading' },
    ]);
    expect(rebirths).toEqual(["unknown_alias"]);
  });

  it("counts on from 255 to 0", async () => {
    await nbirth(0, { seq: 254 });
    await dbirth(255);
    await ddata(0, inlet(1));
    await ddata(1, inlet(2));
    expect(values()).toEqual([20, 30, 1, 2]);
    expect(rebirths).toEqual([]);
  });

  it("leaves a node's own metrics alone where the fleet knows only its devices, and refuses strangers", async () => {
    await nbirth();
    await send("NDATA", [{ name: "Node Control/Rebirth", type: "Boolean", value: false }], { seq: 1 });
    expect(problems).toEqual([]);
    await send("DBIRTH", inlet(1), { device: "other", seq: 2 });
    await send("DDATA", inlet(1), { device: "other", seq: 3 });
    await dbirth(4);
    expect(problems).toEqual([
      { reason: "unknown_device", detail: "no device other of this edge node in the fleet" },
      { reason: "unknown_device", detail: "no device other of this edge node in the fleet" },
    ]);
    expect(values()).toEqual([20, 30]);
  });

  it("takes the node itself for a device where the fleet says so", async () => {
    node.setDevices(new Map([["", testDevice<SparkplugDevice>("gpu-sparkplug", 2)]]));
    await send(
      "NBIRTH",
      [
        { name: "bdSeq", type: "Int64", value: 1 },
        { name: "inletC", alias: 1, type: "Double", value: 9 },
      ],
      { seq: 0 },
    );
    await send("NDATA", inlet(10), { seq: 1 });
    expect(values()).toEqual([9, 10]);
  });
});

describe("out of order", () => {
  it("waits for the one that is missing, then takes all in their order", async () => {
    await nbirth();
    await dbirth();
    const third = ddata(4, inlet(3));
    const second = ddata(3, inlet(2));
    let settled = false;
    void third.then(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(reorderMs - 10);
    expect(values()).toEqual([20, 30]);
    expect(settled).toBe(false);
    await ddata(2, inlet(1));
    await Promise.all([second, third]);
    expect(values()).toEqual([20, 30, 1, 2, 3]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rebirths).toEqual([]);
  });

  it("asks for a rebirth after the timeout, and loses nothing that came", async () => {
    await nbirth();
    await dbirth();
    const later = ddata(4, inlet(3));
    await vi.advanceTimersByTimeAsync(reorderMs + 1);
    await later;
    expect(rebirths).toEqual(["gap"]);
    expect(values()).toEqual([20, 30, 3]);
    await ddata(5, inlet(4));
    // The one that was missed comes after all: it is true of its time.
    await ddata(3, inlet(2.5));
    expect(values()).toEqual([20, 30, 3, 4, 2.5]);
    expect(problems).toEqual([]);
  });

  it("lets a birth that was overtaken by its data explain it", async () => {
    const early = [dbirth(1), ddata(2, inlet(5))];
    await nbirth();
    await Promise.all(early);
    expect(values()).toEqual([20, 30, 5]);
    await ddata(3, inlet(6));
    expect(values()).toEqual([20, 30, 5, 6]);
  });

  it("knows a second delivery, and waits with it for the first", async () => {
    await nbirth();
    await dbirth();
    const at = now;
    await ddata(2, inlet(1), { at });
    await ddata(3, inlet(2));
    await ddata(2, inlet(1), { at, dup: true });
    await dbirth(1, { dup: true });
    await nbirth(0, { dup: true });
    expect(values()).toEqual([20, 30, 1, 2]);
    expect(problems).toEqual([]);
    await ddata(4, inlet(3));
    expect(values()).toEqual([20, 30, 1, 2, 3]);
  });

  it("takes again what could not be written", async () => {
    await nbirth();
    await dbirth();
    failWrites = true;
    await expect(ddata(2, inlet(1))).rejects.toThrow("not written");
    failWrites = false;
    await ddata(2, inlet(1), { dup: true });
    expect(values()).toEqual([20, 30, 1]);
  });

  it("refuses what belongs to a life before the birth", async () => {
    await nbirth();
    await dbirth();
    await ddata(200, inlet(1), { at: now - 1_000 });
    expect(problems).toEqual([
      { reason: "stale_sequence", detail: "seq 200 of a life before this birth, where 2 is next" },
    ]);
  });

  it("goes on after more than half a round was missed", async () => {
    await nbirth();
    await dbirth();
    now += 200_000;
    await ddata(190, inlet(1));
    await ddata(191, inlet(2));
    expect(values()).toEqual([20, 30, 1, 2]);
    expect(rebirths).toEqual(["gap"]);
  });
});

describe("before a birth", () => {
  it("asks for it and writes by it what came before", async () => {
    const waiting = ddata(57, inlet(1), { at: now - 1_000 });
    expect(rebirths).toEqual(["unborn"]);
    await vi.advanceTimersByTimeAsync(birthMs - 10);
    await nbirth();
    await dbirth();
    await waiting;
    expect(values()).toEqual([20, 30, 1]);
    expect(readings[2]!.timeUs).toBe((start - 1_000) * 1_000);
    await ddata(2, inlet(2));
    expect(values()).toEqual([20, 30, 1, 2]);
    expect(problems).toEqual([]);
  });

  it("refuses it as unknown_alias when none comes, and from then on at once", async () => {
    const waiting = ddata(57, inlet(1));
    await vi.advanceTimersByTimeAsync(birthMs + 1);
    await waiting;
    await ddata(58, inlet(2));
    expect(problems).toEqual([
      { reason: "unknown_alias", detail: "no birth certificate came in time" },
      { reason: "unknown_alias", detail: "no birth certificate, though it was asked for" },
    ]);
    expect(rebirths).toEqual(["unborn", "unborn"]);
    await nbirth();
    await dbirth();
    await ddata(2, inlet(3));
    expect(values()).toEqual([20, 30, 3]);
  });

  it("waits for a device's birth after the node's", async () => {
    await nbirth();
    const waiting = ddata(1, inlet(1));
    expect(rebirths).toEqual(["unborn"]);
    await dbirth(2);
    await waiting;
    expect(values()).toEqual([20, 30, 1]);
  });

  it("holds a bounded number", async () => {
    const waiting = Array.from({ length: 1_005 }, (_, n) => ddata(n % 256, inlet(n)));
    await Promise.all(waiting.slice(1_000));
    expect(problems).toHaveLength(5);
    expect(problems[0]).toEqual({ reason: "unknown_alias", detail: "too many wait for a birth certificate" });
  });
});

describe("death", () => {
  const death = (bdSeq: number) => send("NDEATH", [{ name: "bdSeq", type: "Int64", value: bdSeq }]);

  it("of the node ends all its devices, and its aliases", async () => {
    await nbirth(7);
    await dbirth();
    await death(7);
    expect(deaths).toEqual(["rack: Sparkplug: death certificate of its edge node"]);
    expect(node.isBorn).toBe(false);
    const waiting = ddata(2, inlet(1));
    expect(rebirths).toEqual(["unborn"]);
    await vi.advanceTimersByTimeAsync(birthMs + 1);
    await waiting;
    expect(problems.map(({ reason }) => reason)).toEqual(["unknown_alias"]);
  });

  it("of an earlier life is no news", async () => {
    await nbirth(8);
    await dbirth();
    await death(7);
    expect(deaths).toEqual([]);
    await ddata(2, inlet(1));
    expect(values()).toEqual([20, 30, 1]);
  });

  it("before any birth is reported too, and refuses what waits", async () => {
    const waiting = ddata(5, inlet(1));
    await death(3);
    await waiting;
    expect(deaths).toHaveLength(1);
    expect(problems).toEqual([{ reason: "unknown_alias", detail: "the edge node died before its birth was known" }]);
  });

  it("of a device ends that one; it can be born again", async () => {
    await nbirth();
    await dbirth();
    await send("DDEATH", [], { device: "rack", seq: 2 });
    expect(deaths).toEqual(["rack: Sparkplug: its death certificate"]);
    await dbirth(3);
    await ddata(4, inlet(2));
    expect(values()).toEqual([20, 30, 20, 30, 2]);
  });
});

describe("after the host was away", () => {
  it("goes on where nothing was missed", async () => {
    await nbirth();
    await dbirth();
    node.hostWasAway();
    await ddata(2, inlet(1));
    await ddata(3, inlet(2));
    expect(values()).toEqual([20, 30, 1, 2]);
    expect(rebirths).toEqual([]);
  });

  it("trusts no alias over a gap: the one birth that was missed may have given them another meaning", async () => {
    await nbirth();
    await dbirth();
    node.hostWasAway();
    now += 60_000;
    const waiting = ddata(4, inlet(1));
    expect(rebirths).toContain("gap");
    expect(values()).toEqual([20, 30]);
    now += 10;
    await nbirth(1);
    await send("DBIRTH", [{ name: "outletC", alias: 1, type: "Double", value: 33 }], { device: "rack", seq: 1 });
    await waiting;
    expect(readings.slice(2).map(({ pointId, value }) => [pointId, value])).toEqual([
      [2, 33],
      [2, 1],
    ]);
  });
});

describe("stopping and reloading", () => {
  it("gives back what waits", async () => {
    const waiting = ddata(57, inlet(1));
    node.stop();
    await expect(waiting).rejects.toThrow("stopped");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps births over a new reading of the fleet", async () => {
    await nbirth();
    await dbirth();
    const device = { ...testDevice<SparkplugDevice>("gpu-sparkplug", 2), id: "rack" };
    device.points.set("inletTemperatureC", { id: 77, minimum: null, maximum: null });
    node.setDevices(new Map([["rack", device]]));
    await ddata(2, inlet(1));
    expect(readings.at(-1)).toMatchObject({ pointId: 77, value: 1 });
  });
});

describe("whatever comes", () => {
  it("each message is answered in the end, whatever its order", async () => {
    const kinds = ["NBIRTH", "DBIRTH", "DDATA", "DDATA", "DDATA", "NDATA", "DDEATH", "NDEATH"] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            kind: fc.constantFrom(...kinds),
            seq: fc.integer({ min: 0, max: 255 }),
            dup: fc.boolean(),
            away: fc.boolean(),
            step: fc.nat(3_000),
          }),
          { maxLength: 40 },
        ),
        async (messages) => {
          const pending: Promise<void>[] = [];
          for (const { kind, seq, dup, away, step } of messages) {
            now += step;
            if (away) node.hostWasAway();
            if (kind === "NBIRTH") pending.push(nbirth(seq % 3, { seq, dup }));
            else if (kind === "DBIRTH") pending.push(dbirth(seq, { dup }));
            else if (kind === "NDEATH")
              pending.push(send("NDEATH", [{ name: "bdSeq", type: "Int64", value: seq % 3 }]));
            else if (kind === "NDATA") pending.push(send(kind, [], { seq, dup }));
            else pending.push(send(kind, kind === "DDATA" ? inlet(seq) : [], { device: "rack", seq, dup }));
            if (step > 2_000) await vi.advanceTimersByTimeAsync(step);
          }
          await vi.advanceTimersByTimeAsync(10 * birthMs);
          await Promise.all(pending);
        },
      ),
      { numRuns: 300 },
    );
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("RebirthRequests", () => {
  it("asks a node ever more rarely while it is silent, and again soon after it answered", () => {
    const sent: number[] = [];
    let nowMs = 1_000_000;
    const requests = new RebirthRequests(
      () => sent.push(nowMs) > 0,
      () => nowMs,
    );
    for (; nowMs < 1_100_000; nowMs += 1_000) requests.request("g/e", "unborn");
    expect(sent.map((ms) => (ms - 1_000_000) / 1_000)).toEqual([0, 10, 30, 70]);
    requests.answered("g/e");
    for (; nowMs < 1_200_000; nowMs += 1_000) requests.request("g/e", "unborn");
    expect(sent.slice(4).map((ms) => (ms - 1_000_000) / 1_000)).toEqual([150, 160, 180]);
  });

  it("asks no more than twenty nodes in a second, and asks again what could not be sent", () => {
    let nowMs = 0;
    let able = false;
    let sent = 0;
    const requests = new RebirthRequests(
      () => able && ++sent > 0,
      () => nowMs,
    );
    expect(requests.request("g/0", "start")).toBe(false);
    able = true;
    for (let n = 0; n < 50; n++) requests.request(`g/${n}`, "start");
    expect(sent).toBe(20);
    nowMs += 1_000;
    for (let n = 0; n < 50; n++) requests.request(`g/${n}`, "start");
    expect(sent).toBe(40);
  });
});
