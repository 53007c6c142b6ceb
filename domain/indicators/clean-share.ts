import { type EnergyMix, mixSources } from "./types.ts";

/**
 * What counts as clean of a mix: hydro, wind, solar and other renewables (whitepaper WP-F3). Nuclear emits nothing where it
 * is made, yet it is not renewable and is no part of the clean share; it stands under its own name. The one definition:
 * the ledger, reports, charts and sentences all use it.
 */
export const cleanOf = (mix: Pick<EnergyMix, "hydro" | "wind" | "solar" | "otherRenewable">): number =>
  mix.hydro + mix.wind + mix.solar + mix.otherRenewable;

/** Above this share of unknown origin nothing can be said of the rest. */
const mostUnknown = 0.01;

/**
 * Clean energy / E_DC, 0–1, with energy under contract of the same hour (decision 4). Storage and what is not known do not
 * count as clean: storage is not followed to what charged it.
 * @returns null without consumption, or when more than 1 % of it is of unknown origin.
 */
export function cleanShareOf(mix: EnergyMix | null): number | null {
  if (!mix) return null;
  const total = mixSources.reduce((sum, source) => sum + mix[source], 0);
  if (total <= 0 || mix.unknown > mostUnknown * total) return null;
  return cleanOf(mix) / total;
}
