import { type Finding, iso, type Rule } from "../types.ts";

const behindMs = 30_000;

/** Devices are heard, but what they said is not in the database: the pipeline or the database cannot keep up. */
export const ingestBehind: Rule = {
  name: "ingestBehind",
  opensAfterMs: 5_000,
  closesAfterMs: 20_000,
  find({ centres, devices }) {
    const findings: Finding[] = [];
    for (const { id: centreId, committedMs } of centres) {
      const seenMs = Math.max(
        ...devices.filter((device) => device.centreId === centreId).map((device) => device.seenMs ?? 0),
      );
      if (committedMs === null || seenMs - committedMs <= behindMs) continue;
      findings.push({
        cause: `ingestBehind:${centreId}`,
        severity: "act",
        centreId,
        message: {
          key: "ingestBehind",
          values: { seconds: Math.round((seenMs - committedMs) / 1_000), since: iso(committedMs) },
        },
      });
    }
    return { findings };
  },
};
