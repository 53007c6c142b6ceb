/** Channels on which rooms tell each other that something changed. The payload is a short JSON text, never the data itself. */
export const channels = {
  /** Newest readings of centres changed: { centreIds }. At most one a second and worker. */
  readings: "hs_readings",
  /** Ledger hours were derived: { centreIds }. */
  ledger: "hs_ledger",
  /** A job or its placement changed: { jobId }. */
  job: "hs_job",
  /** An alarm opened, changed or closed: { alarmId, centreId }. */
  alarm: "hs_alarm",
  /** The indexer moved: { block }. */
  chain: "hs_chain",
  /** The fleet file was applied: {}. */
  fleet: "hs_fleet",
  /** A long task moved: { taskId }. */
  progress: "hs_progress",
} as const;
export type Channel = (typeof channels)[keyof typeof channels];
