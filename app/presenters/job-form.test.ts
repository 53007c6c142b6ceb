import { expect, it } from "vitest";
import { refusalReasons } from "#db/queries/jobs.ts";
import texts from "../locales/en/jobs.json" with { type: "json" };
import type { JobFormValues } from "./job-fields.ts";
import { fieldOfRefusal, parseJobForm, readJobForm } from "./job-form.server.ts";

const form = (over: Record<string, string | string[]> = {}) => {
  const data = new FormData();
  const fields = {
    name: " Render ",
    gpus: "8",
    gpuClass: "",
    duration: "1.5",
    durationUnit: "h",
    powerClass: "heavy",
    deadline: "2",
    deadlineUnit: "d",
    budgetUsd: "12,50",
    policy: "cleanest",
    workload: "hash-chain",
    seed: "s",
    residency: ["CN", "AE"],
    interruptible: "on",
    idempotencyKey: "form-1",
    ...over,
  };
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) data.append(name, one);
  return readJobForm(data);
};

it("makes the request that every door takes", () => {
  expect(parseJobForm(form())).toEqual({
    request: {
      name: "Render",
      gpus: 8,
      durationS: 5_400,
      powerClass: "heavy",
      deadlineInS: 172_800,
      interruptible: true,
      residency: ["CN", "AE"],
      budgetUsd: "12.50",
      policy: "cleanest",
      priority: 0,
      slaTier: "standard",
      workload: { kind: "hash-chain", seed: "s", dutyPercent: 5 },
      idempotencyKey: "form-1",
    },
  });
});

it("names each wrong field, once", () => {
  const wrong = (over: Record<string, string>) => (parseJobForm(form(over)) as { wrong: string[] }).wrong;
  expect(wrong({ name: "  " })).toEqual(["name"]);
  expect(wrong({ gpus: "0" })).toEqual(["gpus"]);
  expect(wrong({ gpus: "1e3" })).toEqual(["gpus"]);
  expect(wrong({ gpus: "8.5", duration: "soon" })).toEqual(["gpus", "duration"]);
  expect(wrong({ duration: "-1" })).toEqual(["duration"]);
  expect(wrong({ deadline: "" })).toEqual(["deadline"]);
  expect(wrong({ durationUnit: "weeks" })).toEqual(["duration"]);
  expect(wrong({ budgetUsd: "1.2345678" })).toEqual(["budgetUsd"]);
  expect(wrong({ workload: "shell" })).toEqual(["workload"]);
  expect(wrong({ workload: "sleep", exitCode: "300" })).toEqual(["exitCode"]);
});

it("keeps what was typed, cut to what can be shown", () => {
  const values: JobFormValues = form({ name: "x".repeat(1_000), gpus: "many" });
  expect(values).toMatchObject({ gpus: "many", residency: ["CN", "AE"], interruptible: true });
  expect(values.name).toHaveLength(300);
});

it("has a field and a text for every rule that refuses", () => {
  for (const reason of refusalReasons) {
    expect(fieldOfRefusal[reason]).toBeDefined();
    expect(texts.refusal[reason]).toMatch(/\w/);
  }
});
