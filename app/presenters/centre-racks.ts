import type { GpuRow, RackRow } from "#db/queries/centre.ts";
import type { MeterRow } from "#db/queries/fleet.ts";
import { isFresh } from "./power-now.ts";

export const rackMetrics = ["power", "inlet", "gpu"] as const;
export type RackMetric = (typeof rackMetrics)[number];
export const isRackMetric = (text: unknown): text is RackMetric => rackMetrics.includes(text as RackMetric);

export type Feed = { deviceId: string; feed: "A" | "B" | null; powerW: number | null; sinceMs: number | null };
/** A rack now. A value that is null is not known: the rack is silent in that measure, never 0. */
export type RackNow = {
  id: string;
  hallId: string;
  row: string;
  slot: number;
  limitW: number;
  gpuClass: string;
  feeds: Feed[];
  powerW: number | null;
  inletC: number | null;
  outletC: number | null;
  gpuPercent: number | null;
  gpuPowerW: number | null;
  hottestC: number | null;
  gpus: number;
  gpusReporting: number;
  gpusBusy: number;
};
export type HallNow = { id: string; name: string; racks: RackNow[]; itW: number | null; coolingW: number | null };

/** A rack is near its limit from this share on. */
const nearLimit = 0.9;
/** ASHRAE's recommended upper inlet temperature, °C. */
const warmInletC = 27.05;

/** Racks with what their feeds, sensors and GPUs say; a rack's power is feed A + feed B, unknown while one of them is silent. */
export function racksNow(rows: RackRow[], meters: MeterRow[], nowMs: number): RackNow[] {
  const byRack = Map.groupBy(
    meters.filter(({ rackId }) => rackId !== null),
    ({ rackId }) => rackId,
  );
  return rows.map((row) => {
    const own = byRack.get(row.id) ?? [];
    const feeds = own
      .filter(({ role, quantity }) => role === "rack_feed" && quantity === "activePower")
      .map((meter): Feed => {
        const fresh = isFresh(meter, nowMs);
        return {
          deviceId: meter.deviceId,
          feed: meter.feed,
          powerW: fresh ? meter.value : null,
          sinceMs: meter.receivedAtMs,
        };
      })
      .sort((a, b) => (a.feed ?? "").localeCompare(b.feed ?? ""));
    const hottest = (quantity: string) => {
      const values = own.filter((meter) => meter.quantity === quantity && isFresh(meter, nowMs));
      return values.length ? Math.max(...values.map(({ value }) => value as number)) : null;
    };
    const known = feeds.length > 0 && feeds.every(({ powerW }) => powerW !== null);
    const { id, hallId, slot, gpuClass, gpuPowerW, hottestC, gpus, gpusReporting, gpusBusy } = row;
    return {
      ...{ id, hallId, row: row.row, slot, gpuClass, gpuPowerW, hottestC, gpus, gpusReporting, gpusBusy },
      limitW: row.powerLimitW,
      feeds,
      powerW: known ? feeds.reduce((sum, { powerW }) => sum + (powerW as number), 0) : null,
      inletC: hottest("inletTemperature"),
      outletC: hottest("outletTemperature"),
      gpuPercent: row.utilizationPercent,
    };
  });
}

/** The racks by hall, with the hall's IT power and the power of its own cooling meters. */
export function hallsNow(rows: RackRow[], racks: RackNow[], meters: MeterRow[], nowMs: number): HallNow[] {
  const names = new Map(rows.map(({ hallId, hallName }) => [hallId, hallName]));
  return [...names].map(([id, name]) => {
    const own = racks.filter(({ hallId }) => hallId === id);
    const cooling = meters.filter(
      ({ hallId, role, quantity }) => hallId === id && role === "cooling" && quantity === "activePower",
    );
    const known = own.length > 0 && own.every(({ powerW }) => powerW !== null);
    const cooled = cooling.length > 0 && cooling.every((meter) => isFresh(meter, nowMs));
    return {
      id,
      name,
      racks: own,
      itW: known ? own.reduce((sum, { powerW }) => sum + (powerW as number), 0) : null,
      coolingW: cooled ? cooling.reduce((sum, { value }) => sum + (value as number), 0) : null,
    };
  });
}

/** What a metric says of a rack; null: silent. */
export function rackValue(rack: RackNow, metric: RackMetric): number | null {
  return metric === "power" ? rack.powerW : metric === "inlet" ? rack.inletC : rack.gpuPercent;
}

/** Whether a rack needs a look in this metric. */
export function isRackNear(rack: RackNow, metric: RackMetric): boolean {
  if (metric === "power") return rack.powerW !== null && rack.powerW >= nearLimit * rack.limitW;
  return metric === "inlet" && rack.inletC !== null && rack.inletC >= warmInletC;
}

export type ServerNow = {
  name: string;
  gpus: GpuRow[];
  powerW: number | null;
  percent: number | null;
  hottestC: number | null;
};

/** A rack's GPUs by server. Sums and means are over the GPUs that report. */
export function serversOf(gpus: GpuRow[]): ServerNow[] {
  const known = (rows: GpuRow[], pick: (row: GpuRow) => number | null) =>
    rows.map(pick).filter((value): value is number => value !== null);
  return [...Map.groupBy(gpus, ({ server }) => server)].map(([name, own]) => {
    const power = known(own, ({ powerW }) => powerW);
    const percent = known(own, ({ utilizationPercent }) => utilizationPercent);
    const heat = known(own, ({ temperatureC }) => temperatureC);
    return {
      name,
      gpus: own,
      powerW: power.length ? power.reduce((a, b) => a + b, 0) : null,
      percent: percent.length ? percent.reduce((a, b) => a + b, 0) / percent.length : null,
      hottestC: heat.length ? Math.max(...heat) : null,
    };
  });
}
