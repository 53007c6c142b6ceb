import { compareText } from "./decide.ts";

/** A GPU as node choice sees it. */
export type NodeGpu = {
  id: number;
  rackId: string;
  index: number;
  gpuClass: string;
  /** Held by a committed placement. */
  busy: boolean;
  /** Reserved, drained, or with a fault pending: never chosen. */
  unfitReason: string | null;
  temperatureC: number | null;
  /** Power now, or what the job on it is expected to draw, W. */
  powerW: number;
};
export type NodeRack = { id: string; powerLimitW: number; inletC: number | null };

/** Above this a GPU gets no new work, °C. */
const hotGpuC = 85;
/** Above this inlet a rack gets no new work, °C (ASHRAE TC 9.9 class A1, allowable). */
const hotInletC = 32;
/** Stand-in for a temperature nobody reports: neither preferred nor shunned. */
const unknownC = 45;

/** XIDs that speak of hardware and not of the program (NVIDIA XID catalogue). */
const hardwareXids = new Set([48, 54, 61, 62, 63, 64, 74, 79, 92, 94, 95, 109, 119, 120, 140]);

/** Why a GPU with these counters gets no new work, or null. */
export function gpuUnfitReason(gpu: {
  reserved: boolean;
  drainedReason: string | null;
  rowsRemappedPending: number | null;
  eccDoubleVolatile: number | null;
  lastXid: number | null;
  temperatureC: number | null;
}): string | null {
  if (gpu.reserved) return "reserved";
  if (gpu.drainedReason) return "drained";
  if ((gpu.rowsRemappedPending ?? 0) > 0) return "remapPending";
  if ((gpu.eccDoubleVolatile ?? 0) > 0) return "eccDouble";
  if (gpu.lastXid !== null && hardwareXids.has(gpu.lastXid)) return "xid";
  if ((gpu.temperatureC ?? 0) >= hotGpuC) return "hot";
  return null;
}

/**
 * Picks `count` GPUs of one class that are free, cool and healthy, in one rack where they fit: the coolest rack that
 * holds them all, inside its power limit; else the fewest racks. Deterministic: ties by rack id and index.
 * @returns ids in the order of rack and index, or undefined when there are not enough.
 */
export function chooseNodes(
  gpus: readonly NodeGpu[],
  racks: readonly NodeRack[],
  want: { count: number; gpuClass: string; powerPerGpuW: number },
): number[] | undefined {
  const rackById = new Map(racks.map((rack) => [rack.id, rack]));
  const groups = [...groupBy(gpus, (gpu) => gpu.rackId)]
    .map(([rackId, all]) => {
      const rack = rackById.get(rackId);
      const free = all
        .filter((gpu) => gpu.gpuClass === want.gpuClass && !gpu.busy && gpu.unfitReason === null)
        .sort((a, b) => (a.temperatureC ?? unknownC) - (b.temperatureC ?? unknownC) || a.index - b.index);
      const drawW = all.reduce((sum, gpu) => sum + gpu.powerW, 0);
      const room = rack ? roomByPower(free, rack.powerLimitW - drawW, want.powerPerGpuW) : 0;
      const usable = (rack?.inletC ?? 0) > hotInletC ? [] : free.slice(0, room);
      const chosen = usable.slice(0, want.count);
      const heat = (rack?.inletC ?? 24) + mean(chosen.map((gpu) => gpu.temperatureC ?? unknownC)) / 10;
      return { rackId, usable, heat };
    })
    .filter((group) => group.usable.length > 0);
  const byHeat = (a: (typeof groups)[number], b: (typeof groups)[number]) =>
    a.heat - b.heat || compareText(a.rackId, b.rackId);
  const whole = groups.filter((group) => group.usable.length >= want.count).sort(byHeat)[0];
  const order = whole ? [whole] : groups.sort((a, b) => b.usable.length - a.usable.length || byHeat(a, b));
  const picked: NodeGpu[] = [];
  for (const group of order) picked.push(...group.usable.slice(0, want.count - picked.length));
  if (picked.length < want.count) return undefined;
  return picked.sort((a, b) => compareText(a.rackId, b.rackId) || a.index - b.index).map((gpu) => gpu.id);
}

/** How many of the free GPUs can be raised to the job's power inside the rack's headroom. */
function roomByPower(free: readonly NodeGpu[], headroomW: number, powerPerGpuW: number): number {
  let [left, count] = [headroomW, 0];
  for (const gpu of free) {
    left -= Math.max(0, powerPerGpuW - gpu.powerW);
    if (left < 0) break;
    count++;
  }
  return count;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const mean = (values: number[]) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : unknownC);
