/**
 * Whether a run's energy is what was asked for and not what was measured (job_run.energy_method, written by
 * scheduler/loop): no GPU of it was heard.
 */
export const isEstimate = (energyMethod: string | null | undefined): boolean =>
  energyMethod?.startsWith("estimate") ?? false;
