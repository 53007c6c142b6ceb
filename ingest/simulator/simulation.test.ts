import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../adapters/modbus/testing.ts";
import { beginWithPast, goOn } from "./go-on.ts";
import type { Run } from "./jobs.ts";
import { runLive } from "./live.ts";
import { hourMs } from "./physics/units.ts";
import { gpuKey } from "./plan.ts";
import { type HourLine, Simulation } from "./simulation.ts";
import { openStateFolder, readHours } from "./state-folder.ts";
import { demonstrationFleet, planOf } from "./testing.ts";

const plan = planOf(demonstrationFleet());
const seed = 20_261_123;
const startMs = Date.UTC(2026, 10, 24, 11, 17, 5);

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "hs-simulator-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Every counter with its fraction, exactly. */
const counters = (simulation: Simulation) => simulation.centres.map((centre) => centre.state());
const whole = (simulation: Simulation) =>
  new Map(
    simulation.centres.flatMap((centre) => [...centre.meters].map(([key, meter]) => [key, meter.whole] as const)),
  );
const neverLess = (before: Map<string, number>, after: Map<string, number>) => {
  for (const [key, value] of before) expect([key, after.get(key)! >= value]).toEqual([key, true]);
};

describe("a year of the demonstration fleet", () => {
  const yearMs = Date.UTC(2026, 0, 1);
  const simulation = new Simulation(plan, seed, { timeMs: yearMs, historyEndMs: Date.UTC(2027, 0, 1) });
  type Sums = Record<"facility" | "it" | "hydro" | "wind" | "matched" | "heat", number>;
  const nothing: Sums = { facility: 0, it: 0, hydro: 0, wind: 0, matched: 0, heat: 0 };
  const monthly = Object.fromEntries(plan.map(({ id }) => [id, Array.from({ length: 12 }, () => ({ ...nothing }))]));
  let before = whole(simulation);
  simulation.advance(Date.UTC(2027, 0, 1), 1_800_000, () => {
    const after = whole(simulation);
    for (const { plan: centre } of simulation.centres) {
      const of = (role: string, point: string, contract = false) =>
        centre.devices
          .filter((device) => device.role === role && (device.supply === "grid-contract") === contract)
          .reduce((sum, { id }) => sum + (after.get(`${id}/${point}`) ?? 0) - (before.get(`${id}/${point}`) ?? 0), 0);
      const grid = of("grid", "energyImportWh");
      const [hydro, wind, solar] = ["hydro", "wind", "solar"].map((role) => of(role, "energyProducedWh")) as [
        number,
        number,
        number,
      ];
      const sums = monthly[centre.id]![new Date(simulation.timeMs - 1).getUTCMonth()]!;
      sums.facility +=
        grid -
        of("grid", "energyExportWh") +
        hydro +
        wind +
        solar +
        of("battery", "energyDischargedWh") -
        of("battery", "energyChargedWh");
      sums.it += of("rack_feed", "energyImportWh");
      sums.hydro += hydro;
      sums.wind += wind;
      sums.matched += Math.min(grid, of("wind", "energyProducedWh", true));
      sums.heat += of("heat_reuse", "energyImportWh");
    }
    before = after;
  });
  const total = (centre: string, part: keyof Sums) => monthly[centre]!.reduce((sum, month) => sum + month[part], 0);
  const pue = (centre: string) => total(centre, "facility") / total(centre, "it");

  it("has each centre's PUE in its range, Qinghai's lowest in every month, and worst in summer", () => {
    expect(pue("guangzhou")).toBeGreaterThan(1.28);
    expect(pue("guangzhou")).toBeLessThan(1.35);
    expect(pue("qinghai")).toBeGreaterThan(1.08);
    expect(pue("qinghai")).toBeLessThan(1.15);
    expect(pue("xinjiang")).toBeGreaterThan(1.1);
    expect(pue("xinjiang")).toBeLessThan(1.2);
    for (const [centre, months] of Object.entries(monthly)) {
      const byMonth = months.map((month) => month.facility / month.it);
      expect([centre, byMonth[6]! > byMonth[0]!]).toEqual([centre, true]);
      if (centre !== "qinghai")
        for (const [month, value] of byMonth.entries())
          expect(value).toBeGreaterThan(monthly.qinghai![month]!.facility / monthly.qinghai![month]!.it);
    }
  });

  it("is hydro ≥ 90 % in Qinghai and wind > 80 % in Xinjiang, of which the contract is a part", () => {
    expect(total("qinghai", "hydro") / total("qinghai", "facility")).toBeGreaterThanOrEqual(0.9);
    const [wind, matched, facility] = (["wind", "matched", "facility"] as const).map((part) =>
      total("xinjiang", part),
    ) as [number, number, number];
    expect((wind + matched) / facility).toBeGreaterThan(0.8);
    expect(wind / facility).toBeLessThan(0.8);
    expect(total("qinghai", "heat") / total("qinghai", "it")).toBeGreaterThan(0.2);
  });
});

