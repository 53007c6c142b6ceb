import { milliWhOfWh } from "../units.ts";
import { isCounterGap } from "./gap.ts";
import type { EnergyReading, MeterTraits } from "./types.ts";

/** What a counter says between two neighbouring readings. */
export type Step = {
  from: EnergyReading;
  to: EnergyReading;
  energyMilliWh: number;
  /** Readings are missing between the two: when the energy flowed is not known, only how much. */
  gap: boolean;
  /** Part of the energy is not known: the time between counts as not measured. */
  lost: boolean;
  fault?: "rollover" | "reset" | "jump";
};

/** Counters move in steps and meters time their registers loosely: this much time at rated power is forgiven. */
const slackS = 60;
/** A rise is impossible above this multiple of the rated power: a rating typed too low must not erase energy. */
const impossibleFactor = 10;
/** Nothing that one meter of a computing centre measures reaches this power, W. Holds where no rating is known. */
const impossiblePowerW = 1e9;

/** The most that can flow at a power in a time, milliwatt-hours. */
const mostMilliWh = (powerW: number, us: number) => (powerW * (us / 1e6 + slackS)) / 3.6;

/** Power above which a rise of the counter is no energy, W. */
export const impossibleW = (ratedPowerW: number | null | undefined) =>
  ratedPowerW ? ratedPowerW * impossibleFactor : impossiblePowerW;

/**
 * The energy between two readings. A drop is a rollover only when the meter's modulus and rating are known and the
 * implied power is at most the rated; else it is a reset: what was counted before it is lost, and what the counter shows
 * after it is energy only where the rating allows it. A rise beyond any possible power (a sentinel stored as a value:
 * 4.3e8 kWh) is no energy.
 */
export function stepBetween(from: EnergyReading, to: EnergyReading, traits: MeterTraits): Step {
  const us = to.timeUs - from.timeUs;
  const difference = milliWhOfWh(to.value) - milliWhOfWh(from.value);
  if (to.bridged) return { from, to, energyMilliWh: difference, gap: false, lost: false };
  const gap = isCounterGap(from, to, traits.intervalS);
  if (difference > mostMilliWh(impossibleW(traits.ratedPowerW), us))
    return { from, to, energyMilliWh: 0, gap, lost: true, fault: "jump" };
  if (difference >= 0) return { from, to, energyMilliWh: difference, gap, lost: false };
  const most = traits.ratedPowerW ? mostMilliWh(traits.ratedPowerW, us) : 0;
  const around = traits.rolloverAtWh ? difference + milliWhOfWh(traits.rolloverAtWh) : -1;
  if (around >= 0 && around <= most) return { from, to, energyMilliWh: around, gap, lost: false, fault: "rollover" };
  const since = milliWhOfWh(to.value);
  return {
    from,
    to,
    energyMilliWh: since >= 0 && since <= most ? since : 0,
    gap,
    lost: true,
    fault: "reset",
  };
}
