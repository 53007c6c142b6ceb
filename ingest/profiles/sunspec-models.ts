import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseYaml } from "./yaml.ts";

export const sunspecTypes = [
  "int16",
  "int32",
  "int64",
  "uint16",
  "uint32",
  "uint64",
  "acc16",
  "acc32",
  "acc64",
  "enum16",
  "enum32",
  "bitfield16",
  "bitfield32",
  "bitfield64",
  "raw16",
  "count",
  "sunssf",
  "float32",
  "float64",
  "string",
] as const;
export type SunspecType = (typeof sunspecTypes)[number];

export type SunspecModelPoint = {
  name: string;
  /** Registers from the model's ID register, which is 0. */
  offset: number;
  type: SunspecType;
  /** Registers of a string. */
  size?: number | undefined;
  /** Name of the scale factor's point, or a fixed exponent of ten. */
  sf?: string | number | undefined;
  unit?: string | undefined;
};
export type SunspecModel = {
  id: number;
  name: string;
  /** Registers of the fixed block after ID and length. */
  length: number;
  repeats: boolean;
  points: Map<string, SunspecModelPoint>;
};

const modelFile = z.strictObject({
  id: z.number().int().positive(),
  name: z.string(),
  length: z.number().int().positive(),
  repeats: z.boolean().default(false),
  points: z.array(
    z.strictObject({
      name: z.string(),
      offset: z.number().int().min(2),
      type: z.enum(sunspecTypes),
      size: z.number().int().positive().optional(),
      sf: z.union([z.string(), z.number().int().min(-10).max(10)]).optional(),
      unit: z.string().optional(),
    }),
  ),
});

const folder = join(import.meta.dirname, "sunspec");
const loaded = new Map<number, SunspecModel | undefined>();

/** The fixed block of a SunSpec model, or undefined when the catalogue (`ingest/profiles/sunspec/`) does not hold it. */
export function sunspecModel(id: number): SunspecModel | undefined {
  if (!loaded.has(id)) loaded.set(id, readModel(id));
  return loaded.get(id);
}

function readModel(id: number): SunspecModel | undefined {
  const file = join(folder, `model-${id}.yaml`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const { points, ...model } = parseYaml(text, file, modelFile).value;
  return { ...model, points: new Map(points.map((point) => [point.name, point])) };
}

/** Registers that a type fills (SunSpec Information Model Specification, data types). */
export function sunspecSize(point: Pick<SunspecModelPoint, "type" | "size">): number {
  if (point.type === "string") return point.size ?? 1;
  if (point.type.endsWith("64")) return 4;
  return point.type.endsWith("32") ? 2 : 1;
}
