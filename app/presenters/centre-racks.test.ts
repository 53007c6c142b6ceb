import { describe, expect, it } from "vitest";
import type { RackRow } from "#db/queries/centre.ts";
import { meter, nowMs } from "./centre.fixture.ts";
import { hallsNow, isRackNear, racksNow, rackValue, serversOf } from "./centre-racks.ts";

const rack = (id: string, slot: number): RackRow => ({
  id,
  hallId: "hall",
  hallName: "Hall",
  row: "A",
  slot,
  powerLimitW: 30_000,
  gpuClass: "h100",
  gpus: 8,
  gpusReporting: 0,
  gpusBusy: 0,
  utilizationPercent: null,
  gpuPowerW: null,
  hottestC: null,
});
const feed = (rackId: string, name: "A" | "B", watts: number, receivedAtMs = nowMs) =>
  meter(`${rackId}-${name}`, "rack_feed", watts, { rackId, hallId: "hall", feed: name, receivedAtMs });

describe("racksNow", () => {
  const rows = [rack("r1", 1), rack("r2", 2), rack("r3", 3)];
  const meters = [
    feed("r1", "A", 14_000),
    feed("r1", "B", 13_500),
    feed("r2", "A", 0),
    feed("r2", "B", 0),
    feed("r3", "A", 9_000),
    feed("r3", "B", 9_000, nowMs - 3_600_000),
    meter("cooling", "cooling", 2_000, { hallId: "hall" }),
  ];
  const [near, idle, silent] = racksNow(rows, meters, nowMs);

  it("tells 0 W from silence: a rack with a silent feed has no power, not half of it", () => {
    expect(idle && rackValue(idle, "power")).toBe(0);
    expect(silent && rackValue(silent, "power")).toBeNull();
    expect(silent?.feeds[1]).toMatchObject({ powerW: null, sinceMs: nowMs - 3_600_000 });
  });

  it("calls a rack from 90 % of its limit on", () => {
    expect(near && isRackNear(near, "power")).toBe(true);
    expect(idle && isRackNear(idle, "power")).toBe(false);
  });

  it("knows a hall's power only when each rack's is known", () => {
    const halls = hallsNow(rows, racksNow(rows, meters, nowMs), meters, nowMs);
    expect(halls).toMatchObject([{ id: "hall", itW: null, coolingW: 2_000 }]);
    const two = rows.slice(0, 2);
    expect(hallsNow(two, racksNow(two, meters, nowMs), meters, nowMs)[0]?.itW).toBe(27_500);
  });
});

describe("serversOf", () => {
  const gpu = (server: string, index: number, powerW: number | null) => ({
    server,
    index,
    powerW,
    utilizationPercent: powerW === null ? null : 50,
    temperatureC: powerW === null ? null : 60 + index,
    newestAtMs: powerW === null ? null : nowMs,
    drainedReason: null,
    jobId: null,
  });
  it("sums what reports and says nothing of a server of which nothing does", () => {
    const servers = serversOf([gpu("s1", 0, 300), gpu("s1", 1, null), gpu("s2", 2, null)]);
    expect(servers[0]).toMatchObject({ name: "s1", powerW: 300, percent: 50, hottestC: 60 });
    expect(servers[1]).toMatchObject({ name: "s2", powerW: null, percent: null, hottestC: null });
  });
});
