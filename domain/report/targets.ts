import { autonomyH } from "../indicators/autonomy.ts";
import { round6, type Sums } from "./sums.ts";
import type { ReportCentre } from "./types.ts";

export type TargetName = "pue" | "cleanShare" | "heatUplift" | "storageHours";
/** A target beside what was measured. `target` null: nothing was asked; `met` null: nothing to compare. */
export type TargetLine = {
  name: TargetName;
  target: number | null;
  measured: number | null;
  /** at most (PUE) or at least. */
  rule: "max" | "min";
  met: boolean | null;
};

/**
 * The whitepaper's targets of one centre against its period. Heat uplift = (E_IT + E_reused) / E_IT − 1; storage hours =
 * installed capacity over the period's mean facility power.
 */
export function targetsOf(centre: ReportCentre, sums: Sums): TargetLine[] {
  const meanFacilityW = sums.facilityMilliWh === null ? null : sums.facilityMilliWh / sums.facilityHours / 1_000;
  const uplift =
    sums.heatReuseMilliWh === null || !sums.itMilliWh ? null : round6(sums.heatReuseMilliWh / sums.itMilliWh);
  const hours = autonomyH(centre.storageCapacityWh > 0 ? centre.storageCapacityWh : null, meanFacilityW);
  const storage = hours === null ? null : round6(hours);
  return [
    line("pue", centre.targets.pue, sums.pue?.value ?? null, "max"),
    line("cleanShare", centre.targets.cleanShare, sums.cleanShare?.value ?? null, "min"),
    line("heatUplift", centre.targets.heatUplift, uplift, "min"),
    line("storageHours", centre.targets.storageHours, storage, "min"),
  ];
}

/** One target and what was measured. A target of at least 0 is none. */
export function line(name: TargetName, target: number, measured: number | null, rule: "max" | "min"): TargetLine {
  // "At least 0" asks for nothing: a centre without heat reuse says so in its fleet file.
  const asked = rule === "min" && target <= 0 ? null : target;
  const met = measured === null || asked === null ? null : rule === "max" ? measured <= asked : measured >= asked;
  return { name, target: asked, measured, rule, met };
}
