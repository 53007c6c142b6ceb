import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageTime } from "./message-time.ts";

const us = Date.UTC(2026, 0, 2, 3, 4, 5) * 1_000;

describe("messageTime", () => {
  it.each([
    ["s", us / 1e6, us],
    ["s", us / 1e6 + 0.25, us + 250_000],
    ["ms", us / 1e3, us],
    ["us", us + 7, us + 7],
    ["ns", us * 1e3, us],
    ["auto", us / 1e6, us],
    ["auto", us / 1e3, us],
    ["auto", us, us],
    ["auto", us * 1e3, us],
    ["auto", String(us / 1e3), us],
    ["ns", `${us}500`, us + 1],
    ["ns", `${us}499`, us],
    ["auto", "2026-01-02T03:04:05Z", us],
    ["iso", "2026-01-02T03:04:05.000001Z", us + 1],
    ["iso", "2026-01-02T03:04:05.0000015Z", us + 2],
    ["iso", "2026-01-02T03:04:05,123456789z", us + 123_457],
    ["iso", "2026-01-02 11:04:05+08:00", us],
    ["iso", "2026-01-02T11:04:05+0800", us],
    ["iso", "2026-01-01T19:04:05-08", us],
    ["iso", "2026-01-02T03:04:05", us],
    ["iso", "2026-01-02T03:04Z", us - 5e6],
    ["iso", "1970-01-01T00:00:00Z", 0],
    ["s", 0, 0],
  ] as const)("reads %s %j", (format, raw, expected) => {
    expect(messageTime(raw, format)).toEqual({ timeUs: expected });
  });

  it.each([
    ["auto", "soon"],
    ["auto", true],
    ["auto", { at: 1 }],
    ["auto", ""],
    ["iso", us],
    ["iso", "2026-02-30T00:00:00Z"],
    ["iso", "2026-13-01T00:00:00Z"],
    ["iso", "2026-00-01T00:00:00Z"],
    ["iso", "0071-01-01T00:00:00Z"],
    ["iso", "2026-01-02"],
    ["s", "2026-01-02T03:04:05Z"],
    ["s", -1],
    ["ms", 1e300],
    ["ns", "99999999999999999999"],
    ["s", Number.POSITIVE_INFINITY],
  ] as const)("refuses %s %j", (format, raw) => {
    expect(messageTime(raw, format)).toEqual({ problem: expect.any(String) });
  });

  it("reads back every instant in every format", () => {
    fc.assert(
      fc.property(fc.integer({ min: 978_307_200_000_000, max: 4_102_444_800_000_000 }), (timeUs) => {
        const wholeMs = timeUs - (timeUs % 1_000);
        expect(messageTime(timeUs, "us")).toEqual({ timeUs });
        expect(messageTime(`${timeUs}000`, "auto")).toEqual({ timeUs });
        expect(messageTime(wholeMs / 1_000, "auto")).toEqual({ timeUs: wholeMs });
        const iso = new Date(wholeMs / 1_000).toISOString().replace("Z", `${String(timeUs % 1_000).padStart(3, "0")}Z`);
        expect(messageTime(iso, "auto")).toEqual({ timeUs });
      }),
    );
  });
});
