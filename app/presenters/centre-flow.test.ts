import { describe, expect, it } from "vitest";
import { layoutFlow } from "../components/centre/flow-layout.ts";
import { meter, nowMs } from "./centre.fixture.ts";
import { flowNow, pueParts } from "./centre-flow.ts";
import { mixNow, powerNow } from "./power-now.ts";

const flowOf = (meters: ReturnType<typeof meter>[]) => {
  const power = powerNow(meters, 2, nowMs);
  return flowNow(power, mixNow(power, { mixFossil: 1 }), 2);
};
const sum = (parts: { powerW: number }[]) => parts.reduce((total, { powerW }) => total + powerW, 0);

describe("flowNow", () => {
  it("conserves: what enters the bus leaves it, charging included", () => {
    const flow = flowOf([
      meter("grid", "grid", 30_000),
      meter("hydro", "hydro", 90_000),
      meter("battery", "battery", -20_000),
      meter("a", "rack_feed", 80_000),
      meter("cooling", "cooling", 8_000),
      meter("lighting", "lighting", 2_000),
    ]);
    expect(flow?.totalW).toBe(120_000);
    expect(sum(flow?.in ?? [])).toBeCloseTo(120_000, 6);
    expect(sum(flow?.out ?? [])).toBeCloseTo(120_000, 6);
    expect(flow?.out.find(({ key }) => key === "rest")?.powerW).toBe(10_000);
    expect(flow?.restIsLosses).toBe(true);
    expect(flow?.in.find(({ key }) => key === "hydro")?.powerW).toBeCloseTo(90_000, 6);
  });

  it("draws what is on the bus; a contract is a claim on the grid's part, at most all of it, and counts as clean", () => {
    const flow = (contractW: number) =>
      flowOf([
        meter("grid", "grid", 60_000),
        meter("wind", "wind", 20_000),
        meter("far-wind", "wind", contractW, { supply: "grid-contract" }),
        meter("a", "rack_feed", 70_000),
      ]);
    expect(flow(45_000)?.in).toEqual([
      { key: "wind", powerW: 20_000 },
      { key: "grid", powerW: 60_000 },
    ]);
    expect(flow(45_000)?.claims).toEqual([{ key: "wind", powerW: 45_000 }]);
    expect(flow(45_000)?.cleanShare).toBeCloseTo(65 / 80, 6);
    expect(flow(500_000)?.claims).toEqual([{ key: "wind", powerW: 60_000 }]);
    expect(flow(500_000)?.totalW).toBe(80_000);
  });

  it("does not know what is claimed while a contract's meter is silent", () => {
    const flow = flowOf([
      meter("grid", "grid", 60_000),
      meter("far-wind", "wind", null, { supply: "grid-contract", receivedAtMs: null }),
      meter("a", "rack_feed", 50_000),
    ]);
    expect([flow?.claims, flow?.cleanShare]).toEqual([null, null]);
  });

  it("does not call a silent cooling meter's power a loss", () => {
    const flow = flowOf([
      meter("grid", "grid", 100_000),
      meter("a", "rack_feed", 80_000),
      meter("cooling", "cooling", 8_000, { receivedAtMs: nowMs - 3_600_000 }),
    ]);
    expect(flow?.restIsLosses).toBe(false);
    expect(flow?.hidden.map(({ deviceId }) => deviceId)).toEqual(["cooling"]);
  });

  it("says when the loads' meters claim more than comes in", () => {
    const flow = flowOf([meter("grid", "grid", 100_000), meter("a", "rack_feed", 103_000)]);
    expect(flow?.disagreeW).toBe(3_000);
    expect(flow?.out.some(({ key }) => key === "rest")).toBe(false);
  });

  it("is not known while a supply meter is silent", () => {
    expect(
      flowOf([meter("grid", "grid", 1, { receivedAtMs: null, value: null }), meter("a", "rack_feed", 1)]),
    ).toBeNull();
  });
});

describe("pueParts", () => {
  it("stand above 1.00 and sum to the PUE", () => {
    const parts = pueParts(120, 100, 14, 2);
    expect(parts).toEqual({ cooling: 0.14, lighting: 0.02, rest: 0.04 });
    expect(1 + (parts.cooling ?? 0) + (parts.lighting ?? 0) + parts.rest).toBeCloseTo(1.2, 12);
    expect(pueParts(120, 100, undefined, undefined)).toEqual({ cooling: null, lighting: null, rest: 0.2 });
  });
});

describe("layoutFlow", () => {
  it("gives every node its height in one scale, its ribbon a place on the bus, and its label room", () => {
    const parts = [100, 5, 1, 0.01].map((powerW, key) => ({ key, powerW }));
    const { left, bus, heightPx } = layoutFlow(parts, parts, 106.01);
    for (const [index, node] of left.entries()) {
      expect(node.topPx).toBeGreaterThanOrEqual(0);
      expect(node.topPx + node.heightPx).toBeLessThanOrEqual(heightPx);
      const next = left[index + 1];
      if (next) expect(next.labelPx - node.labelPx).toBeGreaterThanOrEqual(38);
    }
    expect((left[0]?.heightPx ?? 0) / (left[1]?.heightPx ?? 1)).toBeCloseTo(20, 1);
    expect(left[0]?.busPx).toBe(bus.topPx);
    expect((left[1]?.busPx ?? 0) - (left[0]?.busPx ?? 0)).toBeCloseTo(left[0]?.heightPx ?? 0, 1);
  });
});
