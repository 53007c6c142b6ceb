import type { OpenJobs } from "#db/queries/job-pages.ts";
import type { Say } from "./fleet.server.ts";
import type { Lead } from "./fleet-lead.ts";
import { sentences } from "./fleet-lead.ts";

type WaitingJob = {
  id: string;
  name: string;
  blocked: boolean;
  plannedStartAtMs: number | null;
  centre: string | null;
  reason: string | null;
};
export type JobsLeadInput = {
  open: OpenJobs[];
  waiting: WaitingJob[];
  failed: { name: string; reason: string }[];
  /** There is any job at all. */
  any: boolean;
  range: string;
};

/** The page's opening: which job is in trouble and why; or that all go as planned, and what comes next. */
export function jobsLead({ open, waiting, failed, any, range }: JobsLeadInput, say: Say): Lead {
  const { t, format } = say;
  if (!any) return { strong: t("jobs:lead.none"), rest: t("jobs:lead.noneRest") };
  const runs = open.filter(({ status }) => status === "running" || status === "starting");
  const running = runs.reduce((sum, { jobs }) => sum + jobs, 0);
  const gpus = runs.reduce((sum, row) => sum + row.gpus, 0);
  const blocked = waiting.filter((job) => job.blocked);
  const next = waiting
    .filter((job): job is WaitingJob & { plannedStartAtMs: number } => job.plannedStartAtMs !== null)
    .sort((a, b) => a.plannedStartAtMs - b.plannedStartAtMs)[0];
  const state = [
    running > 0
      ? t("jobs:lead.running", {
          count: running,
          onGpus: t("jobs:figure.onGpus", { count: gpus, gpus: format.number(gpus) }),
        })
      : t("jobs:lead.idle"),
    next
      ? t("jobs:lead.next", {
          job: next.name,
          time:
            next.plannedStartAtMs - format.nowMs < 86_400_000
              ? format.time(next.plannedStartAtMs)
              : format.short(next.plannedStartAtMs),
          centre: next.centre ?? "",
        })
      : "",
  ];
  const [first] = blocked;
  if (first)
    return {
      strong: t("jobs:lead.blocked", { count: blocked.length, job: first.name }),
      rest: sentences([first.reason ?? "", ...state], say),
    };
  const [wrong] = failed;
  if (wrong)
    return {
      strong: t("jobs:lead.failed", { count: failed.length, job: wrong.name, period: t(`jobs:period.${range}`) }),
      rest: sentences([wrong.reason, ...state], say),
    };
  return { strong: t("jobs:lead.good"), rest: sentences(state, say) };
}
