import { z } from "zod";
import { gpuFields } from "../pipeline/types.ts";
import { orders32, orders64, registerTypes, timeFormats } from "./types.ts";

/* What a profile file may say. Defaults are written out by `profile.ts`, which also checks what spans several keys. */

const pointBase = {
  name: z.string().regex(/^[a-z][A-Za-z0-9]{1,62}$/, "lower camel case with its unit, such as activePowerW"),
  quantity: z.string().regex(/^[a-z][A-Za-z0-9]{1,62}$/, "lower camel case, such as activePower"),
  unit: z.string().min(1),
  kind: z.enum(["gauge", "counter", "state"]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  rolloverAt: z.number().positive().optional(),
};
const base = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens"),
  version: z.number().int().positive(),
};
const limits = z
  .strictObject({
    maxRegisters: z.number().int().min(1).max(125, "at most 125: a Modbus reply holds no more").default(125),
    gap: z.number().int().min(0).max(124).default(0),
  })
  .default({ maxRegisters: 125, gap: 0 });
const byteOrder = z.enum([...orders32, ...orders64]);
/** Whole numbers; those beyond 2^53 as text, since YAML would round them. */
const wholeNumber = z
  .union([
    z.number().int().refine(Number.isSafeInteger, 'write it as text: "0x8000000000000000"'),
    z.string().regex(/^(0x[0-9A-Fa-f]+|-?\d+)$/),
  ])
  .transform((value) => BigInt(value));

const modbus = z.strictObject({
  ...base,
  protocol: z.literal("modbus"),
  base: z.union([z.literal(0), z.literal(1)], "0 when registers are printed as on the wire, 1 when one higher"),
  limits,
  /** For every point that does not say its own. */
  order: byteOrder.default("ABCD"),
  fc: z.union([z.literal(3), z.literal(4)]).default(3),
  points: z
    .array(
      z.strictObject({
        ...pointBase,
        register: z.number().int().min(0).max(65_536),
        fc: z.union([z.literal(3), z.literal(4)], "3 (holding registers) or 4 (input registers)").optional(),
        type: z.enum(registerTypes),
        order: byteOrder.optional(),
        byte: z.enum(["high", "low"]).optional(),
        bit: z.number().int().min(0).max(15).optional(),
        length: z.number().int().min(1).max(125).optional(),
        scale: z
          .number()
          .refine((scale) => scale !== 0, "not 0")
          .default(1),
        offset: z.number().default(0),
        sentinels: z.array(wholeNumber).default([]),
      }),
    )
    .min(1),
});

const sunspec = z.strictObject({
  ...base,
  protocol: z.literal("sunspec"),
  limits,
  points: z
    .array(
      z.strictObject({
        ...pointBase,
        model: z.number().int().positive(),
        point: z.string(),
        factor: z
          .number()
          .refine((factor) => factor !== 0, "not 0")
          .default(1),
        zero: z.enum(["missing", "value"]).default("missing"),
      }),
    )
    .min(1),
});

const path = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, "keys joined by dots, such as meters.0.power");
const gpuField = z.union([
  z.string().min(1),
  z.strictObject({ from: z.string().min(1), scale: z.number().default(1), blankFrom: z.number().optional() }),
]);
const gpuFieldMap = z.partialRecord(z.enum(gpuFields), gpuField);

const mqttJson = z.strictObject({
  ...base,
  protocol: z.literal("mqtt-json"),
  time: z.strictObject({ path, format: z.enum(timeFormats).default("auto") }).optional(),
  points: z.array(z.strictObject({ ...pointBase, path, scale: z.number().default(1) })),
  gpus: z
    .strictObject({ path, index: path, uuid: path.optional(), xid: path.optional(), fields: gpuFieldMap })
    .optional(),
});

const sparkplug = z.strictObject({
  ...base,
  protocol: z.literal("sparkplug"),
  points: z.array(z.strictObject({ ...pointBase, metric: z.string().min(1), scale: z.number().default(1) })),
  gpus: z
    .strictObject({
      metric: z
        .string()
        .regex(/\{index\}.*\{field\}/, "a pattern with {index} and {field}, such as gpu/{index}/{field}"),
      uuid: z.string().optional(),
      xid: z.string().optional(),
      fields: gpuFieldMap,
    })
    .optional(),
});

export const profileFile = z.discriminatedUnion("protocol", [modbus, sunspec, mqttJson, sparkplug]);
export type ProfileFile = z.infer<typeof profileFile>;
