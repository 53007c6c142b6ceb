import type { GpuPlace, RackHeat } from "#db/queries/job-pages.ts";

export type RackRow = {
  rackId: string;
  hallName: string;
  gpuClass: string;
  /** Indices of the GPUs taken, as ranges: "0–7", "12". */
  indices: string[];
  gpus: number;
  servers: number;
  gpuC: number | null;
  inletC: number | null;
  /** Place among the centre's racks by GPU temperature when nodes were chosen, coolest first; null: not known. */
  coolRank: number | null;
  racksKnown: number;
};

/** The racks that hold a run's GPUs, each with how warm it was among its neighbours when it was chosen. */
export function rackRows(places: GpuPlace[], heat: RackHeat[]): RackRow[] {
  const known = heat
    .filter((row): row is RackHeat & { gpuC: number } => row.gpuC !== null)
    .sort((a, b) => a.gpuC - b.gpuC);
  return [...new Set(places.map(({ rackId }) => rackId))].map((rackId) => {
    const own = places.filter((place) => place.rackId === rackId);
    const rank = known.findIndex((row) => row.rackId === rackId);
    const warm = heat.find((row) => row.rackId === rackId);
    return {
      rackId,
      hallName: own[0]?.hallName ?? "",
      gpuClass: own[0]?.gpuClass ?? "",
      indices: ranges(own.map(({ index }) => index)),
      gpus: own.length,
      servers: new Set(own.map(({ server }) => server)).size,
      gpuC: warm?.gpuC ?? null,
      inletC: warm?.inletC ?? null,
      coolRank: rank < 0 ? null : rank + 1,
      racksKnown: known.length,
    };
  });
}

/** 0, 1, 2, 5 → "0–2", "5". */
export function ranges(numbers: number[]): string[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: [number, number][] = [];
  for (const number of sorted) {
    const last = parts.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`));
}
