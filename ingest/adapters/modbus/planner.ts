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
 * Merges items into the fewest requests of at most `limits.maxRegisters`, reading over at most `limits.gap` registers
 * that nobody asked for; an item is never split. Pure.
 *
 * Fewest: registers fall into clusters that no request may bridge; inside one, the request that starts at the lowest
 * unread register takes every item that fits, and any other cover can be shifted to this one without growing.
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

function cover<Item>(cluster: Hull<Item>[], maxRegisters: number): Omit<PlannedRequest<Item>, "fc">[] {
  const requests: Omit<PlannedRequest<Item>, "fc">[] = [];
  let rest = cluster;
  while (rest.length) {
    const address = rest[0]!.start;
    const fits = (hull: Hull<Item>) => hull.end <= address + maxRegisters;
    const taken = rest.filter(fits);
    rest = rest.filter((hull) => !fits(hull));
    requests.push({
      address,
      count: Math.max(...taken.map((hull) => hull.end)) - address,
      items: taken.map((hull) => hull.item),
    });
  }
  return requests;
}
