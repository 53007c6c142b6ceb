import type { CentrePool, Usage } from "./types.ts";

/** Step function of what a pool's usage holds: at[i] until at[i + 1] it is gpus[i]. */
export type UsageProfile = { at: number[]; gpus: number[]; powerW: number[] };

/** Profile of the usage of one or more pools; a job's own usage is left out. */
export function usageProfile(usage: readonly Usage[], exceptJobId: string): UsageProfile {
  const deltas = new Map<number, { gpus: number; powerW: number }>();
  const add = (time: number, gpus: number, powerW: number) => {
    const delta = deltas.get(time) ?? { gpus: 0, powerW: 0 };
    deltas.set(time, { gpus: delta.gpus + gpus, powerW: delta.powerW + powerW });
  };
  for (const held of usage) {
    if (held.jobId === exceptJobId || held.endAtMs <= held.startAtMs) continue;
    add(held.startAtMs, held.gpus, held.powerW);
    add(held.endAtMs, -held.gpus, -held.powerW);
  }
  const profile: UsageProfile = { at: [], gpus: [], powerW: [] };
  let [gpus, powerW] = [0, 0];
  for (const [time, delta] of [...deltas].sort((a, b) => a[0] - b[0])) {
    gpus += delta.gpus;
    powerW += delta.powerW;
    profile.at.push(time);
    profile.gpus.push(gpus);
    profile.powerW.push(powerW);
  }
  return profile;
}

/** Largest values of a profile over [startMs, endMs). */
export function peakUsage(profile: UsageProfile, startMs: number, endMs: number): { gpus: number; powerW: number } {
  const peak = { gpus: 0, powerW: 0 };
  for (let i = 0; i < profile.at.length; i++) {
    if (profile.at[i]! >= endMs) break;
    if ((profile.at[i + 1] ?? Number.POSITIVE_INFINITY) <= startMs) continue;
    peak.gpus = Math.max(peak.gpus, profile.gpus[i]!);
    peak.powerW = Math.max(peak.powerW, profile.powerW[i]!);
  }
  return peak;
}

/** The first pool by name that has `gpus` free over the whole interval, or undefined. */
export function poolWithRoom(
  pools: readonly { pool: CentrePool; profile: UsageProfile }[],
  gpus: number,
  startMs: number,
  endMs: number,
): string | undefined {
  return pools.find(({ pool, profile }) => pool.gpus - peakUsage(profile, startMs, endMs).gpus >= gpus)?.pool.gpuClass;
}
