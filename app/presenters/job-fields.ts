export const durationUnits = { min: 60, h: 3_600, d: 86_400 } as const;
export type DurationUnit = keyof typeof durationUnits;

/** Fields of the form, as typed: what is shown again beside an error. */
export const jobFields = [
  "name",
  "gpus",
  "gpuClass",
  "duration",
  "durationUnit",
  "powerClass",
  "deadline",
  "deadlineUnit",
  "budgetUsd",
  "policy",
  "workload",
  "seed",
  "exitCode",
  "idempotencyKey",
] as const;
export type JobField = (typeof jobFields)[number] | "residency" | "interruptible";
export type JobFormValues = Record<(typeof jobFields)[number], string> & {
  residency: string[];
  interruptible: boolean;
};
export type JobFieldErrors = Partial<Record<JobField | "form", string>>;
