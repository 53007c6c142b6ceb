/** How an entry's energy is known; meanings stand at db/schema/energy.ts. */
export type LedgerMethod = "counter" | "counter_spread" | "integrated" | "estimated";

/** Qualities from which energy may be derived; sentinel, out_of_range, stale and clock_suspect never count. */
export const usableQualities = ["good", "estimated", "backfilled"] as const;
export type UsableQuality = (typeof usableQualities)[number];

/** A usable reading of a counter (Wh) or of power (W). Readings of a series are in order of time, each time once. */
export type EnergyReading = {
  timeUs: number;
  value: number;
  quality: UsableQuality;
  /**
   * How many readings were left out between the one before and this. Only a stretch may be left out in which the counter
   * rose plausibly, without a gap, inside one hour, all of it "good": the result is the same.
   */
  bridged?: number;
};

/** What is known of a meter. */
export type MeterTraits = {
  /** Seconds between readings as configured. */
  intervalS: number;
  /** Largest power of what it measures, W; null: not known. */
  ratedPowerW?: number | null;
  /** Wh at which the counter starts again from 0; null: not known, and then no drop is a rollover. */
  rolloverAtWh?: number | null;
};

/** Energy of one hour by one method. */
export type EnergyEntry = {
  hourMs: number;
  method: LedgerMethod;
  energyMilliWh: number;
  /** Seconds of the hour that were measured: between readings no further apart than the gap limit. 0 … 3600. */
  coveredS: number;
  /** Usable readings inside the hour; stated at the hour's first entry only. */
  readings: number;
  /** The readings that bound the energy; they may lie outside the hour, whose edges are then interpolated. */
  firstReadingUs: number;
  lastReadingUs: number;
  /** Faults met, each `kind time from→to Wh`. */
  notes: string[];
};
