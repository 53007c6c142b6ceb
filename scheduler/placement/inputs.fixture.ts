import { hourMs } from "./horizon.ts";
import type { CentreInputs, DecisionInputs, HourOutlook } from "./types.ts";

/** 2026-06-01T00:00:00Z. */
export const startMs = Date.UTC(2026, 5, 1);

const hour = (carbon: number, price: number): HourOutlook => ({
  carbonLocationGPerKwh: carbon,
  carbonResidualGPerKwh: null,
  priceUsdPerMwh: price,
  wetBulbC: 10,
  ownSupplyW: null,
  cleanSupplyW: null,
});

/** A centre with 16 GPUs, PUE 1.2 and the same outlook at all hours, unless said otherwise. */
export function centreInputs(
  id: string,
  carbon: number,
  price: number,
  over: Partial<CentreInputs> = {},
): CentreInputs {
  return {
    id,
    jurisdiction: "CN",
    drainedReason: null,
    avoid: null,
    powerCapW: 1e6,
    baseItW: 0,
    adderUsdPerMwh: 0,
    ownSupplyUsdPerMwh: 0,
    carbonTaxUsdPerTonne: 0,
    pools: [{ gpuClass: "H100", gpus: 16, usage: [] }],
    pue: { method: "target", base: 1.2, perWetBulbC: 0, perInverseLoadKw: 0, minimum: 1, maximum: 2, samples: 0 },
    hours: Array.from({ length: 48 }, () => hour(carbon, price)),
    basis: { carbon: "forecast", price: "forecast", wetBulb: "forecast", cleanSupply: "none" },
    shadowMicroUsdPerGpuHour: [],
    ...over,
  };
}

type Over = Partial<Omit<DecisionInputs, "job" | "policy">> & {
  job?: Partial<DecisionInputs["job"]>;
  policy?: Partial<DecisionInputs["policy"]>;
};

/** A job of 8 GPUs × 1 h at 500 W, due in 24 h, policy: carbon alone. */
export function decisionInputs(centres: CentreInputs[], over: Over = {}): DecisionInputs {
  return {
    version: 1,
    nowMs: startMs,
    horizonStartMs: startMs,
    horizonHours: 48,
    centres,
    current: null,
    ...over,
    job: {
      id: "job-1",
      gpus: 8,
      gpuClass: null,
      durationS: 3_600,
      powerPerGpuW: 500,
      releaseAtMs: startMs,
      deadlineAtMs: startMs + 24 * hourMs,
      interruptible: false,
      residency: [],
      budgetMicroUsd: null,
      ...over.job,
    },
    policy: {
      id: "test",
      version: 1,
      alphaUsdPerTonne: 1_000,
      beta: 0,
      gammaUsdPerGpuHour: 0,
      carbonView: "location",
      allowedCentreIds: null,
      maxWaitS: null,
      hysteresisShare: 0,
      ...over.policy,
    },
  };
}
