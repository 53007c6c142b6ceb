import type { RequestLimits } from "../../profiles/types.ts";

/** Registers at a wire address (0 to 65,535). */
export type Span = { address: number; count: number };

/** What must arrive in one reply: a value's registers, with its scale factor's where it has one. */
export type Readable = { fc: 3 | 4; spans: Span[] };

export type PlannedRequest<Item> = { fc: 3 | 4; address: number; count: number; items: Item[] };

export type RequestPlan<Item> = {
  requests: PlannedRequest<Item>[];
  /** Items wider than one request may be: no reply could hold them together. */
  unreadable: Item[];
};

/**
 * Merges items into the fewest requests of at most `limits.maxRegisters`, and among the ways to do that the one that
 * carries the fewest registers, reading over at most `limits.gap` registers that nobody asked for; an item is never
 * split. Pure.
 */
export function planRequests<Item extends Readable>(items: Item[], limits: RequestLimits): RequestPlan<Item> {
  const requests: PlannedRequest<Item>[] = [];
  const unreadable: Item[] = [];
  for (const fc of [3, 4] as const) {
    const hulls: Hull<Item>[] = [];
    for (const item of items) {
      if (item.fc !== fc) continue;
      const hull = hullOf(item);
      if (hull.end - hull.start > limits.maxRegisters) unreadable.push(item);
      else hulls.push(hull);
    }
    hulls.sort((a, b) => a.start - b.start || a.end - b.end);
    for (const cluster of clusters(hulls, limits.gap)) {
      for (const request of cover(cluster, limits.maxRegisters)) requests.push({ fc, ...request });
    }
  }
  return { requests, unreadable };
}

type Hull<Item> = { start: number; end: number; item: Item };

function hullOf<Item extends Readable>(item: Item): Hull<Item> {
  const start = Math.min(...item.spans.map((span) => span.address));
  const end = Math.max(...item.spans.map((span) => span.address + span.count));
  return { start, end, item };
}

function clusters<Item>(sorted: Hull<Item>[], gap: number): Hull<Item>[][] {
  const result: Hull<Item>[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const hull of sorted) {
    if (hull.start - end > gap) result.push([]);
    result.at(-1)!.push(hull);
    end = Math.max(end, hull.end);
  }
  return result;
}

type Cost = { requests: number; registers: number; from: number };

/**
 * Dynamic programming over the items by their start. Requests of a best cover can be ordered so that both their starts
 * and their ends grow; then every item also fits the last request that starts no later than itself, so each request
 * takes neighbours in that order and no other division needs to be tried.
 */
function cover<Item>(cluster: Hull<Item>[], maxRegisters: number): Omit<PlannedRequest<Item>, "fc">[] {
  const best: Cost[] = [{ requests: 0, registers: 0, from: 0 }];
  for (let to = 1; to <= cluster.length; to++) {
    let end = 0;
    for (let from = to - 1; from >= 0; from--) {
      const { start, end: ownEnd } = cluster[from]!;
      end = Math.max(end, ownEnd);
      if (end - start > maxRegisters) break;
      const before = best[from]!;
      const cost = { requests: before.requests + 1, registers: before.registers + end - start, from };
      const known = best[to];
      if (
        !known ||
        cost.requests < known.requests ||
        (cost.requests === known.requests && cost.registers < known.registers)
      )
        best[to] = cost;
    }
  }
  const requests: Omit<PlannedRequest<Item>, "fc">[] = [];
  for (let to = cluster.length; to > 0; to = best[to]!.from) {
    const taken = cluster.slice(best[to]!.from, to);
    const address = taken[0]!.start;
    const count = Math.max(...taken.map((hull) => hull.end)) - address;
    requests.unshift({ address, count, items: taken.map((hull) => hull.item) });
  }
  return requests;
}
