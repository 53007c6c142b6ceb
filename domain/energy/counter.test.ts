import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hourMs } from "../units.ts";
import { counterEntries } from "./counter.ts";
import type { EnergyEntry, EnergyReading, MeterTraits, UsableQuality } from "./types.ts";

const start = Date.UTC(2026, 10, 23, 10) * 1_000;
const at = (s: number, value: number, quality: UsableQuality = "good"): EnergyReading => ({
  timeUs: start + s * 1e6,
  value,
  quality,
});
const meter: MeterTraits = { intervalS: 10, ratedPowerW: 1e6 };
const sum = (entries: EnergyEntry[]) => entries.reduce((total, entry) => total + entry.energyMilliWh, 0);
const hourOf = (entries: EnergyEntry[], hour: number) =>
  entries.filter((entry) => entry.hourMs === start / 1_000 + hour * hourMs);
/** A reading every 10 s over [0, s], rising by `perStep` Wh. */
const steady = (s: number, perStep = 100, from = 1_000_000) =>
  Array.from({ length: s / 10 + 1 }, (_, i) => at(i * 10, from + i * perStep));

describe("counterEntries", () => {
  it("takes the difference of the counter, edges interpolated between the readings around them", () => {
    // 09:59:55 … 11:00:05 every 10 s, 100 Wh a step: 36 kW.
    const readings = Array.from({ length: 362 }, (_, i) => at(i * 10 - 5, i * 100));
    const [before, hour, after] = counterEntries(readings, meter);
    expect(before).toMatchObject({ energyMilliWh: 50_000, coveredS: 5, readings: 1 });
    expect(hour).toMatchObject({
      method: "counter",
      energyMilliWh: 36_000_000,
      coveredS: 3_600,
      readings: 360,
      firstReadingUs: start - 5e6,
      lastReadingUs: start + 3_605e6,
      notes: [],
    });
    expect(after).toMatchObject({ energyMilliWh: 50_000, coveredS: 5, readings: 1 });
  });

  it("counts nothing for a dip of one reading that recovers: not 215 kWh", () => {
    const readings = steady(600);
    readings[30] = at(300, 1_003_000 - 215_000);
    const [entry] = counterEntries(readings, meter);
    expect(entry).toMatchObject({ energyMilliWh: 6_000_000, coveredS: 600, readings: 60 });
    expect(entry!.notes).toEqual(["dip 2026-11-23T10:05:00.000000Z 1002900→788000 Wh"]);
  });

  it("counts nothing for a spike of one reading", () => {
    const readings = steady(600);
    readings[30] = at(300, 4.3e11);
    expect(counterEntries(readings, meter)).toMatchObject([{ energyMilliWh: 6_000_000, coveredS: 600 }]);
  });

  it("loses what a reset lost and no more: not −1,400 kWh", () => {
    const readings = [at(0, 1_400_000), at(10, 1_400_100), at(20, 50), at(30, 150)];
    const [entry] = counterEntries(readings, meter);
    // 100 before, 50 that the counter shows after it (allowed by the rating), 100 after.
    expect(entry).toMatchObject({ energyMilliWh: 250_000, coveredS: 20, readings: 4 });
    expect(entry!.notes).toEqual(["reset 2026-11-23T10:00:20.000000Z 1400100→50 Wh"]);
  });

  it("takes nothing of a new meter's own count, nor of any count where no rating is known", () => {
    expect(sum(counterEntries([at(0, 1_400_000), at(10, 900_000), at(20, 900_100)], meter))).toBe(100_000);
    expect(sum(counterEntries([at(0, 1_400_000), at(10, 50), at(20, 150)], { intervalS: 10 }))).toBe(100_000);
  });

  it("follows an acc32 counter around: at most the rated power makes a drop a rollover", () => {
    const traits = { ...meter, rolloverAtWh: 2 ** 32 };
    const readings = [at(0, 2 ** 32 - 150), at(10, 2 ** 32 - 50), at(20, 50), at(30, 150)];
    const [entry] = counterEntries(readings, traits);
    expect(entry).toMatchObject({ energyMilliWh: 300_000, coveredS: 30 });
    expect(entry!.notes).toEqual(["rollover 2026-11-23T10:00:20.000000Z 4294967246→50 Wh"]);
    // The same drop where the modulus or the rating says no: a reset.
    expect(counterEntries(readings, meter)[0]!.notes[0]).toMatch(/^reset/);
    expect(counterEntries(readings, { intervalS: 10, rolloverAtWh: 2 ** 32 })[0]!.notes[0]).toMatch(/^reset/);
    const far = [at(0, 2 ** 31), at(10, 50), at(20, 150)];
    expect(counterEntries(far, traits)).toMatchObject([{ energyMilliWh: 150_000, coveredS: 10 }]);
  });

  it("takes no energy from a sentinel that was stored as a value: 4.3e8 kWh, two readings long", () => {
    for (const traits of [meter, { intervalS: 10 }]) {
      const readings = steady(600);
      readings[30] = at(300, 4.3e11);
      readings[31] = at(310, 4.3e11);
      const [entry] = counterEntries(readings, traits);
      // What flowed while the meter lied is lost: 300 Wh of 6 kWh, and 20 s. What lies between is the sentinel's own, 0.
      expect(entry).toMatchObject({ energyMilliWh: 6_000_000 - 300_000, coveredS: 580 });
      expect(entry!.notes.map((note) => note.split(" ")[0])).toEqual(["jump", "reset"]);
    }
  });

  it("does not lose a meter whose rating was typed too low", () => {
    expect(sum(counterEntries(steady(600), { intervalS: 10, ratedPowerW: 9_000 }))).toBe(6_000_000);
  });

  it("keeps silent zeros out where they last", () => {
    const readings = steady(600);
    readings[30] = at(300, 0);
    readings[31] = at(310, 0);
    expect(counterEntries(readings, { intervalS: 10, ratedPowerW: 50_000 })).toMatchObject([
      { energyMilliWh: 5_700_000, coveredS: 580 },
    ]);
  });

  it("shares a gap over hours by time, without covering it", () => {
    // 10:00 … 10:30, silence until 12:15, then to 12:30; 180 kWh in the gap of 105 minutes.
    const before = steady(1_800);
    const after = Array.from({ length: 91 }, (_, i) => at(8_100 + i * 10, 1_198_000 + i * 100));
    const entries = counterEntries([...before, ...after], meter);
    expect(hourOf(entries, 0)).toMatchObject([
      { method: "counter", energyMilliWh: 18_000_000, coveredS: 1_800, readings: 181 },
      { method: "counter_spread", energyMilliWh: 51_428_571, coveredS: 0, readings: 0 },
    ]);
    expect(hourOf(entries, 1)).toMatchObject([{ method: "counter_spread", energyMilliWh: 102_857_143, coveredS: 0 }]);
    expect(hourOf(entries, 2)).toMatchObject([
      { method: "counter", energyMilliWh: 9_000_000, coveredS: 900 },
      { method: "counter_spread", energyMilliWh: 25_714_286, coveredS: 0 },
    ]);
    expect(sum(entries)).toBe(207_000_000);
  });

  it("knows the energy of a gap inside an hour, and that it was not watched", () => {
    const readings = steady(3_600).filter(({ timeUs }) => timeUs <= start + 600e6 || timeUs >= start + 1_200e6);
    expect(counterEntries(readings, meter)).toMatchObject([
      { method: "counter", energyMilliWh: 36_000_000, coveredS: 3_000 },
    ]);
  });

  it("counts hourly history as measured, and an hour that history lacks as spread", () => {
    const history = [0, 1, 2, 4, 5].map((hour) => at(hour * 3_600, hour * 1_000, "backfilled"));
    const entries = counterEntries(history, meter);
    expect(entries.map(({ method, energyMilliWh, coveredS }) => [method, energyMilliWh, coveredS])).toEqual([
      ["counter", 1_000_000, 3_600],
      ["counter", 1_000_000, 3_600],
      ["counter_spread", 1_000_000, 0],
      ["counter_spread", 1_000_000, 0],
      ["counter", 1_000_000, 3_600],
    ]);
    // The same as live readings of a 10 s meter: known, not watched.
    expect(sum(counterEntries(history.map((r) => ({ ...r, quality: "good" })) as EnergyReading[], meter))).toBe(
      5_000_000,
    );
  });

  it("joins history to the first live reading", () => {
    const entries = counterEntries([at(-3_600, 0, "backfilled"), at(0, 1_000, "backfilled"), at(2_220, 1_617)], meter);
    expect(hourOf(entries, 0)).toMatchObject([{ method: "counter", energyMilliWh: 617_000, coveredS: 2_220 }]);
  });

  it("keeps what an estimated reading says apart", () => {
    const entries = counterEntries([at(0, 0), at(10, 100), at(20, 200, "estimated"), at(30, 300)], meter);
    expect(entries).toMatchObject([
      { method: "counter", energyMilliWh: 100_000, coveredS: 10, readings: 4 },
      { method: "estimated", energyMilliWh: 200_000, coveredS: 0, readings: 0 },
    ]);
  });

  it("says nothing without two readings", () => {
    expect(counterEntries([], meter)).toEqual([]);
    expect(counterEntries([at(5, 7)], meter)).toEqual([]);
  });
});

