import { describe, expect, it } from "vitest";
import { AckQueue } from "./ack-queue.ts";
import { FirstArrivals } from "./arrivals.ts";
import { Backlog } from "./backlog.ts";
import { InFlight } from "./in-flight.ts";
import { addressProblem, covers, filterShapes, filtersOf } from "./subscriptions.ts";
import type { Incoming } from "./types.ts";

const message = (topic: string, text: string, receivedAtUs = 0): Incoming => ({
  topic,
  payload: Buffer.from(text),
  receivedAtUs,
  dup: false,
  retain: false,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("AckQueue", () => {
  it("acknowledges in the order of arrival, what is due in one write", async () => {
    const written: number[][] = [];
    const queue = new AckQueue((packets) => {
      const ids = [];
      for (let at = 0; at < packets.length; at += 4) {
        expect(packets.readUInt16BE(at)).toBe(0x4002);
        ids.push(packets.readUInt16BE(at + 2));
      }
      written.push(ids);
      return true;
    });
    const [first, second, third, fourth] = [7, 65_535, 1, 300].map((id) =>
      queue.expect(id, message("t", String(id)), 0),
    );
    queue.settle(second!);
    queue.settle(third!);
    await turn();
    expect(written).toEqual([]);
    expect(queue.unacknowledged()).toHaveLength(4);
    queue.settle(first!);
    await turn();
    expect(written).toEqual([[7, 65_535, 1]]);
    expect(queue.unacknowledged().map(({ payload }) => String(payload))).toEqual(["300"]);
    queue.settle(fourth!);
    await turn();
    expect(written).toEqual([[7, 65_535, 1], [300]]);
  });
});

describe("AckQueue without a connection", () => {
  it("knows what was never acknowledged, committed or not", async () => {
    const queue = new AckQueue(() => false);
    const [first] = [1, 2].map((id) => queue.expect(id, message("t", String(id)), 0));
    queue.settle(first!);
    await turn();
    expect(queue.unacknowledged().map(({ payload }) => String(payload))).toEqual(["1", "2"]);
  });
});

describe("InFlight", () => {
  it("lets nobody in while there are too many messages or bytes", async () => {
    const inFlight = new InFlight({ messages: 2, bytes: 100 });
    const asked: string[] = [];
    inFlight.add(10);
    inFlight.whenRoom(() => asked.push("a"));
    inFlight.add(10);
    inFlight.whenRoom(() => asked.push("b"));
    expect(asked).toEqual(["a"]);
    inFlight.remove(10);
    expect(asked).toEqual(["a", "b"]);
    inFlight.add(95);
    expect(inFlight.isFull).toBe(true);
    inFlight.whenRoom(() => asked.push("c"));
    inFlight.releaseWaiting();
    expect(asked).toEqual(["a", "b", "c"]);
    let idle = false;
    const waiting = inFlight.idle(10_000).then(() => {
      idle = true;
    });
    inFlight.remove(10);
    await turn();
    expect(idle).toBe(false);
    inFlight.remove(95);
    await waiting;
    expect(idle).toBe(true);
  });

  it("waits no longer than it is told", async () => {
    const inFlight = new InFlight({ messages: 2, bytes: 100 });
    inFlight.add(1);
    const begun = performance.now();
    await inFlight.idle(30);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe("FirstArrivals", () => {
  it("tells the first arrival of what comes again, once for each time it came", () => {
    const arrivals = new FirstArrivals();
    arrivals.keep([message("a", "1", 100), message("a", "1", 200), message("b", "1", 300)]);
    expect(arrivals.of(message("a", "1", 1_000))).toBe(100);
    expect(arrivals.of(message("a", "2", 1_001))).toBe(1_001);
    expect(arrivals.of(message("a", "1", 1_002))).toBe(200);
    expect(arrivals.of(message("a", "1", 1_003))).toBe(1_003);
  });

  it("still expects over a second loss what had not come again before it", () => {
    const arrivals = new FirstArrivals();
    arrivals.keep([message("a", "1", 100), message("b", "1", 200)]);
    arrivals.resume(1_000, true);
    expect(arrivals.of(message("a", "1", 1_001))).toBe(100);
    arrivals.keep([message("a", "1", 100)]);
    arrivals.resume(2_000, true);
    expect(arrivals.of(message("a", "1", 2_001))).toBe(100);
    expect(arrivals.of(message("b", "1", 2_002))).toBe(200);
  });

  it("forgets what does not come again soon, or when the broker forgot", () => {
    const arrivals = new FirstArrivals();
    arrivals.keep([message("a", "1", 100)]);
    arrivals.resume(1_000, true);
    expect(arrivals.of(message("a", "1", 61_000_000))).toBe(61_000_000);
    arrivals.keep([message("a", "1", 100)]);
    arrivals.resume(1_000, false);
    expect(arrivals.of(message("a", "1", 2_000))).toBe(2_000);
  });
});

describe("Backlog", () => {
  const minute = 60_000_000;
  const now = Date.UTC(2026, 0, 1) * 1_000;

  it("doubts a late time unless this worker was away", () => {
    const backlog = new Backlog();
    expect(backlog.judge(now - 20 * minute, now).quality).toBe("clock_suspect");
    backlog.note(now - 30 * minute, now);
    expect(backlog.judge(now - 20 * minute, now + minute)).toEqual({
      timeUs: now - 20 * minute,
      quality: undefined,
      clockOffsetMs: undefined,
    });
    // Older than the absence, or of the future: that is the clock's.
    expect(backlog.judge(now - 36 * minute, now).quality).toBe("clock_suspect");
    expect(backlog.judge(now + 6 * minute, now).quality).toBe("clock_suspect");
    // When the backlog must be through, lateness is the clock's again.
    expect(backlog.judge(now - 20 * minute, now + 30 * minute).quality).toBeUndefined();
    expect(backlog.judge(now - 20 * minute, now + 31 * minute).quality).toBe("clock_suspect");
  });

  it("joins absences that follow closely", () => {
    const backlog = new Backlog();
    backlog.note(now - 60 * minute, now);
    backlog.note(now + 10 * minute, now + 11 * minute);
    expect(backlog.explains(now - 60 * minute, now + 12 * minute)).toBe(true);
    backlog.note(now + 200 * minute, now + 201 * minute);
    expect(backlog.explains(now - 60 * minute, now + 202 * minute)).toBe(false);
  });
});

describe("subscriptions", () => {
  const json = (topic: string) => ({ protocol: "mqtt-json" as const, address: { topic } });
  const node = (group: string) => ({ protocol: "sparkplug" as const, address: { group, edgeNode: "e", device: "d" } });

  it("takes everything below hs/, other topics exactly, and a Sparkplug group whole", () => {
    const filters = filtersOf([
      json("hs/c/m"),
      json("hs/c/n"),
      json("plant1/meter"),
      json("hsx/y"),
      node("g"),
      node("g"),
    ]);
    expect(filters).toEqual(new Set(["hs/#", "plant1/meter", "hsx/y", "spBv1.0/g/#"]));
    expect(covers(filters, "hs/anything")).toBe(true);
    expect(covers(filters, "plant1/meter")).toBe(true);
    expect(covers(filters, "plant1/other")).toBe(false);
    expect(covers(filters, "spBv1.0/g/NBIRTH/x")).toBe(true);
    expect(covers(filters, "spBv1.0/h/NBIRTH/x")).toBe(false);
    expect(filterShapes("spBv1.0/h/NBIRTH/x")).toEqual(["spBv1.0/h/#", "spBv1.0/h/NBIRTH/x"]);
  });

  it.each([
    [json("hs/c/m"), undefined],
    [json("a/+/b"), "not the topic of one device"],
    [json("a/#"), "not the topic of one device"],
    [json("$SYS/x"), "not the topic of one device"],
    [json(""), "no topic"],
    [node("g"), undefined],
    [node("g/h"), "no Sparkplug group"],
    [{ protocol: "sparkplug" as const, address: { group: "g", edgeNode: "e", device: "a/b" } }, "not one level"],
  ])("checks a device's address %j", (row, problem) => {
    const found = addressProblem(row);
    if (problem) expect(found).toContain(problem);
    else expect(found).toBeUndefined();
  });
});
