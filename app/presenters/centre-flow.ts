import { itRoleOf } from "#domain/indicators/roles.ts";
import { type Mix, type PowerNow, type Silent, type Source, scaleMix, sources, sumMix } from "./power-now.ts";

/** Where power goes, in drawing order. `rest`: what no meter tells apart (conversion and distribution losses, if all else is metered). */
export const loads = ["it", "cooling", "rest", "charging", "lighting", "export"] as const;
export type Load = (typeof loads)[number];

export type Flow = {
  /** Sum of what enters the main bus, watts. */
  totalW: number;
  in: { key: Source; powerW: number }[];
  out: { key: Load; powerW: number }[];
  /** Reused heat: leaves behind the meters, as a part of what IT drew. */
  heatW: number | null;
  /** By how much the loads' meters say more than the supply's; 0 when they agree. */
  disagreeW: number;
  /** Loads that have a meter which is silent: they are inside `rest`. */
  hidden: (Silent & { role: string })[];
  /** `rest` is losses only: cooling and lighting have meters of their own and they report. */
  restIsLosses: boolean;
};

/** Gross power into and out of the main bus now; null where a supply meter is silent or there is none. */
export function flowNow(power: PowerNow, mix: Mix, pueCategory: number): Flow | null {
  const { facilityW, byRole } = power;
  if (facilityW === null || facilityW <= 0) return null;
  const of = (role: keyof PowerNow["byRole"]) => byRole[role] ?? 0;
  const chargingW = Math.max(0, -of("battery"));
  const exportW = Math.max(0, -of("grid"));
  // The mix is of what the facility draws; what charges or leaves came from the same sources, in proportion.
  const totalW = facilityW + chargingW + exportW;
  const gross = scaleMix(mix, totalW / Math.max(1e-9, sumMix(mix)));
  const it = of(itRoleOf(pueCategory));
  const metered = it + of("cooling") + of("lighting") + chargingW + exportW;
  const hidden = power.silentBeside.filter(({ role }) => role === "cooling" || role === "lighting");
  const out: Record<Load, number> = {
    it,
    cooling: of("cooling"),
    rest: Math.max(0, totalW - metered),
    charging: chargingW,
    lighting: of("lighting"),
    export: exportW,
  };
  return {
    totalW,
    in: sources.flatMap((key) => (gross[key] > 0 ? [{ key, powerW: gross[key] }] : [])),
    out: loads.flatMap((key) => (out[key] > 0 ? [{ key, powerW: out[key] }] : [])),
    heatW: byRole.heat_reuse ?? null,
    disagreeW: Math.max(0, metered - totalW),
    hidden,
    restIsLosses: power.itW !== null && byRole.cooling !== undefined && hidden.length === 0,
  };
}

export type PueParts = { cooling: number | null; lighting: number | null; rest: number };

/** What stands above 1.00 in a PUE: parts over IT, of one moment (watts) or one period (milliwatt-hours). null: no meter of its own. */
export function pueParts(
  facility: number,
  it: number,
  cooling: number | undefined,
  lighting: number | undefined,
): PueParts {
  return {
    cooling: cooling === undefined ? null : cooling / it,
    lighting: lighting === undefined ? null : lighting / it,
    rest: (facility - it - (cooling ?? 0) - (lighting ?? 0)) / it,
  };
}
