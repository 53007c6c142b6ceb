import type { JobStatus } from "#db/schema/work.ts";
import type { Say } from "./fleet.server.ts";
import type { Lead } from "./fleet-lead.ts";
import { sentences } from "./fleet-lead.ts";
import { sinceText } from "./hours.ts";

export type JobLeadInput = {
  status: JobStatus;
  reason: string | null;
  centre: string | null;
  plannedStartAtMs: number | null;
  run: { startedAtMs: number | null; endedAtMs: number | null } | null;
  gpus: number;
  durationS: number;
  itMilliWh: number | null;
  /** No GPU said what it drew: the energy is what was asked for, not what was measured. */
  isEstimate: boolean;
  /** Energy of the centre for it: what its carbon is of. */
  facilityMilliWh: number | null;
  carbonLocationG: number | null;
  deadlineAtMs: number;
};

/** Where the job stands, in one sentence. */
export function jobLead(input: JobLeadInput, say: Say): Lead {
  const { t, format } = say;
  const centre = input.centre ?? "";
  const gpus = format.number(input.gpus);
  const startedAtMs = input.run?.startedAtMs ?? null;
  const endedAtMs = input.run?.endedAtMs ?? null;
  const used = usedText(input, say);
  switch (input.status) {
    case "queued":
      return {
        strong: t(input.reason ? "jobs:jobLead.waitsWhy" : "jobs:jobLead.queued"),
        rest: sentences([input.reason ?? "", t("jobs:jobLead.due", { time: format.short(input.deadlineAtMs) })], say),
      };
    case "placed":
      return {
        strong: t("jobs:jobLead.placed", {
          centre,
          time: input.plannedStartAtMs === null ? "" : format.short(input.plannedStartAtMs),
        }),
        rest: t("jobs:jobLead.placedRest", { time: format.short(input.deadlineAtMs) }),
      };
    case "starting":
      return { strong: t("jobs:jobLead.starting", { centre }), rest: "" };
    case "running":
      if (endedAtMs !== null) return { strong: t("jobs:jobLead.metering", { centre }), rest: input.reason ?? "" };
      return {
        strong: t("jobs:jobLead.running", { centre, gpus, count: input.gpus }),
        rest:
          startedAtMs === null
            ? ""
            : t("jobs:jobLead.runningRest", {
                since: sinceText(startedAtMs, format),
                until: sinceText(startedAtMs + input.durationS * 1_000, format),
              }),
      };
    case "succeeded":
      return {
        strong: t("jobs:jobLead.succeeded", { centre }),
        rest: used,
      };
    case "failed":
      return { strong: t("jobs:jobLead.failed"), rest: sentences([input.reason ?? "", used], say) };
    case "cancelled":
      return { strong: t("jobs:jobLead.cancelled"), rest: sentences([input.reason ?? "", used], say) };
  }
}

/** What a run took: the centre's energy for it, of that its GPUs', and the carbon of the whole. */
function usedText(input: JobLeadInput, { t, format }: Say): string {
  const { itMilliWh, facilityMilliWh, carbonLocationG, isEstimate } = input;
  if (itMilliWh === null) return "";
  const joined = ({ text, unit }: { text: string; unit: string }) => `${text}\u00a0${unit}`;
  const it = joined(format.energy(itMilliWh));
  if (facilityMilliWh === null) return t("jobs:jobLead.usedIt", { it });
  const energy = joined(format.energy(facilityMilliWh));
  if (isEstimate) return t("jobs:jobLead.usedEstimate", { energy, it });
  return carbonLocationG === null
    ? t("jobs:jobLead.usedEnergy", { energy, it })
    : t("jobs:jobLead.used", { energy, it, carbon: joined(format.mass(carbonLocationG)) });
}
