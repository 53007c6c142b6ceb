import { z } from "zod";
import type { PolicyWeights } from "../placement/types.ts";

/** A policy as it is kept: versioned, every field with its unit (scheduling.md, "Policies"). */
export const policyDocument = z.strictObject({
  kind: z.literal("placement"),
  preset: z.enum(["cleanest", "cheapest", "balanced", "fastest"]).optional(),
  alphaUsdPerTonne: z.number().min(0).max(1e6),
  beta: z.number().min(0).max(1e3),
  gammaUsdPerGpuHour: z.number().min(0).max(1e6),
  carbonView: z.enum(["location", "contract"]),
  allowedCentreIds: z.array(z.string().min(1)).nullable(),
  maxWaitS: z.number().int().min(0).nullable(),
  hysteresisShare: z.number().min(0).max(0.5),
});
export type PolicyDocument = z.infer<typeof policyDocument>;

/** @throws ZodError naming each field of the document that is not valid. */
export function policyWeights(id: string, version: number, document: unknown): PolicyWeights {
  const { kind: _kind, preset: _preset, ...weights } = policyDocument.parse(document);
  return { id, version, ...weights };
}
