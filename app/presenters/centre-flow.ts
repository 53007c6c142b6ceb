import { itRoleOf } from "#domain/indicators/roles.ts";
import { cleanShareOfMix, type Mix, type PowerNow, type Silent, sumMix } from "./power-now.ts";

/** What feeds the main bus, in drawing order: by the meters on it. A contract is no wire (decision 4): it is a claim on the grid's part. */
export const feeds = ["hydro", "wind", "solar", "storage", "generator", "grid"] as const;
export type Feed = (typeof feeds)[number];
/** Where power goes, in drawing order. `rest`: what no meter tells apart (conversion and distribution losses, if all else is metered). */
export const loads = ["it", "cooling", "rest", "charging", "lighting", "export"] as const;
export type Load = (typeof loads)[number];

export type Claim = { key: "hydro" | "wind" | "solar"; powerW: number };
export type Flow = {
  /** Sum of what enters the main bus, watts. */
  totalW: number;
  in: { key: Feed; powerW: number }[];
  out: { key: Load; powerW: number }[];
  /** Parts of the grid's import that contracts claim now; null: one of their meters is silent. */
  claims: Claim[] | null;
  /** Clean share of what the facility draws, contracts and the grid's mix counted; null: not known. */
  cleanShare: number | null;
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
  const given: Record<Feed, number> = {
    hydro: of("hydro"),
    wind: of("wind"),
    solar: of("solar"),
    storage: of("battery"),
    generator: of("generator"),
    grid: of("grid"),
  };
  const ins = feeds.flatMap((key) => (given[key] > 0 ? [{ key, powerW: given[key] }] : []));
  const totalW = ins.reduce((sum, { powerW }) => sum + powerW, 0);
  const chargingW = Math.max(0, -of("battery"));
  const exportW = Math.max(0, -of("grid"));
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
    in: ins,
    out: loads.flatMap((key) => (out[key] > 0 ? [{ key, powerW: out[key] }] : [])),
    claims: claimsNow(power),
    cleanShare: sumMix(mix) > 0 ? cleanShareOfMix(mix) : null,
    heatW: byRole.heat_reuse ?? null,
    disagreeW: Math.max(0, metered - totalW),
    hidden,
    restIsLosses: power.itW !== null && byRole.cooling !== undefined && hidden.length === 0,
  };
}

/** What contracts claim of the grid's import now, at most all of it; null: one of their meters is silent. */
export function claimsNow({ byRole, contractW }: PowerNow): Claim[] | null {
  if (!contractW) return null;
  const importW = Math.max(0, byRole.grid ?? 0);
  const sources = ["hydro", "wind", "solar"] as const;
  const all = sources.reduce((sum, key) => sum + contractW[key], 0);
  const part = all > 0 ? Math.min(1, importW / all) : 0;
  return sources.flatMap((key) => (contractW[key] * part > 0 ? [{ key, powerW: contractW[key] * part }] : []));
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
