import { CentreSimulation, type CentreState } from "./centre-simulation.ts";
import { deviceValues, type GpuFault, gpuValues } from "./device-values.ts";
import { hourMs } from "./physics/units.ts";
import { gpuKey, type PlanCentre, type PlanDevice } from "./plan.ts";
import type { DeviceValues, SimulatedFleet, SimulatedGpu } from "./types.ts";

/** Watts per GPU by `gpuKey`; a GPU that is absent is free. */
export type HeldGpus = Record<string, number>;

/** Everything from which the simulation goes on as if it had never stopped. */
export type SimulationState = {
  version: 1;
  timeMs: number;
  /** When the made-up past ends: from then on free GPUs draw what jobs draw. */
  historyEndMs: number;
  heldW: HeldGpus;
  centres: Record<string, CentreState>;
};

/** What the meters showed at the start of an hour, by device and point. */
export type HourLine = { hourMs: number; values: Record<string, DeviceValues> };

/** Points that an hour's line keeps: counters, and the gauges that history shows. */
const kept = new Set([
  "energyImportWh",
  "energyExportWh",
  "energyProducedWh",
  "energyChargedWh",
  "energyDischargedWh",
  "waterVolumeL",
  "activePowerW",
  "stateOfChargePercent",
  "outdoorTemperatureC",
  "wetBulbTemperatureC",
]);

/** A fleet of simulated centres. Time is an argument: nothing here looks at a clock. */
export class Simulation implements SimulatedFleet {
  readonly centres: CentreSimulation[];
  readonly historyEndMs: number;
  /** Planted by tests. */
  readonly silent = new Set<string>();
  readonly faults = new Map<string, GpuFault>();
  readonly #deviceOf = new Map<string, { centre: CentreSimulation; device: PlanDevice }>();
  readonly #rackOf = new Map<string, CentreSimulation>();
  #timeMs: number;
  #heldW: HeldGpus = {};

  constructor(plan: PlanCentre[], seed: number, from: { timeMs: number; historyEndMs: number } | SimulationState) {
    this.#timeMs = from.timeMs;
    this.historyEndMs = from.historyEndMs;
    const state = "centres" in from ? from : undefined;
    this.centres = plan.map(
      (centre) => new CentreSimulation(centre, seed, from.historyEndMs, from.timeMs, state?.centres[centre.id]),
    );
    for (const centre of this.centres) {
      for (const device of centre.plan.devices) this.#deviceOf.set(device.id, { centre, device });
      for (const rack of centre.plan.racks) this.#rackOf.set(rack.id, centre);
    }
    if (state) this.hold(state.heldW);
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  get heldW(): HeldGpus {
    return this.#heldW;
  }

  /** From the next step on these GPUs draw this, and no others. */
  hold(heldW: HeldGpus): void {
    this.#heldW = heldW;
    for (const centre of this.centres)
      for (const { plan, heldW: watts } of centre.racks)
        for (const [at, gpu] of plan.gpus.entries()) watts[at] = heldW[gpuKey(plan.id, gpu.index)] ?? 0;
  }

  /** Steps until `toMs`; steps end at whole hours too, where `onHour` gets what the meters show. */
  advance(toMs: number, stepMs: number, onHour: (line: HourLine) => void): void {
    while (this.#timeMs < toMs) {
      const nextHourMs = (Math.floor(this.#timeMs / hourMs) + 1) * hourMs;
      const endMs = Math.min(toMs, nextHourMs, this.#timeMs + stepMs);
      for (const centre of this.centres) centre.step(this.#timeMs, endMs - this.#timeMs);
      this.#timeMs = endMs;
      if (endMs === nextHourMs) onHour(this.hourLine());
    }
  }

  hourLine(): HourLine {
    const values: HourLine["values"] = {};
    for (const id of this.#deviceOf.keys()) {
      const entries = Object.entries(this.valuesOf(id)).filter(([name]) => kept.has(name));
      if (entries.length) values[id] = Object.fromEntries(entries);
    }
    return { hourMs: this.#timeMs, values };
  }

  state(): SimulationState {
    return {
      version: 1,
      timeMs: this.#timeMs,
      historyEndMs: this.historyEndMs,
      heldW: this.#heldW,
      centres: Object.fromEntries(this.centres.map((centre) => [centre.plan.id, centre.state()])),
    };
  }

  timeUs(): number {
    return this.#timeMs * 1_000;
  }

  valuesOf(deviceId: string): DeviceValues {
    const found = this.#deviceOf.get(deviceId);
    return found ? deviceValues(found.centre, found.device, this.#timeMs) : {};
  }

  gpusOf(rackId: string): SimulatedGpu[] {
    const rack = this.#rackOf.get(rackId)?.racks.find(({ plan }) => plan.id === rackId);
    return rack ? gpuValues(rack, this.#timeMs, (index) => this.faults.get(gpuKey(rackId, index))) : [];
  }

  isAnswering(deviceId: string): boolean {
    return !this.silent.has(deviceId);
  }
}