describe("counters", () => {
  it("are the same at any cut of the same steps, and differ by seed", () => {
    const whole = new Simulation(plan, seed, { timeMs: startMs, historyEndMs: startMs });
    whole.advance(startMs + 600_000, 1_000, () => {});
    const cut = new Simulation(plan, seed, { timeMs: startMs, historyEndMs: startMs });
    for (const endS of [3, 60, 61, 599, 600]) cut.advance(startMs + endS * 1_000, 1_000, () => {});
    expect(counters(cut)).toEqual(counters(whole));
    const other = new Simulation(plan, seed + 1, { timeMs: startMs, historyEndMs: startMs });
    other.advance(startMs + 600_000, 1_000, () => {});
    expect(counters(other)).not.toEqual(counters(whole));
  });

  it("conserve energy over any time: what came in is what the parts took, to the microjoule", () => {
    const simulation = new Simulation(plan, seed, { timeMs: startMs, historyEndMs: startMs });
    const begun = simulation.centres.map((centre) => centre.state());
    let lost = simulation.centres.map(() => 0);
    for (let step = 1; step <= 900; step++) {
      simulation.advance(startMs + step * 1_000, 1_000, () => {});
      lost = simulation.centres.map(
        ({ power }, at) => lost[at]! + 1_000 * (power.losses + power.upsLoss.reduce((a, b) => a + b, 0)),
      );
    }
    for (const [at, centre] of simulation.centres.entries()) {
      const microJoules = (role: string, point: string) =>
        centre.plan.devices
          .filter((device) => device.role === role && device.supply !== "grid-contract")
          .reduce((sum, { id }) => {
            const [now, then] = [centre.state().meters[`${id}/${point}`]!, begun[at]!.meters[`${id}/${point}`]!];
            return sum + (now[0] - then[0]) * 3_600_000 + now[1] - then[1];
          }, 0);
      const supplied =
        microJoules("grid", "energyImportWh") -
        microJoules("grid", "energyExportWh") +
        ["hydro", "wind", "solar"].reduce((sum, role) => sum + microJoules(role, "energyProducedWh"), 0) +
        microJoules("battery", "energyDischargedWh") -
        microJoules("battery", "energyChargedWh");
      const used = ["ups", "cooling", "lighting"].reduce((sum, role) => sum + microJoules(role, "energyImportWh"), 0);
      expect(supplied).toBe(used + lost[at]!);
      expect(supplied).toBeGreaterThan(0);
    }
  });

  it("feel a job: the rack's feeds draw it within a second, and let go of it", () => {
    const simulation = new Simulation(plan, seed, { timeMs: startMs, historyEndMs: startMs });
    const at = (seconds: number) => simulation.advance(startMs + seconds * 1_000, 1_000, () => {});
    const rackW = () =>
      ["a", "b"].reduce((sum, feed) => sum + simulation.valuesOf(`qh-a-03-pdu-${feed}`).activePowerW!, 0);
    at(30);
    const idleW = rackW();
    const held = Object.fromEntries([8, 9, 10, 11].map((index) => [gpuKey("qh-a-03", index), 500]));
    simulation.hold(held);
    at(31);
    expect(rackW() - idleW).toBeGreaterThan(4 * (500 - 80));
    expect(rackW() - idleW).toBeLessThan(4 * 500 * 1.2 + 400);
    const { powerW, utilizationPercent } = simulation.gpusOf("qh-a-03")[9]!.values;
    expect(Math.abs(powerW! - 500)).toBeLessThan(12);
    expect(utilizationPercent).toBeGreaterThan(5);
    simulation.hold({});
    at(32);
    expect(Math.abs(rackW() - idleW)).toBeLessThan(400);
    expect(simulation.gpusOf("qh-a-03")[9]!.values.utilizationPercent).toBe(0);
  });
});

