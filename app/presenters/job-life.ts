import type { JobStatus } from "#db/schema/work.ts";

/** done: filled; now: ring; todo: hollow; act: went wrong. */
export type StepState = "done" | "now" | "todo" | "act";
export type LifeStep = {
  key: "submitted" | "placed" | "starting" | "running" | "metering" | "succeeded" | "failed" | "cancelled" | "settled";
  state: StepState;
  atMs: number | null;
};

export type LifeInput = {
  status: JobStatus;
  submittedAtMs: number;
  updatedAtMs: number;
  /** First decision that found a place. */
  placedAtMs: number | null;
  plannedStartAtMs: number | null;
  run: { startedAtMs: number | null; endedAtMs: number | null } | null;
  metered: boolean;
  settlement: { status: "pending" | "sent" | "confirmed" | "failed"; atMs: number } | null;
};

/** The line of a job's life: submitted → placed → running → succeeded → settled, or where it broke off. */
export function lifeLine(input: LifeInput): LifeStep[] {
  const { status, run, settlement } = input;
  const steps: LifeStep[] = [{ key: "submitted", state: "done", atMs: input.submittedAtMs }];
  const ended = status === "failed" || status === "cancelled";
  const begun = run !== null && run.startedAtMs !== null;

  if (input.placedAtMs !== null || begun) steps.push({ key: "placed", state: "done", atMs: input.placedAtMs });
  else if (!ended) steps.push({ key: "placed", state: "now", atMs: null });

  const runs = status === "running" && run?.endedAtMs == null;
  if (begun && (ended || status === "succeeded" || status === "running"))
    steps.push({ key: "running", state: runs ? "now" : "done", atMs: run.startedAtMs });
  else if (status === "starting") steps.push({ key: "starting", state: "now", atMs: input.updatedAtMs });
  else if (!ended)
    steps.push({ key: "running", state: status === "placed" ? "now" : "todo", atMs: input.plannedStartAtMs });

  if (ended)
    return [
      ...steps,
      { key: status, state: status === "failed" ? "act" : "done", atMs: run?.endedAtMs ?? input.updatedAtMs },
    ];

  if (status === "running" && run?.endedAtMs != null && !input.metered)
    steps.push({ key: "metering", state: "now", atMs: run.endedAtMs });
  steps.push({
    key: "succeeded",
    state: status === "succeeded" ? "done" : "todo",
    atMs: status === "succeeded" ? (run?.endedAtMs ?? input.updatedAtMs) : null,
  });
  steps.push({
    key: "settled",
    state:
      settlement?.status === "confirmed"
        ? "done"
        : settlement?.status === "failed"
          ? "act"
          : status === "succeeded"
            ? "now"
            : "todo",
    atMs: settlement?.status === "confirmed" ? settlement.atMs : null,
  });
  return steps;
}

/** Which words a step is said in: a job that is placed but has not begun is still to run. */
export function stepWord({ key, state }: LifeStep, begun: boolean): "done" | "now" | "todo" | "act" {
  if (state === "done" || state === "act") return state;
  return key === "running" && state === "now" && begun ? "now" : "todo";
}
