import { expect, it } from "vitest";
import { serverI18n } from "../i18n/texts.server.ts";
import { makeFormat } from "../use-format.ts";
import { readReason, reasonKeys, reasonSentence } from "./job-reason.ts";

const names = { centre: (id: string) => id.toUpperCase(), actor: (id: string) => `<${id}>` };
const say = (locale: "en" | "zh-Hant" | "zh-Hans") => ({
  t: serverI18n(locale).t,
  format: makeFormat(locale, "UTC", 0),
});

it("takes apart every reason that the scheduler writes", () => {
  const written = [
    "metering",
    "released later",
    "no allowed place now (guangzhou: capacity, qinghai: beyond the horizon)",
    "the deadline can no longer be met (guangzhou: deadline)",
    "failed and may run nowhere else (guangzhou: failedHere)",
    "cancelled by person-1",
    "interrupted (stopped: the console stops); it starts again from its beginning",
    "exit code 3 at qinghai; tried again elsewhere",
    "exit code 3 at qinghai",
    "lost at qinghai: its process is gone; tried again elsewhere",
    "lost at qinghai: its process is gone",
  ];
  expect(written.map((text) => readReason(text).key)).toEqual(reasonKeys.filter((key) => key !== "other"));
  expect(readReason(written[2]!).rules).toEqual([
    { centreId: "guangzhou", rule: "capacity" },
    { centreId: "qinghai", rule: "horizon" },
  ]);
  expect(readReason("something new")).toEqual({ key: "other", values: { text: "something new" }, rules: [] });
});

it("says them in the reader's language, with names in place of ids", () => {
  const reason = "no allowed place now (guangzhou: capacity, qinghai: residency)";
  expect(reasonSentence(reason, say("en"), names)).toBe(
    "No place is allowed now: GUANGZHOU: Capacity, QINGHAI: Residency.",
  );
  expect(reasonSentence(reason, say("zh-Hans"), names)).toContain("容量");
  expect(reasonSentence("cancelled by person-1", say("en"), names)).toBe("Cancelled by <person-1>.");
  for (const key of reasonKeys)
    for (const locale of ["en", "zh-Hant", "zh-Hans"] as const)
      expect(serverI18n(locale).exists(`jobs:reason.${key}`), `${locale} ${key}`).toBe(true);
});
