import { describe, expect, it } from "vitest";
import { judgeTime } from "./clock.ts";

const now = Date.UTC(2025, 10, 24, 12) * 1_000;
const minuteUs = 60_000_000;

describe("judgeTime", () => {
  it("takes the arrival where a message has no time", () => {
    expect(judgeTime(undefined, now)).toEqual({ timeUs: now, quality: undefined, clockOffsetMs: undefined });
    expect(judgeTime(null, now)).toEqual({ timeUs: now, quality: undefined, clockOffsetMs: undefined });
  });

  it.each([
    ["exact", 0, undefined],
    ["five minutes behind", -5 * minuteUs, undefined],
    ["five minutes ahead", 5 * minuteUs, undefined],
    ["a millisecond more behind", -5 * minuteUs - 1_000, "clock_suspect"],
    ["a millisecond more ahead", 5 * minuteUs + 1_000, "clock_suspect"],
    ["in 1971", -now + 31_536_000_000_000, "clock_suspect"],
    ["at 0", -now, "clock_suspect"],
  ] as const)("keeps the device's time and its offset: %s", (_, offsetUs, quality) => {
    expect(judgeTime(now + offsetUs, now)).toEqual({
      timeUs: now + offsetUs,
      quality,
      clockOffsetMs: offsetUs / 1_000,
    });
  });

  it("rounds finer times to the microsecond, and knows another limit", () => {
    expect(judgeTime(now + 0.6, now).timeUs).toBe(now + 1);
    expect(judgeTime(now - 2 * minuteUs, now, { limitMs: 60_000 }).quality).toBe("clock_suspect");
  });

  it.each([
    ["yesterday", -24 * 60 * minuteUs, "backfilled"],
    ["now", 0, "backfilled"],
    ["tomorrow", 24 * 60 * minuteUs, "clock_suspect"],
    ["in 1971", -now + 31_536_000_000_000, "clock_suspect"],
  ] as const)(
    "history is allowed to be old, but not of the future, and says nothing of the clock now: %s",
    (_, offsetUs, quality) => {
      expect(judgeTime(now + offsetUs, now, { historical: true })).toEqual({
        timeUs: now + offsetUs,
        quality,
        clockOffsetMs: undefined,
      });
    },
  );
});
