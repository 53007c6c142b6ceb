import { type EnergyMix, mixSources } from "./types.ts";

/** Above this share of unknown origin nothing can be said of the rest. */
const mostUnknown = 0.01;

/**
 * Clean energy / E_DC, 0–1 (whitepaper WP-F3; hydro, wind, solar and other renewables, with energy under contract of the
 * same hour). Nuclear, storage and what is not known do not count as clean: storage is not followed to what charged it.
 * @returns null without consumption, or when more than 1 % of it is of unknown origin.
 */
export function cleanShareOf(mix: EnergyMix | null): number | null {
  if (!mix) return null;
  const total = mixSources.reduce((sum, source) => sum + mix[source], 0);
  if (total <= 0 || mix.unknown > mostUnknown * total) return null;
  return (mix.hydro + mix.wind + mix.solar + mix.otherRenewable) / total;
}
