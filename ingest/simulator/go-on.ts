import { heldBy, type Run } from "./jobs.ts";
import { dayMs, hourMs } from "./physics/units.ts";
import type { PlanCentre } from "./plan.ts";
import { type HourLine, Simulation, type SimulationState } from "./simulation.ts";
import type { StateFolder } from "./state-folder.ts";

/*
 * How the meters go on. Live, time moves in steps of a second, and the state is saved before it moves further than
 * `saveEveryMs` from the last save and whenever a job takes or leaves GPUs. So what the wires showed before a kill can
 * always be replayed to the last digit: from the save, a second at a time, with the load that the save holds.
 */

export const stepMs = 1_000;
export const saveEveryMs = 10_000;
/** Steps of the made-up past and of a long downtime. */
const coarseStepMs = 300_000;
const downtimeSteps = 3_000;

/** A first start: runs the past of `days` up to now and keeps its hours. */
export function beginWithPast(
  plan: PlanCentre[],
  seed: number,
  nowMs: number,
  days: number,
  folder: StateFolder,
): Simulation {
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  const startMs = days > 0 ? Math.floor(endMs / hourMs) * hourMs - days * dayMs : endMs;
  const simulation = new Simulation(plan, seed, { timeMs: startMs, historyEndMs: endMs });
  const lines: HourLine[] = startMs % hourMs === 0 ? [simulation.hourLine()] : [];
  simulation.advance(endMs, coarseStepMs, (line) => lines.push(line));
  folder.replaceHours(lines);
  folder.save(simulation.state());
  return simulation;
}

/**
 * A later start: replays what the wires may have shown after the save, then passes through the time without us, in
 * which the GPUs drew what the runs on record drew.
 */
export function goOn(
  plan: PlanCentre[],
  seed: number,
  state: SimulationState,
  nowMs: number,
  runs: Run[],
  folder: StateFolder,
): Simulation {
  const simulation = new Simulation(plan, seed, state);
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  const append = (line: HourLine) => folder.appendHour(line);
  simulation.advance(Math.min(endMs, state.timeMs + saveEveryMs), stepMs, append);
  passTime(simulation, plan, endMs, runs, append);
  folder.save(simulation.state());
  return simulation;
}

/** Moves on over a time that no wire showed, with steps as coarse as it is long, cut where runs begin and end. */
export function passTime(
  simulation: Simulation,
  plan: PlanCentre[],
  endMs: number,
  runs: Run[],
  onHour: (line: HourLine) => void,
): void {
  const wanted = Math.ceil((endMs - simulation.timeMs) / downtimeSteps / stepMs) * stepMs;
  const step = Math.max(stepMs, Math.min(coarseStepMs, wanted));
  const cuts = runs
    .flatMap((run) => [run.startMs, run.endMs ?? endMs])
    .map((timeMs) => Math.ceil(timeMs / stepMs) * stepMs)
    .filter((timeMs) => timeMs > simulation.timeMs && timeMs < endMs)
    .sort((a, b) => a - b);
  for (const cutMs of [...cuts, endMs]) {
    if (cutMs <= simulation.timeMs) continue;
    simulation.hold(heldBy(runs, simulation.timeMs, plan));
    simulation.advance(cutMs, step, onHour);
  }
  simulation.hold(heldBy(runs, endMs, plan));
}
