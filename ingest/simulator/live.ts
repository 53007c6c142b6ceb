import type { Logger } from "pino";
import { saveEveryMs, stepMs } from "./go-on.ts";
import { sameHeld } from "./jobs.ts";
import type { HeldGpus, Simulation } from "./simulation.ts";
import type { StateFolder } from "./state-folder.ts";

/** Behind by more than this the machine slept: the time is passed in coarser steps. */
const sleptMs = 120_000;
const sleepSteps = 3_000;

export type Live = {
  /** Brings the simulation to `nowMs`. Throws when the state cannot be kept; time then stands still until it can. */
  tick(nowMs: number): void;
  /** From now on these GPUs draw this. */
  hold(heldW: HeldGpus): void;
  save(): void;
};

/**
 * Moves a simulation with the clock and keeps its state, by the rule in go-on.ts: never further from the last save than
 * `saveEveryMs`, and each change of load is saved at the step from which it counts.
 */
export function runLive(simulation: Simulation, folder: StateFolder, log: Logger): Live {
  let savedMs = simulation.timeMs;
  const save = () => {
    folder.save(simulation.state());
    savedMs = simulation.timeMs;
  };
  const advance = (toMs: number, step: number) =>
    simulation.advance(toMs, step, (line) => {
      try {
        folder.appendHour(line);
      } catch (error) {
        log.error({ err: error }, "an hour of the simulator's record could not be written");
      }
    });
  return {
    save,
    hold(heldW) {
      const before = simulation.heldW;
      if (sameHeld(heldW, before)) return;
      simulation.hold(heldW);
      try {
        save();
      } catch (error) {
        simulation.hold(before);
        throw error;
      }
    },
    tick(nowMs) {
      const toMs = Math.floor(nowMs / stepMs) * stepMs;
      const behindMs = toMs - simulation.timeMs;
      if (behindMs > sleptMs) {
        save();
        advance(savedMs + saveEveryMs, stepMs);
        advance(toMs, Math.ceil(behindMs / sleepSteps / stepMs) * stepMs);
        save();
      }
      while (simulation.timeMs < toMs) {
        if (simulation.timeMs >= savedMs + saveEveryMs) save();
        advance(Math.min(toMs, savedMs + saveEveryMs), stepMs);
      }
    },
  };
}
