import { expect, it } from "vitest";
import { type LifeInput, lifeLine, stepWord } from "./job-life.ts";
import { rackRows, ranges } from "./job-nodes.ts";

const base: LifeInput = {
  status: "queued",
  submittedAtMs: 1,
  updatedAtMs: 9,
  placedAtMs: null,
  plannedStartAtMs: null,
  run: null,
  metered: false,
  settlement: null,
};
const line = (over: Partial<LifeInput>) => lifeLine({ ...base, ...over }).map(({ key, state }) => `${key} ${state}`);

it("follows a job from its submission to the chain", () => {
  expect(line({})).toEqual(["submitted done", "placed now", "running todo", "succeeded todo", "settled todo"]);
  expect(line({ status: "placed", placedAtMs: 2, plannedStartAtMs: 5 })).toEqual([
    "submitted done",
    "placed done",
    "running now",
    "succeeded todo",
    "settled todo",
  ]);
  const run = { startedAtMs: 5, endedAtMs: null };
  expect(line({ status: "running", placedAtMs: 2, run })).toContain("running now");
  const ended = { startedAtMs: 5, endedAtMs: 7 };
  expect(line({ status: "running", placedAtMs: 2, run: ended })).toEqual([
    "submitted done",
    "placed done",
    "running done",
    "metering now",
    "succeeded todo",
    "settled todo",
  ]);
  expect(line({ status: "succeeded", placedAtMs: 2, run: ended, metered: true })).toContain("settled now");
  const settlement = { status: "confirmed" as const, atMs: 8 };
  expect(line({ status: "succeeded", placedAtMs: 2, run: ended, metered: true, settlement })).toContain("settled done");
});

it("calls a job running that has begun, and one that waits for its start to run", () => {
  const step = { key: "running", state: "now", atMs: 5 } as const;
  expect([stepWord(step, true), stepWord(step, false)]).toEqual(["now", "todo"]);
  expect([stepWord({ ...step, state: "done" }, true), stepWord({ ...step, key: "settled" }, true)]).toEqual([
    "done",
    "todo",
  ]);
});

it("ends where it broke off", () => {
  expect(line({ status: "cancelled" })).toEqual(["submitted done", "cancelled done"]);
  expect(line({ status: "failed", placedAtMs: 2, run: { startedAtMs: 5, endedAtMs: 6 }, metered: true })).toEqual([
    "submitted done",
    "placed done",
    "running done",
    "failed act",
  ]);
  const settlement = { status: "failed" as const, atMs: 8 };
  expect(
    line({ status: "succeeded", placedAtMs: 2, run: { startedAtMs: 5, endedAtMs: 6 }, metered: true, settlement }),
  ).toContain("settled act");
});

it("writes GPU numbers as ranges and racks with their warmth among the others", () => {
  expect(ranges([9, 5, 6, 7, 12])).toEqual(["5–7", "9", "12"]);
  const place = (id: number, rackId: string, index: number) => ({
    id,
    rackId,
    hallName: "A",
    server: `${rackId}-s${index >> 3}`,
    index,
    gpuClass: "H100",
    ratedPowerW: 700,
  });
  const heat = [
    { rackId: "r1", gpuC: 44, inletC: 24 },
    { rackId: "r2", gpuC: 40, inletC: null },
    { rackId: "r3", gpuC: null, inletC: 25 },
  ];
  const rows = rackRows([place(1, "r1", 7), place(2, "r1", 8), place(3, "r3", 0)], heat);
  expect(rows).toMatchObject([
    { rackId: "r1", indices: ["7–8"], gpus: 2, servers: 2, gpuC: 44, coolRank: 2, racksKnown: 2 },
    { rackId: "r3", gpus: 1, gpuC: null, inletC: 25, coolRank: null },
  ]);
});