/** A counter that starts at `value` and rises by each step's Wh after its seconds. */
function risen(value: number, steps: [afterS: number, rise: number][]): EnergyReading[] {
  let seconds = 0;
  let shown = value;
  return steps.map(([afterS, rise]) => {
    seconds += afterS;
    shown += rise;
    return at(seconds, shown);
  });
}

/** Any series of a counter: uneven times, gaps, dips, drops, zeros, estimates, history. */
const anySeries = fc
  .array(
    fc.record({
      afterS: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }) },
        { weight: 1, arbitrary: fc.integer({ min: 31, max: 20_000 }) },
      ),
      rise: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 500 }) },
        { weight: 1, arbitrary: fc.integer({ min: -2_000_000, max: 2_000_000 }) },
      ),
      once: fc.boolean(),
      quality: fc.constantFrom<UsableQuality>("good", "good", "good", "good", "backfilled", "estimated"),
    }),
    { minLength: 2, maxLength: 60 },
  )
  .map((steps) => {
    let [s, value] = [0, 1_000_000];
    return steps.map(({ afterS, rise, once, quality }) => {
      s += afterS;
      const shown = Math.max(0, value + rise);
      // A large step stays, or is there for one reading only.
      if (!once || Math.abs(rise) <= 500) value = shown;
      return at(s, shown, quality);
    });
  });

