import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutPeriod, daysOf, hourMs, parseEdge, presetPeriod } from "./period.ts";
import type { ReportRefused } from "./types.ts";

const edge = (text: string, zone: string) => parseEdge(text, zone)!;
const period = (from: string, to: string, zone: string) => cutPeriod(edge(from, zone), edge(to, zone), zone);
const hoursOfDays = (from: string, to: string, zone: string) =>
  daysOf(period(from, to, zone)).map(({ day, fromMs, toMs }) => [day, (toMs - fromMs) / hourMs]);

describe("a period", () => {
  it("has days of 23 and 25 hours where Berlin's clock changes", () => {
    expect(hoursOfDays("2026-03-28", "2026-03-31", "Europe/Berlin")).toEqual([
      ["2026-03-28", 24],
      ["2026-03-29", 23],
      ["2026-03-30", 24],
    ]);
    expect(hoursOfDays("2026-10-24", "2026-10-27", "Europe/Berlin")).toEqual([
      ["2026-10-24", 24],
      ["2026-10-25", 25],
      ["2026-10-26", 24],
    ]);
    expect(period("2026-03-01", "2026-04-01", "Europe/Berlin").hours).toBe(31 * 24 - 1);
    expect(period("2026-10-01", "2026-11-01", "Europe/Berlin").hours).toBe(31 * 24 + 1);
  });

  it("has no day that a zone left out", () => {
    expect(hoursOfDays("2011-12-29", "2012-01-01", "Pacific/Apia")).toEqual([
      ["2011-12-29", 24],
      ["2011-12-31", 24],
    ]);
  });

  it("knows leap years", () => {
    expect(period("2028-02-01", "2028-03-01", "Asia/Shanghai").hours).toBe(29 * 24);
    expect(period("2026-02-01", "2026-03-01", "Asia/Shanghai").hours).toBe(28 * 24);
    expect(period("2028-01-01", "2029-01-01", "Europe/Berlin")).toMatchObject({ hours: 8_784, fullYear: true });
  });

  it.each([
    ["2026-01-01", "2027-01-01", true],
    ["2025-04-01", "2026-04-01", true],
    ["2028-02-29", "2029-03-01", true],
    ["2026-01-01", "2026-12-31", false],
    ["2026-01-01", "2027-01-02", false],
    ["2026-01-01T01:00:00+01:00", "2027-01-01", false],
  ])("from %s to %s is a full year: %s", (from, to, full) => {
    expect(period(from, to, "Europe/Berlin").fullYear).toBe(full);
  });

  it("takes the whole hour of an instant inside it, and keeps what was asked for", () => {
    const cut = cutPeriod(Date.parse("2026-11-24T06:20:00Z"), Date.parse("2026-11-24T08:00:00.001Z"), "UTC");
    expect([cut.fromMs, cut.toMs, cut.hours]).toEqual([
      Date.parse("2026-11-24T06:00:00Z"),
      Date.parse("2026-11-24T09:00:00Z"),
      3,
    ]);
    expect(cut.requested).toEqual({
      fromMs: Date.parse("2026-11-24T06:20:00Z"),
      toMs: Date.parse("2026-11-24T08:00:00.001Z"),
    });
    expect(cutPeriod(0, hourMs, "UTC").requested).toBeNull();
  });

  it("refuses by name what is none", () => {
    const reason = (fromMs: number, toMs: number, zone = "UTC") => {
      try {
        cutPeriod(fromMs, toMs, zone);
        return undefined;
      } catch (error) {
        return (error as ReportRefused).reason;
      }
    };
    expect(reason(1, 1)).toBe("emptyPeriod");
    expect(reason(Number.NaN, 1)).toBe("emptyPeriod");
    expect(reason(0, 401 * 24 * hourMs)).toBe("periodTooLong");
    expect(reason(0, hourMs, "Mars/Base")).toBe("unknownTimeZone");
  });

  it("is covered by its days without a gap or an overlap, in any zone", () => {
    const zones = [
      "Europe/Berlin",
      "Asia/Kolkata",
      "Asia/Beirut",
      "America/Havana",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "America/St_Johns",
      "UTC",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 350_000, max: 560_000 }),
        fc.integer({ min: 1, max: 24 * 40 }),
        (zone, startHour, hours) => {
          const cut = cutPeriod(startHour * hourMs, (startHour + hours) * hourMs, zone);
          const days = daysOf(cut);
          expect(days[0]!.fromMs).toBe(cut.fromMs);
          expect(days.at(-1)!.toMs).toBe(cut.toMs);
          for (const [index, day] of days.entries()) {
            if (index > 0) expect(day.fromMs).toBe(days[index - 1]!.toMs);
            expect(day.toMs - day.fromMs).toBeLessThanOrEqual(25 * hourMs);
          }
          expect(new Set(days.map(({ day }) => day)).size).toBe(days.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("named periods", () => {
  const now = Date.parse("2026-11-24T06:20:30Z");
  const named = (preset: Parameters<typeof presetPeriod>[0], at = now) => {
    const { fromMs, toMs } = presetPeriod(preset, at, "Asia/Shanghai");
    return [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  };
  it("are cut by the calendar of the zone, up to the last whole hour", () => {
    expect(named("this-month")).toEqual(["2026-10-31T16:00:00.000Z", "2026-11-24T06:00:00.000Z"]);
    expect(named("last-month")).toEqual(["2026-09-30T16:00:00.000Z", "2026-10-31T16:00:00.000Z"]);
    expect(named("last-30-days")).toEqual(["2026-10-24T16:00:00.000Z", "2026-11-24T06:00:00.000Z"]);
  });
  it("give the month before in the first hour of a month, which has nothing yet", () => {
    expect(named("this-month", Date.parse("2026-11-30T16:10:00Z"))).toEqual(
      named("last-month", Date.parse("2026-12-03T00:00:00Z")),
    );
  });
});

it("an edge is a day or an instant with its offset, never a time of nowhere", () => {
  expect(parseEdge("2026-10-01", "Asia/Shanghai")).toBe(Date.parse("2026-09-30T16:00:00Z"));
  expect(parseEdge("2026-10-01T00:00:00+08:00", "UTC")).toBe(Date.parse("2026-09-30T16:00:00Z"));
  for (const text of ["2026-10-01T00:00:00", "yesterday", "1", "2026-10-01T25:00:00Z"])
    expect(parseEdge(text, "UTC"), text).toBeUndefined();
});