describe("after a kill", () => {
  const live = (simulation: Simulation, folder: ReturnType<typeof openStateFolder>) =>
    runLive(simulation, folder, silentLog);

  it("a start shows what an uninterrupted run shows, bit by bit, wherever the kill struck", () => {
    const undisturbed = new Simulation(plan, seed, { timeMs: startMs, historyEndMs: startMs });
    const folder = openStateFolder(dataDir);
    let simulation = beginWithPast(plan, seed, startMs, 0, folder);
    let feeding = live(simulation, folder);
    let nowMs = startMs;
    // Each time: some seconds of life after the last save, a kill, and a start at the next second.
    for (const seconds of [1, 9, 10, 11, 34, 5]) {
      for (let second = 1; second <= seconds; second++) feeding.tick(nowMs + second * 1_000 + 137);
      nowMs += seconds * 1_000;
      const shown = whole(simulation);
      nowMs += 1_000;
      simulation = goOn(plan, seed, openStateFolder(dataDir).load()!, nowMs, [], folder);
      feeding = live(simulation, folder);
      neverLess(shown, whole(simulation));
      undisturbed.advance(nowMs, 1_000, () => {});
      expect(simulation.timeMs).toBe(nowMs);
      expect(counters(simulation)).toEqual(counters(undisturbed));
    }
  });

  it("a job that came or went just before the kill is counted as it was shown", () => {
    const folder = openStateFolder(dataDir);
    let simulation = beginWithPast(plan, seed, startMs, 0, folder);
    const feeding = live(simulation, folder);
    const gpu = plan[1]!.racks[0]!.gpus[7]!;
    const key = gpuKey(plan[1]!.racks[0]!.id, gpu.index);
    feeding.tick(startMs + 3_000);
    feeding.hold({ [key]: 650 });
    feeding.tick(startMs + 8_000);
    const shown = counters(simulation);
    // The database had the run end before the simulator could know: what was shown stays.
    const run: Run = { gpuIds: [gpu.id], powerPerGpuW: 650, startMs: startMs + 2_500, endMs: startMs + 6_000 };
    simulation = goOn(plan, seed, openStateFolder(dataDir).load()!, startMs + 8_000, [run], folder);
    expect(counters(simulation)).toEqual(shown);
    expect(simulation.heldW).toEqual({});
  });

  it("meters went on over hours of downtime, by the runs on record, and each hour is on the record once", () => {
    const folder = openStateFolder(dataDir);
    const first = beginWithPast(plan, seed, startMs, 0, folder);
    live(first, folder).tick(startMs + 5_000);
    const shown = whole(first);
    const rack = plan[2]!.racks[1]!;
    const gpu = rack.gpus[9]!;
    const run: Run = { gpuIds: [gpu.id], powerPerGpuW: 600, startMs: startMs + hourMs, endMs: startMs + 2 * hourMs };
    const state = openStateFolder(dataDir).load()!;
    const awayMs = 7 * hourMs;
    const idle = goOn(plan, seed, state, startMs + awayMs, [], openStateFolder(mkdtempSync(join(dataDir, "other-"))));
    const worked = goOn(plan, seed, state, startMs + awayMs, [run], folder);
    neverLess(shown, whole(worked));
    const fed = (simulation: Simulation) =>
      ["a", "b"].reduce((sum, feed) => sum + whole(simulation).get(`${rack.id}-pdu-${feed}/energyImportWh`)!, 0);
    // One GPU, an hour at 600 W instead of idle, with what its server adds.
    expect((fed(worked) - fed(idle)) / 1_000).toBeGreaterThan(580);
    expect((fed(worked) - fed(idle)) / 1_000).toBeLessThan(625);
    const fine = new Simulation(plan, seed, state);
    fine.advance(startMs + awayMs, 1_000, () => {});
    for (const [key, value] of whole(fine)) {
      if (!key.startsWith("gz-grid")) continue;
      const begun = shown.get(key)!;
      expect(Math.abs(whole(idle).get(key)! - value)).toBeLessThanOrEqual(0.01 * (value - begun) + 1);
    }
    // Killed again before anything else happened: the same hours are written again, and count once.
    goOn(plan, seed, state, startMs + awayMs, [run], folder);
    const hours = readHours(dataDir, 0, startMs + awayMs);
    expect(hours.map((line) => new Date(line.hourMs).getUTCHours())).toEqual([12, 13, 14, 15, 16, 17, 18]);
    expect(new Set(hours.map((line) => line.hourMs)).size).toBe(hours.length);
  });

  it("a torn last line of the record and an unreadable state are no stumbling block", () => {
    const folder = openStateFolder(dataDir);
    const lines: HourLine[] = [
      { hourMs: 0, values: { m: { energyImportWh: 1 } } },
      { hourMs: hourMs, values: { m: { energyImportWh: 2 } } },
    ];
    folder.replaceHours(lines);
    const file = join(dataDir, "simulator", "hours.ndjson");
    writeFileSync(file, `${readFileSync(file, "utf8")}{"hourMs":7200000,"values":{"m":{"ener`);
    const after: HourLine = { hourMs: 2 * hourMs, values: { m: { energyImportWh: 3 } } };
    openStateFolder(dataDir).appendHour(after);
    expect(readHours(dataDir, 0, 9 * hourMs)).toEqual([...lines, after]);
    writeFileSync(join(dataDir, "simulator", "state.json"), '{"version":1,"ti');
    expect(openStateFolder(dataDir).load()).toBeUndefined();
  });

  it("time stands still while the state cannot be kept", () => {
    const folder = openStateFolder(dataDir);
    const simulation = beginWithPast(plan, seed, startMs, 0, folder);
    let full = true;
    const feeding = live(simulation, {
      ...folder,
      save(state) {
        if (full) throw new Error("no space left");
        folder.save(state);
      },
    });
    expect(() => feeding.tick(startMs + 30_000)).toThrow("no space left");
    expect(simulation.timeMs).toBe(startMs + 10_000);
    expect(() => feeding.hold({ [gpuKey("qh-a-01", 8)]: 500 })).toThrow("no space left");
    expect(simulation.heldW).toEqual({});
    full = false;
    feeding.tick(startMs + 30_000);
    expect(simulation.timeMs).toBe(startMs + 30_000);
  });
});
