import { clockLimitMs } from "../../pipeline/clock.ts";
import { staleAfterMs } from "../../pipeline/health.ts";
import { type Finding, type Rule, tenth } from "../types.ts";

/** Devices whose clock is off by more than the limit: their readings are kept apart and count nowhere. One alarm a centre. */
export const clockOff: Rule = {
  name: "clockOff",
  opensAfterMs: 10_000,
  closesAfterMs: 30_000,
  find({ centres, devices, nowMs }) {
    const findings: Finding[] = [];
    for (const { id: centreId } of centres) {
      const off = devices.filter(
        ({ centreId: of, seenMs, clockOffsetMs, intervalS }) =>
          of === centreId &&
          seenMs !== null &&
          nowMs - seenMs <= staleAfterMs(intervalS) &&
          Math.abs(clockOffsetMs ?? 0) > clockLimitMs,
      );
      if (off.length === 0) continue;
      const worst = off.reduce((a, b) => (Math.abs(b.clockOffsetMs!) > Math.abs(a.clockOffsetMs!) ? b : a));
      const minutes = tenth(Math.abs(worst.clockOffsetMs!) / 60_000);
      findings.push({
        cause: `clockOff:${centreId}`,
        severity: "watch",
        centreId,
        deviceId: worst.id,
        message: { key: "clockOff", values: { device: worst.id, devices: off.length, minutes } },
      });
    }
    return { findings };
  },
};
