import type { Quality } from "#db/schema/telemetry.ts";
import type { GpuSampleRow, ReadingRow } from "../../../pipeline/types.ts";
import { Problems } from "../problems.ts";
import type { Decoded, JudgeTime, SparkplugDevice } from "../types.ts";
import { doubted, gpuFieldValue, isProblem, pointValue, uuidValue, xidValue } from "../values.ts";
import { aliasOf, metricValue, type RawMetric, type SparkplugPayload, timestampOf } from "./payload.ts";
import { type Target, targetsOf } from "./targets.ts";

type Definition = { name: string; datatype: number; target: Target | undefined };
type GpuState = Pick<GpuSampleRow, "values" | "xid" | "uuid">;
type GpuUpdate = {
  name: string;
  target: Exclude<Target, { kind: "point" }>;
  value: Value;
  timeUs: number;
  quality: Quality;
  /** Says nothing of what stands now. */
  apart: boolean;
};
type Value = number | boolean | string | null;

export type MessageOptions = {
  receivedAtUs: number;
  judge: JudgeTime;
  /** Came after its turn: what it says is true of its time, not of now. */
  late?: boolean;
};

/** Metrics that every edge node has, whatever it measures. */
const isControl = (name: string) =>
  name === "bdSeq" || name.startsWith("Node Control/") || name.startsWith("Device Control/");

/**
 * One device of an edge node (or the node itself) between its birth and its death: what its aliases mean, and what its
 * GPUs last said. Sparkplug reports by exception, so a GPU's sample is what changed upon what stood.
 */
export class DeviceState {
  readonly #byAlias = new Map<number, Definition>();
  readonly #byName = new Map<string, Definition>();
  readonly #gpus = new Map<number, GpuState>();
  #targetOf: (metric: string) => Target | undefined;

  constructor(device: SparkplugDevice) {
    this.#targetOf = targetsOf(device);
  }

  /** The fleet was read again: metrics keep their meaning, points and GPUs may have others. */
  setDevice(device: SparkplugDevice): void {
    this.#targetOf = targetsOf(device);
    for (const definition of this.#byName.values()) definition.target = this.#targetOf(definition.name);
  }

  /** Takes a birth certificate: definitions, and every metric's value at this moment. */
  birth(payload: SparkplugPayload, options: MessageOptions): Decoded {
    this.#byAlias.clear();
    this.#byName.clear();
    this.#gpus.clear();
    for (const metric of payload.metrics) {
      if (!metric.name) continue;
      const definition = { name: metric.name, datatype: metric.datatype ?? 0, target: this.#targetOf(metric.name) };
      this.#byName.set(metric.name, definition);
      const alias = aliasOf(metric);
      if (alias !== undefined) this.#byAlias.set(alias, definition);
    }
    return this.data(payload, options);
  }

  data({ timestampMs, metrics }: SparkplugPayload, { receivedAtUs, judge, late = false }: MessageOptions): Decoded {
    const problems = new Problems();
    const readings: ReadingRow[] = [];
    const updates: GpuUpdate[] = [];
    for (const metric of metrics) {
      const definition = this.#definitionOf(metric);
      if (!definition) {
        if (metric.name && isControl(metric.name)) continue;
        const alias = aliasOf(metric);
        if (metric.name) problems.add("unknown_point", metric.name, "the birth certificate does not mention it");
        else problems.add("unknown_alias", `alias ${alias ?? "(none)"}`, "the birth certificate does not mention it");
        continue;
      }
      const { name, target } = definition;
      if (!target) continue;
      const timeMs = timestampOf(metric) ?? timestampMs;
      const deviceTimeUs = timeMs === undefined ? undefined : timeMs * 1_000;
      if (deviceTimeUs !== undefined && !Number.isSafeInteger(deviceTimeUs)) {
        problems.add("invalid_value", name, `${timeMs} is no time of this age`);
        continue;
      }
      const historical = metric.isHistorical === true;
      const { timeUs, quality: doubt } = judge(deviceTimeUs, receivedAtUs, { historical });
      const datatype = metric.datatype || definition.datatype;
      const sent = metricValue(metric, datatype);
      if (sent === undefined) {
        problems.add("invalid_value", name, `datatype ${datatype} is no reading`);
        continue;
      }
      // Edge nodes say "bad" by NaN as well as by is_null.
      const value = Number.isNaN(sent) ? null : sent;
      if (target.kind !== "point") {
        updates.push({ name, target, value, timeUs, quality: doubt ?? "good", apart: historical || late });
        continue;
      }
      if (!target.known) {
        problems.add("unknown_point", name, `the device has no point ${target.point.name}`);
        continue;
      }
      const checked = pointValue(value, target.point.scale, target.known);
      if ("problem" in checked) problems.add("invalid_value", name, checked.problem);
      else {
        const quality = doubted(checked.quality, doubt);
        readings.push({ pointId: target.known.id, timeUs, receivedAtUs, value: checked.value, quality });
      }
    }
    const gpuSamples = this.#gpuSamples(updates, receivedAtUs, problems);
    const clockOffsetMs =
      timestampMs === undefined ? undefined : judge(timestampMs * 1_000, receivedAtUs).clockOffsetMs;
    return { readings, gpuSamples, problems: problems.list(), timed: timestampMs !== undefined, clockOffsetMs };
  }

  #definitionOf(metric: RawMetric): Definition | undefined {
    const alias = aliasOf(metric);
    const byAlias = alias === undefined ? undefined : this.#byAlias.get(alias);
    return byAlias ?? (metric.name ? this.#byName.get(metric.name) : undefined);
  }

  /** One row for each GPU and time. Times in order, so that a row shows what stood at its time. */
  #gpuSamples(updates: GpuUpdate[], receivedAtUs: number, problems: Problems): GpuSampleRow[] {
    const rows = new Map<string, GpuSampleRow>();
    for (const { name, target, value, timeUs, quality, apart } of updates.sort((a, b) => a.timeUs - b.timeUs)) {
      const { index, gpuId } = target;
      if (gpuId === undefined) {
        problems.add("unknown_device", name, `the rack has no GPU ${index}`);
        continue;
      }
      const set = setterOf(target, value);
      if (isProblem(set)) {
        problems.add("invalid_value", name, set.problem);
        continue;
      }
      const key = `${index} ${timeUs} ${apart}`;
      let row = rows.get(key);
      if (!row) {
        const stood: GpuState = (!apart && this.#gpus.get(index)) || { values: {} };
        const { values, xid, uuid } = stood;
        row = { gpuId, timeUs, receivedAtUs, quality, values: { ...values }, xid: xid ?? null, uuid: uuid ?? null };
        rows.set(key, row);
      }
      set(row);
      if (!apart) this.#gpus.set(index, row);
    }
    return [...rows.values()];
  }
}

/** Writes a metric's value into its GPU's row. */
function setterOf(target: GpuUpdate["target"], value: Value): ((row: GpuSampleRow) => void) | { problem: string } {
  switch (target.kind) {
    case "gpu": {
      const checked = gpuFieldValue(value, target.how);
      return isProblem(checked) ? checked : (row) => (row.values[target.field] = checked);
    }
    case "gpu-xid": {
      const checked = xidValue(value);
      return isProblem(checked) ? checked : (row) => (row.xid = checked);
    }
    case "gpu-uuid": {
      const checked = uuidValue(value);
      return isProblem(checked) ? checked : (row) => (row.uuid = checked);
    }
  }
}
