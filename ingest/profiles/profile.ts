import type { GpuField } from "../pipeline/types.ts";
import { type ProfileFile, profileFile } from "./schema.ts";
import { sunspecModel } from "./sunspec-models.ts";
import type { ByteOrder, GpuFieldMapping, ModbusPoint, Profile, ProfilePoint, RegisterType } from "./types.ts";
import { ProfileError, parseYaml } from "./yaml.ts";

/**
 * Reads one profile.
 * @throws ProfileError naming file, line, key and what is expected, all problems at once.
 */
export function parseProfile(text: string, file: string): Profile {
  const { value, problem } = parseYaml(text, file, profileFile);
  const problems: string[] = [];
  const report = (path: PropertyKey[], message: string) => problems.push(problem(path, message));
  checkNames(value, report);
  const profile = writeOut(value, report);
  if (problems.length) throw new ProfileError(problems);
  return profile;
}

type Report = (path: PropertyKey[], message: string) => void;

function checkNames(file: ProfileFile, report: Report): void {
  const seen = new Set<string>();
  file.points.forEach((point: ProfilePoint, at) => {
    if (seen.has(point.name)) report(["points", at, "name"], `"${point.name}" is already a point of this profile`);
    seen.add(point.name);
    if (point.minimum !== undefined && point.maximum !== undefined && point.minimum >= point.maximum) {
      report(["points", at, "minimum"], "must be below maximum");
    }
    if (point.rolloverAt !== undefined && point.kind !== "counter") {
      report(["points", at, "rolloverAt"], "only a counter rolls over");
    }
  });
}

function writeOut(file: ProfileFile, report: Report): Profile {
  switch (file.protocol) {
    case "modbus": {
      const { order, fc, points, ...rest } = file;
      const written = points.map((point, at) => modbusPoint(point, { order, fc }, file.base, at, report));
      return { ...rest, points: written.filter((point) => point !== undefined) };
    }
    case "sunspec":
      file.points.forEach((point, at) => {
        const model = sunspecModel(point.model);
        const known = model?.points.get(point.point);
        if (!model) report(["points", at, "model"], `model ${point.model} is not in the catalogue`);
        else if (!known) report(["points", at, "point"], `model ${point.model} has no fixed point "${point.point}"`);
        else if (known.type === "string" || known.type === "sunssf") {
          report(["points", at, "point"], `is a ${known.type}: a reading is a number`);
        } else if (typeof known.sf === "string" && !model.points.has(known.sf)) {
          report(["points", at, "point"], `its scale factor ${known.sf} is not in model ${point.model}`);
        }
      });
      return file;
    case "mqtt-json":
    case "sparkplug": {
      const { gpus, ...rest } = file;
      if (!gpus && file.points.length === 0) report(["points"], "a profile without gpus needs at least one point");
      if (!gpus) return rest as Profile;
      return { ...rest, gpus: { ...gpus, fields: gpuFieldMappings(gpus.fields) } } as Profile;
    }
  }
}

type ModbusFilePoint = Extract<ProfileFile, { protocol: "modbus" }>["points"][number];

function modbusPoint(
  point: ModbusFilePoint,
  defaults: { order: ByteOrder; fc: 3 | 4 },
  base: 0 | 1,
  at: number,
  report: Report,
): ModbusPoint | undefined {
  const bytes = typeBytes(point.type);
  const order = point.order === undefined ? fitOrder(defaults.order, bytes) : exactOrder(point.order, bytes);
  if (point.type === "string") return void report(["points", at, "type"], "a reading is a number, never a text");
  if (!order) return void report(["points", at, "order"], `${point.order} does not fit ${point.type}`);
  if (bytes === 1 && !point.byte) report(["points", at, "byte"], `${point.type} needs byte: high or low`);
  if (bytes !== 1 && point.byte) report(["points", at, "byte"], "only int8 and uint8 are one byte of a register");
  if (point.type === "bit" && point.bit === undefined) report(["points", at, "bit"], "a bit needs bit: 0 to 15");
  if (point.type !== "bit" && point.bit !== undefined) report(["points", at, "bit"], "only type bit has it");
  if (point.length !== undefined) report(["points", at, "length"], "only a string has a length");
  const address = point.register - base;
  if (address < 0 || address + Math.ceil(bytes / 2) > 65_536) {
    report(["points", at, "register"], `${point.register} is outside ${base} to ${65_535 + base}`);
  }
  return { ...point, fc: point.fc ?? defaults.fc, order };
}

function typeBytes(type: RegisterType): number {
  const bits = /\d+$/.exec(type);
  return bits ? Number(bits[0]) / 8 : 2;
}

const wideOrders: Record<string, ByteOrder> = {
  ABCD: "ABCDEFGH",
  DCBA: "HGFEDCBA",
  BADC: "BADCFEHG",
  CDAB: "GHEFCDAB",
};
/** A profile's default order, which is written for 32 bits, as it is meant for a value of other width. */
function fitOrder(order: ByteOrder, bytes: number): ByteOrder {
  if (bytes === 8) return wideOrders[order] ?? order;
  const narrow =
    order.length === 8 ? (Object.keys(wideOrders).find((key) => wideOrders[key] === order) ?? "ABCD") : order;
  if (bytes === 4) return narrow as ByteOrder;
  return narrow === "BADC" || narrow === "DCBA" ? "BADC" : "ABCD";
}

function exactOrder(order: ByteOrder, bytes: number): ByteOrder | undefined {
  if (bytes === 8) return wideOrders[order] ?? order;
  if (order.length === 8) return undefined;
  return bytes === 4 || order === "ABCD" || order === "BADC" ? order : undefined;
}

/** No gauge of a GPU reaches DCGM's smallest blank, 0x7ffffff0; counters do, and blank at the 64-bit one. */
const int32Blank = 0x7ffffff0;
const int64Blank = Number(0x7ffffffffffffff0n);
const float64Blank = 140_737_488_355_328;
const counters = new Map<GpuField, number>([
  ["energyJ", float64Blank],
  ["clockEventMask", int64Blank],
  ["powerViolationNs", int64Blank],
  ["thermalViolationNs", int64Blank],
  ["eccSingleVolatile", int64Blank],
  ["eccDoubleVolatile", int64Blank],
  ["pcieReplay", int64Blank],
  ["nvlinkCrcFlit", int64Blank],
]);

function gpuFieldMappings(
  fields: NonNullable<Extract<ProfileFile, { protocol: "mqtt-json" }>["gpus"]>["fields"],
): Partial<Record<GpuField, GpuFieldMapping>> {
  const written: Partial<Record<GpuField, GpuFieldMapping>> = {};
  for (const [name, mapping] of Object.entries(fields)) {
    const field = name as GpuField;
    const blankFrom = counters.get(field) ?? int32Blank;
    written[field] =
      typeof mapping === "string"
        ? { from: mapping, scale: 1, blankFrom }
        : { ...mapping, blankFrom: mapping.blankFrom ?? blankFrom };
  }
  return written;
}
