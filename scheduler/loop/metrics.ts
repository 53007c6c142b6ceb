import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type SchedulerMetrics = {
  leader: Gauge;
  pendingJobs: Gauge;
  openRuns: Gauge;
  planSeconds: Histogram;
  decisions: Counter<"kind">;
  commits: Counter;
  runsEnded: Counter<"result">;
  errors: Counter<"stage">;
};

/** The scheduler's figures in /metrics. */
export function schedulerMetrics(registry: Registry): SchedulerMetrics {
  const registers = [registry];
  return {
    leader: new Gauge({ name: "hs_scheduler_leader", help: "1 when this process plans", registers }),
    pendingJobs: new Gauge({ name: "hs_scheduler_pending_jobs", help: "Jobs that wait for their start", registers }),
    openRuns: new Gauge({ name: "hs_scheduler_open_runs", help: "Runs that have not ended", registers }),
    planSeconds: new Histogram({
      name: "hs_scheduler_plan_seconds",
      help: "Time of a full plan",
      buckets: [0.01, 0.05, 0.25, 1, 3, 10],
      registers,
    }),
    decisions: new Counter({
      name: "hs_scheduler_decisions_total",
      help: "Decisions put on record",
      labelNames: ["kind"],
      registers,
    }),
    commits: new Counter({ name: "hs_scheduler_commits_total", help: "Placements committed to GPUs", registers }),
    runsEnded: new Counter({
      name: "hs_scheduler_runs_ended_total",
      help: "Ended runs",
      labelNames: ["result"],
      registers,
    }),
    errors: new Counter({
      name: "hs_scheduler_errors_total",
      help: "Failed steps of the loop",
      labelNames: ["stage"],
      registers,
    }),
  };
}
