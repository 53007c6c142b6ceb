import type { CentreSimulation, RackNow } from "./centre-simulation.ts";
import { smooth, streamOf, uniform } from "./physics/noise.ts";
import type { PlanDevice } from "./plan.ts";
import type { DeviceValues, SimulatedGpu } from "./types.ts";

/* What a device shows of the newest step, by the point names of docs/architecture.md. */

const minuteMs = 60_000;

/** Every value that a device of this role knows; its profile says which of them it has. */
export function deviceValues(centre: CentreSimulation, device: PlanDevice, timeMs: number): DeviceValues {
  const values: DeviceValues = { ...counterValues(centre, device) };
  const take = centre.takes.get(device.id);
  if (take) Object.assign(values, electricValues(device, take(centre.power) / 1_000, timeMs));
  switch (device.role) {
    case "battery":
      values.stateOfChargePercent = (100 * centre.storedWh) / Math.max(1, centre.plan.storageCapacityWh);
      break;
    case "weather":
      values.outdoorTemperatureC = centre.weather.dryBulbC;
      values.wetBulbTemperatureC = centre.weather.wetBulbC;
      break;
    case "heat_reuse":
      Object.assign(values, heatValues(values.activePowerW ?? 0));
      break;
    case "gpu_rack":
    case "rack_environment": {
      const rack = centre.racks.find(({ plan }) => plan.id === device.rackId);
      if (rack) Object.assign(values, rackAir(rack));
      break;
    }
  }
  return values;
}

function counterValues(centre: CentreSimulation, device: PlanDevice): DeviceValues {
  const values: DeviceValues = {};
  for (const point of [
    "energyImportWh",
    "energyExportWh",
    "energyProducedWh",
    "energyChargedWh",
    "energyDischargedWh",
    "waterVolumeL",
  ]) {
    const meter = centre.meters.get(`${device.id}/${point}`);
    if (meter) values[point] = meter.whole / 1_000;
  }
  // A plant may be read by a common meter, whose import is what the plant gives.
  if (values.energyProducedWh !== undefined) values.energyImportWh = values.energyProducedWh;
  return values;
}

/** Three phases of about 230 V to neutral; the frequency is one for all. */
function electricValues(device: PlanDevice, powerW: number, timeMs: number): DeviceValues {
  const stream = streamOf(1, `voltage ${device.id}`);
  const voltageV =
    230 + 2 * smooth(stream, timeMs, 10 * minuteMs) + 0.4 * (uniform(stream, Math.floor(timeMs / 1_000)) - 0.5);
  const powerFactor = device.role === "rack_feed" ? 0.985 : 0.97;
  const apparentVa = Math.abs(powerW) / powerFactor;
  return {
    activePowerW: powerW,
    voltageV,
    currentA: apparentVa / (3 * voltageV),
    powerFactor,
    frequencyHz: 50 + 0.03 * smooth(gridStream, timeMs, minuteMs),
  };
}
const gridStream = streamOf(1, "frequency");

const waterJPerLK = 4_180;

/** A loop of warm water: supply and return stay, the flow follows the heat. */
function heatValues(powerW: number): DeviceValues {
  const [supplyTemperatureC, returnTemperatureC] = [46, 34];
  return {
    supplyTemperatureC,
    returnTemperatureC,
    coolantFlowLPerMin: (powerW * 60) / (waterJPerLK * (supplyTemperatureC - returnTemperatureC)),
  };
}

/** Air through a rack: about 11 K warmer at 10 kW, more as fans lag behind. */
function rackAir(rack: RackNow): DeviceValues {
  const powerW = rack.powerW.reduce((sum, value) => sum + value, 0);
  return { inletTemperatureC: rack.inletC, outletTemperatureC: rack.inletC + 6 + powerW / 1_250 };
}

/** Faults that a test plants; a demonstration is calm. */
export type GpuFault = { xid?: number; eccDouble?: number; rowsRemappedPending?: number };

/** The samples of a rack's GPUs, as DCGM would give them. */
export function gpuValues(
  rack: RackNow,
  timeMs: number,
  fault: (index: number) => GpuFault | undefined,
): SimulatedGpu[] {
  return rack.plan.gpus.map((gpu, at) => {
    const { index, server } = gpu;
    const model = rack.gpus[at]!;
    const [powerW, work, temperatureC] = [rack.powerW[at]!, rack.work[at]!, rack.temperatureC[at]!];
    const planted = fault(index);
    const jitter = uniform(model.stream, Math.floor(timeMs / 250)) - 0.5;
    const busy = work > 0;
    const active = busy ? clampShare(work * 1.04 + 0.02 * jitter) : 0;
    return {
      index,
      uuid: uuidOf(rack.plan.id, index),
      server,
      xid: planted?.xid ?? 0,
      values: {
        powerW: round(powerW, 1),
        powerInstantW: round(powerW * (1 + 0.02 * jitter), 1),
        energyJ: rack.joules[at]!.whole,
        powerLimitW: model.ratedW,
        temperatureC: round(temperatureC, 0),
        memoryTemperatureC: round(temperatureC + 6 + 3 * work, 0),
        utilizationPercent: busy ? round(Math.min(100, 100 * (0.9 * active + 0.1)), 0) : 0,
        memoryCopyPercent: round(46 * active, 0),
        smActive: round(0.92 * active, 3),
        tensorActive: round(0.55 * active, 3),
        dramActive: round(0.42 * active, 3),
        frameBufferUsedMb: busy ? 58_000 + Math.floor(14_000 * uniform(model.stream, -3)) : 5,
        frameBufferTotalMb: 81_559,
        smClockMhz: busy ? 1_755 + 30 * Math.floor(7 * clampShare(1 - work)) : 345,
        memoryClockMhz: 2_619,
        // DCGM field 112, bit 0: idle.
        clockEventMask: busy ? 0 : 1,
        powerViolationNs: 0,
        thermalViolationNs: 0,
        // Now and then a single-bit error that was put right: a count, never an alarm.
        eccSingleVolatile: uniform(model.stream, -4) < 0.03 ? 1 + Math.floor(3 * uniform(model.stream, -5)) : 0,
        eccDoubleVolatile: planted?.eccDouble ?? 0,
        rowsRemappedPending: planted?.rowsRemappedPending ?? 0,
        rowsRemappedFailed: 0,
        pcieReplay: 0,
        nvlinkCrcFlit: 0,
      },
    };
  });
}

const clampShare = (value: number) => Math.max(0, Math.min(1, value));
function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** A uuid of its own for each place, the same at every start. */
function uuidOf(rackId: string, index: number): string {
  const stream = streamOf(2, `uuid ${rackId} ${index}`);
  const hex = Array.from({ length: 4 }, (_, at) =>
    Math.floor(uniform(stream, at) * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return `GPU-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
