import { type Finding, hourMs, hundredth, iso, type Rule } from "../types.ts";

const hoursAbove = 3;
/** So far above its target opens an alarm, so far above keeps it open. */
const margin = { open: 0.02, keep: 0.01 };
/** An hour with less coverage says too little. */
const leastCoverage = 0.9;

/** PUE of three whole hours in a row above the centre's target: not one hot hour, and not a figure with holes. */
export const pueAboveTarget: Rule = {
  name: "pueAboveTarget",
  opensAfterMs: 30_000,
  closesAfterMs: 30_000,
  find({ centres, hours, nowMs }, open) {
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const { id: centreId, targetPue } of centres) {
      const cause = `pueAboveTarget:${centreId}`;
      const isOpen = open.has(cause);
      const newest = Math.floor(nowMs / hourMs) * hourMs - hourMs;
      const known = hours.filter(
        (hour) => hour.centreId === centreId && hour.pue !== null && hour.coverage >= leastCoverage,
      );
      const lately = known.at(-1);
      // The newest whole hour may not be derived yet.
      if (!lately || lately.hourMs < newest - hourMs) {
        undecided.push(cause);
        continue;
      }
      const above = targetPue + (isOpen ? margin.keep : margin.open);
      const wanted = isOpen ? 1 : hoursAbove;
      const last = known.filter(({ hourMs: at }) => at > lately.hourMs - wanted * hourMs);
      if (last.length < wanted || last.some(({ pue }) => (pue ?? 0) <= above)) continue;
      findings.push({
        cause,
        severity: "watch",
        centreId,
        message: {
          key: "pueAboveTarget",
          values: { pue: hundredth(lately.pue!), target: targetPue, hour: iso(lately.hourMs) },
        },
      });
    }
    return { findings, undecided };
  },
};
