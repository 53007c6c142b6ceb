import { type JobRequest, jobRequest, type RefusalReason } from "#db/queries/jobs.ts";
import { type DurationUnit, durationUnits, type JobField, type JobFormValues, jobFields } from "./job-fields.ts";

/** The form as it was typed, every text cut to a length that can be shown again. */
export function readJobForm(form: FormData): JobFormValues {
  const text = (name: string) => String(form.get(name) ?? "").slice(0, 300);
  return {
    ...(Object.fromEntries(jobFields.map((name) => [name, text(name)])) as Record<(typeof jobFields)[number], string>),
    residency: form.getAll("residency").map(String).slice(0, 32),
    interruptible: form.get("interruptible") !== null,
  };
}

/** Where an issue of `jobRequest` is shown. */
const fieldOfPath: Record<string, JobField> = {
  name: "name",
  gpus: "gpus",
  gpuClass: "gpuClass",
  durationS: "duration",
  powerClass: "powerClass",
  deadlineInS: "deadline",
  residency: "residency",
  budgetUsd: "budgetUsd",
  policy: "policy",
  workload: "workload",
};

/** Where the rule that refuses a job is shown. */
export const fieldOfRefusal: Record<RefusalReason, JobField | "form"> = {
  unknownResidency: "residency",
  unknownGpuClass: "gpuClass",
  tooManyGpus: "gpus",
  deadlineTooEarly: "deadline",
  unknownPolicy: "policy",
  noCapacity: "form",
  idempotencyConflict: "form",
};

/** Typed text → the request that every door takes; or the fields that are wrong. */
export function parseJobForm(values: JobFormValues): { request: JobRequest } | { wrong: JobField[] } {
  const optional = (text: string) => (text.trim() === "" ? undefined : text.trim());
  const candidate = {
    name: values.name,
    gpus: wholeNumber(values.gpus),
    gpuClass: optional(values.gpuClass),
    durationS: seconds(values.duration, values.durationUnit),
    powerClass: optional(values.powerClass),
    deadlineInS: seconds(values.deadline, values.deadlineUnit),
    interruptible: values.interruptible,
    residency: values.residency,
    // A comma is what many keyboards give for the decimal point.
    budgetUsd: optional(values.budgetUsd)?.replace(",", "."),
    policy: values.policy,
    workload:
      values.workload === "sleep"
        ? { kind: "sleep", exitCode: values.exitCode.trim() === "" ? 0 : wholeNumber(values.exitCode) }
        : { kind: values.workload, ...(optional(values.seed) !== undefined && { seed: optional(values.seed) }) },
    idempotencyKey: optional(values.idempotencyKey),
  };
  const parsed = jobRequest.safeParse(
    Object.fromEntries(Object.entries(candidate).filter(([, value]) => value !== undefined)),
  );
  if (parsed.success) {
    // A job without a deadline is allowed at the door for machines; a person is asked for one.
    return candidate.deadlineInS === undefined ? { wrong: ["deadline"] } : { request: parsed.data };
  }
  const wrong = parsed.error.issues.map((issue) =>
    issue.path[0] === "workload" && issue.path[1] === "exitCode"
      ? "exitCode"
      : issue.path[0] === "workload" && issue.path[1] === "seed"
        ? "seed"
        : (fieldOfPath[String(issue.path[0])] ?? "name"),
  );
  if (candidate.deadlineInS === undefined) wrong.push("deadline");
  return { wrong: [...new Set(wrong)] };
}

/** A whole number as typed; NaN is for zod to refuse. */
const wholeNumber = (text: string) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN);

/** `1.5` h → 5400; undefined when nothing was typed, NaN when it is no length of time. */
function seconds(text: string, unit: string): number | undefined {
  if (text.trim() === "") return undefined;
  const value = Number(text.trim().replace(",", "."));
  const scale = unit in durationUnits ? durationUnits[unit as DurationUnit] : Number.NaN;
  return Math.round(value * scale);
}
