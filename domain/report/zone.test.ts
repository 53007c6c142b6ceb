import { describe, expect, it } from "vitest";
import { addDays, dayOf, isKnownZone, parseDay, startOfDay, zoneOffsetMs } from "./zone.ts";

const hour = 3_600_000;
const start = (text: string, zone: string) => new Date(startOfDay(parseDay(text)!, zone)).toISOString();

describe("a day in a zone", () => {
  it.each([
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
    ["2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00.000Z"],
    ["2026-10-26", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
    ["2026-11-24", "Asia/Shanghai", "2026-11-23T16:00:00.000Z"],
    ["2026-11-24", "Asia/Kolkata", "2026-11-23T18:30:00.000Z"],
    ["2026-11-24", "UTC", "2026-11-24T00:00:00.000Z"],
    // The clock jumps over midnight (Beirut, 29 March 2026): the day begins at the jump.
    ["2026-03-29", "Asia/Beirut", "2026-03-28T22:00:00.000Z"],
    // Midnight comes twice (Havana, 1 November 2026 01:00 → 00:00): the day begins at the first.
    ["2026-11-01", "America/Havana", "2026-11-01T04:00:00.000Z"],
  ])("%s in %s begins at %s", (day, zone, instant) => {
    expect(start(day, zone)).toBe(instant);
    expect(dayOf(Date.parse(instant), zone)).toEqual(parseDay(day));
    expect(dayOf(Date.parse(instant) - 1_000, zone)).toEqual(addDays(parseDay(day)!, -1));
  });

  it("knows offsets east and west, and only zones that exist", () => {
    expect(zoneOffsetMs(Date.UTC(2026, 6, 1), "Europe/Berlin")).toBe(2 * hour);
    expect(zoneOffsetMs(Date.UTC(2026, 0, 1) + 123, "America/St_Johns")).toBe(-3.5 * hour);
    expect([isKnownZone("Asia/Urumqi"), isKnownZone("Mars/Base")]).toEqual([true, false]);
  });

  it("reads only days that a calendar has", () => {
    expect(parseDay("2028-02-29")).toEqual({ year: 2028, month: 2, day: 29 });
    for (const text of ["2026-02-29", "2026-13-01", "2026-1-1", "2026-01-01T00:00:00Z", ""])
      expect(parseDay(text), text).toBeUndefined();
  });
});
