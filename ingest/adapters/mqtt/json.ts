import type { GpuField, GpuSampleRow, ReadingRow } from "../../pipeline/types.ts";
import type { GpuFieldMapping } from "../../profiles/types.ts";
import { parseJson, valueAt } from "./json-text.ts";
import { messageTime } from "./message-time.ts";
import { Problems, shown } from "./problems.ts";
import type { Decoded, JsonDevice, JudgeTime } from "./types.ts";
import { doubted, gpuFieldValue, isProblem, pointValue, uuidValue, xidValue } from "./values.ts";

/** More elements in a message's array of GPUs are not read: no rack has them. */
const mostGpus = 1_024;

export type JsonDecoder = (payload: Uint8Array, receivedAtUs: number, judge: JudgeTime) => Decoded;

/**
 * Decodes messages of one device by its profile. Whatever the bytes are, it returns: rows for what is valid, a problem
 * with its path for what is not. A point that a message does not mention is not touched.
 */
export function jsonDecoder(device: JsonDevice): JsonDecoder {
  const { profile } = device;
  const timeKeys = profile.time?.path.split(".");
  const points = profile.points.map((point) => ({
    point,
    keys: point.path.split("."),
    known: device.points.get(point.name),
  }));
  const gpus = profile.gpus && {
    path: profile.gpus.path,
    keys: profile.gpus.path.split("."),
    readOne: gpuReader(device, profile.gpus),
  };

  return (payload, receivedAtUs, judge) => {
    const nothing = (reason: "malformed" | "invalid_value", detail: string): Decoded => ({
      readings: [],
      gpuSamples: [],
      problems: [{ reason, detail }],
      timed: false,
    });
    let root: unknown;
    try {
      root = parseJson(payload);
    } catch (error) {
      return nothing("malformed", payload.length === 0 ? "empty payload" : (error as Error).message);
    }
    if (typeof root !== "object" || root === null) return nothing("malformed", `${shown(root)} is not a JSON object`);

    const rawTime = (timeKeys && valueAt(root, timeKeys)) ?? undefined;
    let deviceTimeUs: number | undefined;
    if (rawTime !== undefined) {
      const time = messageTime(rawTime, profile.time!.format);
      // Values whose time is unreadable are no readings: any other time would be an invention.
      if ("problem" in time) return nothing("invalid_value", `${profile.time!.path}: ${time.problem}`);
      deviceTimeUs = time.timeUs;
    }
    const { timeUs, quality: doubt, clockOffsetMs } = judge(deviceTimeUs, receivedAtUs);

    const problems = new Problems();
    const readings: ReadingRow[] = [];
    const gpuSamples: GpuSampleRow[] = [];
    for (const { point, keys, known } of points) {
      const raw = valueAt(root, keys);
      if (raw === undefined) continue;
      if (!known) {
        problems.add("unknown_point", point.path, `the device has no point ${point.name}`);
        continue;
      }
      const checked = pointValue(raw, point.scale, known);
      if ("problem" in checked) problems.add("invalid_value", point.path, checked.problem);
      else {
        const { value, quality } = checked;
        readings.push({ pointId: known.id, timeUs, receivedAtUs, value, quality: doubted(quality, doubt) });
      }
    }
    if (gpus) {
      const list = valueAt(root, gpus.keys);
      if (Array.isArray(list)) {
        if (list.length > mostGpus)
          problems.add("invalid_value", gpus.path, `${list.length} elements, of which ${mostGpus} were read`);
        for (let at = 0; at < Math.min(list.length, mostGpus); at++) {
          const sample = gpus.readOne(list[at], `${gpus.path}.${at}`, problems);
          if (sample) gpuSamples.push({ ...sample, timeUs, receivedAtUs, quality: doubt ?? "good" });
        }
      } else if (list !== undefined && list !== null) {
        problems.add("invalid_value", gpus.path, `${shown(list)} is not an array`);
      }
    }
    if (readings.length + gpuSamples.length === 0 && problems.isEmpty) {
      problems.add("unknown_point", "(message)", `nothing in it for profile ${profile.name}`);
    }
    return { readings, gpuSamples, problems: problems.list(), timed: deviceTimeUs !== undefined, clockOffsetMs };
  };
}

type Sample = Pick<GpuSampleRow, "gpuId" | "values" | "xid" | "uuid">;

function gpuReader(device: JsonDevice, mapping: NonNullable<JsonDevice["profile"]["gpus"]>) {
  const indexKeys = mapping.index.split(".");
  const uuidKeys = mapping.uuid?.split(".");
  const xidKeys = mapping.xid?.split(".");
  const fields = Object.entries(mapping.fields).map(([field, how]) => ({
    field: field as GpuField,
    how: how as GpuFieldMapping,
    keys: (how as GpuFieldMapping).from.split("."),
  }));

  return (element: unknown, path: string, problems: Problems): Sample | undefined => {
    const index = valueAt(element, indexKeys);
    if (typeof index !== "number") {
      problems.add("invalid_value", `${path}.${mapping.index}`, `${shown(index)} is not a GPU's index`);
      return undefined;
    }
    const gpuId = device.gpus.get(index);
    if (gpuId === undefined) {
      problems.add("unknown_device", `${path}.${mapping.index}`, `the rack has no GPU ${index}`);
      return undefined;
    }
    /** Missing where it is invalid, with the problem noted. */
    const valid = <Value>(value: Value | { problem: string }, at: string): Value | null => {
      if (!isProblem(value)) return value as Value;
      problems.add("invalid_value", `${path}.${at}`, value.problem);
      return null;
    };
    const values: GpuSampleRow["values"] = {};
    for (const { field, how, keys } of fields) {
      const raw = valueAt(element, keys);
      if (raw !== undefined) values[field] = valid(gpuFieldValue(raw, how), how.from);
    }
    return {
      gpuId,
      values,
      ...(xidKeys && { xid: valid(xidValue(valueAt(element, xidKeys)), mapping.xid!) }),
      ...(uuidKeys && { uuid: valid(uuidValue(valueAt(element, uuidKeys)), mapping.uuid!) }),
    };
  };
}
