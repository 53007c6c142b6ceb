import { describe, expect, it } from "vitest";
import { hour, nowMs, say, view } from "./centre.fixture.ts";
import { pueChart } from "./centre-pue.ts";
import { hourMs } from "./hours.ts";

const day = (of: (ago: number) => ReturnType<typeof hour>) => Array.from({ length: 24 }, (_, index) => of(24 - index));

describe("pueChart", () => {
  it("shows whole hours, the running one left out, each with its own PUE", () => {
    const chart = pueChart(
      day((ago) => hour(ago, 120 + ago, 100)),
      [],
      1.2,
      view,
      say,
    );
    expect(chart.bucketH).toBe(1);
    expect(chart.buckets).toHaveLength(24);
    expect(chart.buckets.at(-1)?.atMs).toBe(Math.floor(nowMs / hourMs) * hourMs - hourMs);
    expect(chart.buckets.at(-1)?.pue).toBeCloseTo(1.21, 9);
    expect(chart.gaps).toEqual([]);
  });

  it("never gives a number for an hour that is not computable, and says who was silent since when", () => {
    const since = new Date(nowMs - 5 * hourMs).toISOString();
    const chart = pueChart(
      day((ago) =>
        ago === 3 || ago === 4
          ? hour(ago, null, 100, { notComputable: [{ deviceId: "hydro-1", silentSince: since }] })
          : hour(ago, 110, 100),
      ),
      [],
      1.2,
      view,
      say,
    );
    const inGap = chart.buckets.filter(({ pue }) => pue === null);
    expect(inGap).toHaveLength(2);
    expect(inGap.every(({ parts, itW }) => parts === null && itW === 100_000)).toBe(true);
    expect(chart.gaps).toHaveLength(1);
    expect(chart.gaps[0]?.toMs).toBe((chart.gaps[0]?.fromMs ?? 0) + 2 * hourMs);
    expect(chart.gaps[0]?.text).toContain("hydro-1");
    expect(chart.gaps[0]?.text).toContain(say.format.short(Date.parse(since)));
  });

  it("makes an hour without a row a gap too", () => {
    const chart = pueChart(day((ago) => hour(ago, 110, 100)).slice(2), [], 1.2, view, say);
    expect(chart.gaps).toHaveLength(1);
    expect(chart.gaps[0]?.text).toBe("centre:pue.noHour");
  });

  it("joins longer ranges by the ratio of sums, not the mean of ratios", () => {
    const week = { ...view, fromMs: nowMs - 168 * hourMs, range: "now-7d" as const };
    const rows = Array.from({ length: 168 }, (_, index) =>
      index % 2 ? hour(168 - index, 300, 100) : hour(168 - index, 1_000, 900),
    );
    const chart = pueChart(rows, [], 1.2, week, say);
    expect(chart.bucketH).toBe(2);
    expect(chart.buckets[1]?.pue).toBeCloseTo(1_300 / 1_000, 9);
  });

  it("names what moved the PUE", () => {
    const chart = pueChart(
      day((ago) => hour(ago, 105 + ago, 100, { parts: { cooling: (3 + ago) * 1e6, lighting: 1e6 } })),
      [],
      1.2,
      view,
      say,
    );
    expect(chart.summary).toContain("centre:pue.driver.cooling");
    expect(chart.summary).toContain("centre:pue.over");
  });

  it("names a part only when it moved the PUE by what can be seen, between the lowest hour and the highest", () => {
    const summary = (cooling: (ago: number) => number, lighting: (ago: number) => number) =>
      pueChart(
        day((ago) =>
          hour(ago, 104 + cooling(ago) + lighting(ago), 100, {
            parts: { cooling: cooling(ago) * 1e6, lighting: lighting(ago) * 1e6 },
          }),
        ),
        [],
        1.2,
        view,
        say,
      ).summary;
    // The lamps of a day: 0.006 of PUE.
    expect(
      summary(
        () => 3,
        (ago) => (ago < 12 ? 0.7 : 0.1),
      ),
    ).not.toContain("driver");
    expect(
      summary(
        () => 3,
        (ago) => (ago < 12 ? 3 : 0.1),
      ),
    ).toContain("centre:pue.driver.lighting");
    // Lamps swing most, but it is cooling that stands higher in the highest hour.
    expect(
      summary(
        (ago) => (ago < 12 ? 5 : 2),
        (ago) => (ago % 2 ? 2.9 : 0),
      ),
    ).toContain("centre:pue.driver.cooling");
  });
});
