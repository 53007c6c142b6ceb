import type { GpuField } from "../../../pipeline/types.ts";
import type { GpuFieldMapping, SparkplugPoint } from "../../../profiles/types.ts";
import type { KnownPoint, SparkplugDevice } from "../types.ts";

/** What a metric of a device means to us. */
export type Target =
  | { kind: "point"; point: SparkplugPoint; known: KnownPoint | undefined }
  | { kind: "gpu"; index: number; gpuId: number | undefined; field: GpuField; how: GpuFieldMapping }
  | { kind: "gpu-uuid" | "gpu-xid"; index: number; gpuId: number | undefined };

/** Metric names → what they mean; undefined: a metric that the profile does not mention. */
export function targetsOf(device: SparkplugDevice): (metric: string) => Target | undefined {
  const { points, gpus } = device.profile;
  const byMetric = new Map<string, Target>(
    points.map((point) => [point.metric, { kind: "point", point, known: device.points.get(point.name) }]),
  );
  const pattern = gpus && patternOf(gpus.metric);
  const fields = new Map(
    Object.entries(gpus?.fields ?? {}).map(([field, how]) => [how.from, { field: field as GpuField, how }]),
  );
  const gpuTarget = (metric: string): Target | undefined => {
    const match = pattern?.exec(metric)?.groups as { index: string; field: string } | undefined;
    if (!match) return undefined;
    const index = Number(match.index);
    const gpuId = device.gpus.get(index);
    if (match.field === gpus?.uuid) return { kind: "gpu-uuid", index, gpuId };
    if (match.field === gpus?.xid) return { kind: "gpu-xid", index, gpuId };
    const found = fields.get(match.field);
    return found && { kind: "gpu", index, gpuId, ...found };
  };
  return (metric) => byMetric.get(metric) ?? gpuTarget(metric);
}

/** `gpu/{index}/{field}` as a regular expression; `{field}` may hold further slashes. */
function patternOf(pattern: string): RegExp {
  const parts = pattern.split(/\{index\}|\{field\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts[0]}(?<index>\\d{1,5})${parts[1]}(?<field>.+)${parts[2] ?? ""}$`);
}
