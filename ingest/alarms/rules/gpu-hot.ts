import type { Finding, RackHeat, Rule } from "../types.ts";

/** °C. Data-centre GPUs slow down between 85 and 90, and shut down from 92 on (nvidia-smi -q, "Slowdown", "Shutdown"). */
export const gpuHotC = 85;
const gpuCriticalC = 90;

/** GPUs are so hot that they slow down. One alarm a hall: where the cooling fails, all its racks say so. */
export const gpuHot: Rule = {
  name: "gpuHot",
  opensAfterMs: 20_000,
  closesAfterMs: 60_000,
  find({ heat }) {
    const halls = new Map<string, RackHeat[]>();
    for (const rack of heat) halls.set(rack.hallId, [...(halls.get(rack.hallId) ?? []), rack]);
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const [hall, racks] of halls) {
      const cause = `gpuHot:${hall}`;
      if (racks.every(({ fresh }) => fresh === 0)) undecided.push(cause);
      const [hottest] = racks.filter(({ hot }) => hot > 0).sort((a, b) => (b.hottestC ?? 0) - (a.hottestC ?? 0));
      if (!hottest || hottest.hottestC === null) continue;
      const { centreId, rackId, hottestC, hottestIndex } = hottest;
      const gpus = racks.reduce((sum, { hot }) => sum + hot, 0);
      findings.push({
        cause,
        severity: hottestC >= gpuCriticalC ? "act" : "watch",
        centreId,
        message: {
          key: "gpuHot",
          values: { rack: rackId, index: hottestIndex ?? 0, temperature: Math.round(hottestC), gpus },
        },
      });
    }
    return { findings, undecided };
  },
};
