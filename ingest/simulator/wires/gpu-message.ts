import type { DeviceValues, SimulatedGpu } from "../types.ts";
import type { SparkplugMetric } from "./sparkplug-payload.ts";

/** The message of profile `gpu-json`: all GPUs of a rack and the air through it. */
export function gpuJson(timeMs: number, gpus: SimulatedGpu[], air: DeviceValues): string {
  return JSON.stringify({
    t: timeMs,
    ...airOf(air),
    gpus: gpus.map(({ index, uuid, xid, values }) => ({ index, uuid, ...values, xid })),
  });
}

/** The same as the metrics of profile `gpu-sparkplug`, named `gpu/{index}/{field}`. */
export function gpuMetrics(gpus: SimulatedGpu[], air: DeviceValues): (SparkplugMetric & { name: string })[] {
  const metrics: (SparkplugMetric & { name: string })[] = Object.entries(airOf(air)).map(([name, value]) => ({
    name,
    type: "double",
    value,
  }));
  for (const { index, uuid, xid, values } of gpus) {
    const name = (field: string) => `gpu/${index}/${field}`;
    metrics.push({ name: name("uuid"), type: "string", value: uuid }, { name: name("xid"), type: "int64", value: xid });
    for (const [field, value] of Object.entries(values))
      metrics.push({ name: name(field), type: "double", value: value ?? null });
  }
  return metrics;
}

function airOf(air: DeviceValues): { inletC: number | null; outletC: number | null } {
  const tenth = (value: number | null | undefined) => (value == null ? null : Math.round(value * 10) / 10);
  return { inletC: tenth(air.inletTemperatureC), outletC: tenth(air.outletTemperatureC) };
}
