import type { EnergyReading } from "./types.ts";

export type Outlier = { kind: "dip" | "spike"; before: EnergyReading; reading: EnergyReading };

/**
 * A counter that is lower for one reading and recovers, or higher for one reading and comes back, did not count: that
 * reading is noise. Whether a reading is one depends on the two before and the two after it only, and two neighbours
 * never both are: a late reading changes the ledger near itself and nowhere else.
 */
export function separateOutliers(readings: EnergyReading[]): { accepted: EnergyReading[]; outliers: Outlier[] } {
  const value = (at: number) => readings[at]?.value;
  const isSpike = (at: number) => {
    const [before, here, after] = [value(at - 1), value(at), value(at + 1)];
    return before !== undefined && here !== undefined && after !== undefined && before <= after && after < here;
  };
  const isDip = (at: number) => {
    const [before, here, after] = [value(at - 1), value(at), value(at + 1)];
    const recovers =
      before !== undefined && here !== undefined && after !== undefined && here < before && before <= after;
    return recovers && !isSpike(at - 1) && !isSpike(at + 1);
  };
  const accepted: EnergyReading[] = [];
  const outliers: Outlier[] = [];
  for (const [at, reading] of readings.entries()) {
    const kind = isSpike(at) ? "spike" : isDip(at) ? "dip" : undefined;
    if (kind) outliers.push({ kind, before: readings[at - 1]!, reading });
    else accepted.push(reading);
  }
  return { accepted, outliers };
}
