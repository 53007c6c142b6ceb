import { expect, it } from "vitest";
import { say } from "./centre.fixture.ts";
import { type JobLeadInput, jobLead } from "./job-lead.ts";

const base: JobLeadInput = {
  status: "succeeded",
  reason: null,
  centre: "North",
  plannedStartAtMs: null,
  run: { startedAtMs: 1, endedAtMs: 2 },
  gpus: 8,
  durationS: 60,
  itMilliWh: 200_000,
  isEstimate: false,
  facilityMilliWh: 240_000,
  carbonLocationG: 12,
  deadlineAtMs: 9,
};

it("says carbon beside the energy that it is of: the centre's for the run, with the GPUs' part of it", () => {
  expect(jobLead(base, say).rest).toBe(
    'jobs:jobLead.used {"energy":"240\u00a0Wh","it":"200\u00a0Wh","carbon":"12\u00a0gCO₂e"}',
  );
  expect(jobLead({ ...base, carbonLocationG: null }, say).rest).toContain("jobs:jobLead.usedEnergy");
  expect(jobLead({ ...base, isEstimate: true }, say).rest).toBe(
    'jobs:jobLead.usedEstimate {"energy":"240\u00a0Wh","it":"200\u00a0Wh"}',
  );
  expect(jobLead({ ...base, facilityMilliWh: null }, say).rest).toBe('jobs:jobLead.usedIt {"it":"200\u00a0Wh"}');
});
