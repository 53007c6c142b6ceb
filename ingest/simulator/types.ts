import type { GpuField } from "../pipeline/types.ts";

/** Point name → value in the point's unit; null: the device says "not implemented" or "bad". */
export type DeviceValues = Record<string, number | null>;

export type SimulatedGpu = {
  index: number;
  uuid: string;
  server: string;
  values: Partial<Record<GpuField, number | null>>;
  xid: number;
};

/** What the wires of the simulator show. Values of one step are consistent with each other. */
export type SimulatedFleet = {
  /** Time of the newest step, microseconds. */
  timeUs(): number;
  valuesOf(deviceId: string): DeviceValues;
  gpusOf(rackId: string): SimulatedGpu[];
  /** false: the device is silent (a planted fault); the wires then do not answer for it. */
  isAnswering(deviceId: string): boolean;
};
