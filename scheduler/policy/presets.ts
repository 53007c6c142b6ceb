import type { PolicyDocument } from "./document.ts";

export const presetIds = ["cleanest", "cheapest", "balanced", "fastest"] as const;
export type PresetId = (typeof presetIds)[number];

const common = {
  kind: "placement",
  carbonView: "location",
  allowedCentreIds: null,
  maxWaitS: null,
  hysteresisShare: 0.02,
} as const;

/**
 * The presets. A tonne of CO₂e weighs 200 USD in `balanced` (of the order of published social costs of carbon); in the
 * others one aim outweighs the rest and these only break ties.
 */
export const presets: Record<PresetId, PolicyDocument> = {
  cleanest: { ...common, preset: "cleanest", alphaUsdPerTonne: 100_000, beta: 0.1, gammaUsdPerGpuHour: 0.000_01 },
  cheapest: { ...common, preset: "cheapest", alphaUsdPerTonne: 0.1, beta: 1, gammaUsdPerGpuHour: 0.000_01 },
  balanced: { ...common, preset: "balanced", alphaUsdPerTonne: 200, beta: 1, gammaUsdPerGpuHour: 0.005 },
  fastest: { ...common, preset: "fastest", alphaUsdPerTonne: 1, beta: 0.01, gammaUsdPerGpuHour: 1_000 },
};
