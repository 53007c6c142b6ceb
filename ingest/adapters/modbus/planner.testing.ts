import type { RequestLimits } from "../../profiles/types.ts";
import type { Readable } from "./planner.ts";

export type Least = { requests: number; registers: number };

/**
 * The least that any set of requests costs, found by trying every request that the limits allow, wherever it starts and
 * ends, in every combination: fewest requests, then fewest registers. At most 24 items of one function code, each no
 * wider than a request. It shares no code and no idea with the planner.
 * @throws RangeError when no cover exists.
 */
export function leastRequests(items: Readable[], limits: RequestLimits): Least {
  const wanted = items.map(({ spans }) => {
    const registers = spans.flatMap(({ address, count }) => [address, address + count - 1]);
    return { first: Math.min(...registers), last: Math.max(...registers) };
  });
  const requests = everyRequest(wanted, limits);
  const known = new Map<number, Least>([[0, { requests: 0, registers: 0 }]]);
  const solve = (open: number): Least => {
    const found = known.get(open);
    if (found) return found;
    let least: Least | undefined;
    const lowest = open & -open;
    for (const [covered, registers] of requests) {
      if (!(covered & lowest)) continue;
      const rest = solve(open & ~covered);
      const cost = { requests: rest.requests + 1, registers: rest.registers + registers };
      if (
        !least ||
        cost.requests < least.requests ||
        (cost.requests === least.requests && cost.registers < least.registers)
      )
        least = cost;
    }
    if (!least) throw new RangeError("an item is wider than one request");
    known.set(open, least);
    return least;
  };
  return solve(2 ** wanted.length - 1);
}

/** Every set of items that one request can bring, as bits, with the fewest registers that bring it. */
function everyRequest(wanted: { first: number; last: number }[], limits: RequestLimits): Map<number, number> {
  const start = Math.min(...wanted.map(({ first }) => first));
  const end = Math.max(...wanted.map(({ last }) => last));
  const asked = (register: number) => wanted.some(({ first, last }) => first <= register && register <= last);
  const requests = new Map<number, number>();
  for (let first = start; first <= end; first++) {
    let hole = 0;
    for (let last = first; last <= end && last - first < limits.maxRegisters; last++) {
      hole = asked(last) ? 0 : hole + 1;
      if (hole > limits.gap) break;
      let covered = 0;
      wanted.forEach((item, at) => {
        if (first <= item.first && item.last <= last) covered |= 1 << at;
      });
      const count = last - first + 1;
      if (covered && count < (requests.get(covered) ?? Number.POSITIVE_INFINITY)) requests.set(covered, count);
    }
  }
  return requests;
}
