import { type Finding, hourMs, iso, type Rule, tenth } from "../types.ts";

const leastCoverage = 0.95;
/** The ledger gets this long after an hour's end, for what comes late. */
const settleMs = 10 * 60_000;

/** The newest settled hour lacks measured time: its figures stand on too little. */
export const coverageLow: Rule = {
  name: "coverageLow",
  opensAfterMs: 0,
  closesAfterMs: 0,
  find({ centres, hours, nowMs }) {
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const { id: centreId } of centres) {
      const cause = `coverageLow:${centreId}`;
      const hour = hours.findLast((one) => one.centreId === centreId && one.hourMs + hourMs + settleMs <= nowMs);
      if (!hour) undecided.push(cause);
      else if (hour.coverage < leastCoverage) {
        const values = { coverage: tenth(hour.coverage * 100), from: iso(hour.hourMs), to: iso(hour.hourMs + hourMs) };
        findings.push({ cause, severity: "watch", centreId, message: { key: "coverageLow", values } });
      }
    }
    return { findings, undecided };
  },
};
