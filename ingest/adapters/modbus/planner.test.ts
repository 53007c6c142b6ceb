import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastRequests } from "./planner.testing.ts";
import { planRequests, type Readable, type Span } from "./planner.ts";

type Item = Readable & { name: string };
const item = (name: string, ...spans: [address: number, count: number][]): Item => ({
  name,
  fc: 3,
  spans: spans.map(([address, count]) => ({ address, count })),
});
const shape = (items: Item[], maxRegisters: number, gap: number) =>
  planRequests(items, { maxRegisters, gap }).requests.map(({ address, count }) => [address, count]);

describe("planRequests", () => {
  it("merges neighbours and reads over a gap up to the limit", () => {
    const items = [item("a", [0, 2]), item("b", [2, 2]), item("c", [8, 4])];
    expect(shape(items, 125, 4)).toEqual([[0, 12]]);
    expect(shape(items, 125, 3)).toEqual([
      [0, 4],
      [8, 4],
    ]);
  });

  it("never splits a value that the cap falls into", () => {
    expect(shape([item("a", [0, 4]), item("b", [4, 4])], 6, 0)).toEqual([
      [0, 4],
      [4, 4],
    ]);
  });

  it("keeps a value with its scale factor: SunSpec 701 has W at 10 and W_SF at 116", () => {
    const w = item("W", [40_080, 1], [40_186, 1]);
    const energy = item("TotWhInj", [40_089, 4], [40_190, 1]);
    expect(shape([w, energy], 125, 16)).toEqual([[40_080, 111]]);
    const { requests, unreadable } = planRequests([w, energy], { maxRegisters: 104, gap: 16 });
    expect(requests.map((request) => request.items.map(({ name }) => name))).toEqual([["TotWhInj"]]);
    expect(unreadable).toEqual([w]);
  });

  it("reads SunSpec 213's 126 registers in two requests", () => {
    const floats = Array.from({ length: 62 }, (_, at) => item(`f${at}`, [2 + at * 2, 2]));
    expect(shape(floats, 125, 0)).toEqual([[2, 124]]);
    expect(shape([item("header", [0, 2]), ...floats], 125, 0)).toEqual([
      [0, 124],
      [124, 2],
    ]);
  });

  it("asks input and holding registers apart", () => {
    const items = [item("a", [0, 1]), { ...item("b", [1, 1]), fc: 4 as const }];
    expect(planRequests(items, { maxRegisters: 125, gap: 0 }).requests.map(({ fc: code }) => code)).toEqual([3, 4]);
  });

  const small = fc
    .array(fc.record({ address: fc.nat(18), count: fc.integer({ min: 1, max: 3 }), scaleAt: fc.option(fc.nat(20)) }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) =>
      parts.map(({ address, count, scaleAt }, at) =>
        item(`p${at}`, [address, count], ...(scaleAt === null ? [] : ([[scaleAt, 1]] as [number, number][]))),
      ),
    );
  /** Wider maps, denser and sparser, of values as devices have them: 1, 2 or 4 registers. */
  const maps = fc
    .tuple(
      fc.constantFrom(12, 30, 60),
      fc.array(
        fc.record({
          place: fc.integer({ min: 0, max: 999 }),
          count: fc.constantFrom(1, 2, 4),
          scaleAt: fc.option(fc.integer({ min: -8, max: 8 }), { freq: 3 }),
        }),
        { minLength: 1, maxLength: 9 },
      ),
    )
    .map(([size, parts]) =>
      parts.map(({ place, count, scaleAt }, at) => {
        const address = Math.floor((place * size) / 1000) + 8;
        const scale: [number, number][] = scaleAt === null ? [] : [[address + scaleAt, 1]];
        return item(`p${at}`, [address, count], ...scale);
      }),
    );
  const limits = fc.record({ maxRegisters: fc.integer({ min: 1, max: 12 }), gap: fc.nat(6) });

  it("covers every item once, whole, within the limits", () => {
    fc.assert(
      fc.property(small, limits, (items, limit) => {
        const { requests, unreadable } = planRequests(items, limit);
        const names = [...requests.flatMap((request) => request.items), ...unreadable].map(({ name }) => name);
        expect(names.sort()).toEqual(items.map(({ name }) => name).sort());
        for (const { address, count, items: taken } of requests) {
          expect(count).toBeLessThanOrEqual(limit.maxRegisters);
          for (const span of taken.flatMap(({ spans }) => spans)) {
            expect(span.address).toBeGreaterThanOrEqual(address);
            expect(span.address + span.count).toBeLessThanOrEqual(address + count);
          }
        }
        for (const wide of unreadable) expect(width(wide.spans)).toBeGreaterThan(limit.maxRegisters);
      }),
    );
  });

  it("needs no more requests, and for them no more registers, than the best of all covers", () => {
    fc.assert(
      fc.property(maps, limits, (items, limit) => {
        const readable = items.filter(({ spans }) => width(spans) <= limit.maxRegisters);
        fc.pre(readable.length > 0);
        const { requests } = planRequests(items, limit);
        const registers = requests.reduce((sum, { count }) => sum + count, 0);
        expect({ requests: requests.length, registers }).toEqual(leastRequests(readable, limit));
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not read over a hole that saves no request", () => {
    const items = [item("a", [0, 4]), item("b", [10, 2]), item("c", [13, 2])];
    expect(shape(items, 12, 8)).toEqual([
      [0, 4],
      [10, 5],
    ]);
  });
});

function bounds(spans: Span[]): [number, number] {
  return [Math.min(...spans.map((s) => s.address)), Math.max(...spans.map((s) => s.address + s.count))];
}
function width(spans: Span[]): number {
  const [start, end] = bounds(spans);
  return end - start;
}