describe("counterEntries, for any series", () => {
  it("conserves: the hours of a rising counter sum to its whole difference", () => {
    const rising = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.double({ min: 0, max: 400, noNaN: true })),
      {
        minLength: 1,
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(rising, fc.double({ min: 0, max: 1e9, noNaN: true }), (steps, first) => {
        const readings = risen(first, [[0, 0], ...steps]);
        const value = readings.at(-1)!.value;
        const entries = counterEntries(readings, meter);
        expect(sum(entries)).toBe(Math.round(value * 1_000) - Math.round(first * 1_000));
        const covered = entries.reduce((total, entry) => total + entry.coveredS, 0);
        const watched = steps.reduce((total, [dt]) => total + (dt <= 30 ? dt : 0), 0);
        expect(covered).toBeCloseTo(watched, 6);
        expect(entries.reduce((total, entry) => total + entry.readings, 0)).toBeLessThanOrEqual(readings.length);
      }),
    );
  });

  it("never makes negative energy, nor covers more than the hour", () => {
    fc.assert(
      fc.property(anySeries, (readings) => {
        const entries = counterEntries(readings, { ...meter, rolloverAtWh: 2 ** 32 });
        for (const entry of entries) {
          expect(entry.energyMilliWh).toBeGreaterThanOrEqual(0);
          expect(Number.isSafeInteger(entry.energyMilliWh)).toBe(true);
          expect(entry.coveredS).toBeGreaterThanOrEqual(0);
          expect(entry.coveredS).toBeLessThanOrEqual(3_600);
        }
        expect(new Set(entries.map(({ hourMs: hour, method }) => `${hour} ${method}`)).size).toBe(entries.length);
      }),
    );
  });

  it("is local: hours cut from the series with four readings of context on each side are the same", () => {
    fc.assert(
      fc.property(anySeries, fc.nat(12), fc.nat(3), (readings, firstHour, more) => {
        const [from, to] = [start + firstHour * 3.6e9, start + (firstHour + 1 + more) * 3.6e9];
        const first = readings.findIndex(({ timeUs }) => timeUs >= from);
        const inside = readings.filter(({ timeUs }) => timeUs >= from && timeUs < to);
        const begin = first < 0 ? readings.length : first;
        const cut = readings.slice(Math.max(0, begin - 4), begin + inside.length + 4);
        const within = (entries: EnergyEntry[]) =>
          entries.filter(({ hourMs: hour }) => hour * 1_000 >= from && hour * 1_000 < to);
        expect(within(counterEntries(cut, meter))).toEqual(within(counterEntries(readings, meter)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("changes near a late reading only: hours outside four readings before and after it stay", () => {
    fc.assert(
      fc.property(anySeries, fc.nat(59), (readings, pick) => {
        const place = pick % readings.length;
        const without = readings.filter((_, index) => index !== place);
        const late = readings[place]!;
        const from = readings[Math.max(0, place - 4)]!.timeUs;
        const to = readings[Math.min(readings.length - 1, place + 4)]!.timeUs;
        const outside = (entries: EnergyEntry[]) =>
          entries.filter(
            ({ hourMs: hour }) => (hour + hourMs) * 1_000 <= Math.min(from, late.timeUs) || hour * 1_000 > to,
          );
        expect(outside(counterEntries(readings, meter))).toEqual(outside(counterEntries(without, meter)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("says the same of a stretch whose middle was left out", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(400)), { minLength: 4, maxLength: 60 }),
        (steps) => {
          const full = risen(5_000, steps);
          const first = full[0]!;
          const last = full.at(-1)!;
          const short = [first, { ...last, bridged: full.length - 2 }];
          expect(counterEntries(short, meter)).toEqual(counterEntries(full, meter));
        },
      ),
    );
  });
});
