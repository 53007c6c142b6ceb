import { describe, expect, it } from "vitest";
import { chooseNodes, gpuUnfitReason, type NodeGpu, type NodeRack } from "./nodes.ts";

const rack = (id: string, over: Partial<NodeRack> = {}): NodeRack => ({ id, powerLimitW: 40_000, inletC: 22, ...over });
const gpus = (rackId: string, from: number, count: number, over: Partial<NodeGpu> = {}): NodeGpu[] =>
  Array.from({ length: count }, (_, i) => ({
    id: from + i,
    rackId,
    index: i,
    gpuClass: "H100",
    busy: false,
    unfitReason: null,
    temperatureC: 40,
    powerW: 80,
    ...over,
  }));
const want = { count: 4, gpuClass: "H100", powerPerGpuW: 500 };

describe("chooseNodes", () => {
  it("keeps a job in one rack, the cooler one", () => {
    const all = [...gpus("a", 1, 8), ...gpus("b", 11, 8)];
    expect(chooseNodes(all, [rack("a", { inletC: 25 }), rack("b")], want)).toEqual([11, 12, 13, 14]);
    expect(chooseNodes(all, [rack("a"), rack("b")], want)).toEqual([1, 2, 3, 4]);
  });
  it("takes the coolest free and healthy GPUs of it", () => {
    const all = gpus("a", 1, 8).map((g, i) => ({
      ...g,
      busy: i === 0,
      unfitReason: i === 1 ? "xid" : null,
      temperatureC: i === 2 ? 70 : 40,
    }));
    expect(chooseNodes(all, [rack("a")], want)).toEqual([4, 5, 6, 7]);
  });
  it("spreads over as few racks as it can where none holds all", () => {
    const all = [...gpus("a", 1, 1), ...gpus("b", 11, 3), ...gpus("c", 21, 2)];
    expect(chooseNodes(all, [rack("a"), rack("b"), rack("c")], want)).toEqual([11, 12, 13, 21]);
  });
  it("respects a rack's power limit and a hot inlet", () => {
    const all = [...gpus("a", 1, 8), ...gpus("b", 11, 8)];
    // 8 × 80 W stand already; 2,000 W leave room for three more at +420 W.
    expect(chooseNodes(all, [rack("a", { powerLimitW: 2_000 }), rack("b", { inletC: 35 })], want)).toBeUndefined();
    expect(chooseNodes(all, [rack("a", { powerLimitW: 2_000 }), rack("b")], want)).toEqual([11, 12, 13, 14]);
  });
  it("gives nothing when there are too few of the class", () => {
    expect(chooseNodes(gpus("a", 1, 8), [rack("a")], { ...want, gpuClass: "MI300X" })).toBeUndefined();
  });
});

describe("gpuUnfitReason", () => {
  const well = {
    reserved: false,
    drainedReason: null,
    rowsRemappedPending: 0,
    eccDoubleVolatile: 0,
    lastXid: 0,
    temperatureC: 50,
  };
  it.each([
    [{}, null],
    [{ lastXid: 31 }, null],
    [{ lastXid: 79 }, "xid"],
    [{ rowsRemappedPending: 1 }, "remapPending"],
    [{ eccDoubleVolatile: 2 }, "eccDouble"],
    [{ reserved: true }, "reserved"],
    [{ drainedReason: "fan" }, "drained"],
    [{ temperatureC: 90 }, "hot"],
  ])("%j → %s", (over, reason) => expect(gpuUnfitReason({ ...well, ...over })).toBe(reason));
});
