import type { DevicePointRow, SourceRow } from "#db/queries/centre.ts";
import type { Quality } from "#db/schema/telemetry.ts";
import { freshForMs } from "./power-now.ts";

/** One point of a device as it stands now. */
export type ReadingNow = {
  point: string;
  quantity: string;
  unit: string;
  kind: string;
  value: number | null;
  quality: Quality | null;
  receivedAtMs: number | null;
};
export type DeviceNow = {
  id: string;
  role: DevicePointRow["role"];
  feed: "A" | "B" | null;
  contract: boolean;
  hall: string | null;
  protocol: string;
  simulated: boolean;
  /** good: fresh; stale: heard, but not lately; unknown: never. */
  status: "good" | "stale" | "unknown";
  lastSeenMs: number | null;
  lastError: string | null;
  lastErrorAtMs: number | null;
  clockOffsetMs: number | null;
  readings: ReadingNow[];
};

/** What a reader looks for first: power, then what else tells the device's work, then the rest in its own order. */
const first = ["activePower", "inletTemperature", "outdoorTemperature", "stateOfCharge", "waterVolume"];
const rank = ({ quantity }: ReadingNow) => {
  const at = first.indexOf(quantity);
  return at < 0 ? first.length : at;
};

/** Rows of points to devices; the newest reading of a device tells its age. */
export function devicesNow(rows: DevicePointRow[], nowMs: number): DeviceNow[] {
  return [...Map.groupBy(rows, ({ deviceId }) => deviceId)].map(([id, points]) => {
    const row = points[0] as DevicePointRow;
    const readings = points
      .flatMap(({ point, quantity, unit, kind, value, quality, receivedAtMs }): ReadingNow[] =>
        point === null || quantity === null || unit === null || kind === null
          ? []
          : [{ point, quantity, unit, kind, value, quality, receivedAtMs }],
      )
      .sort((a, b) => rank(a) - rank(b));
    const lastSeenMs = readings.reduce<number | null>(
      (newest, { receivedAtMs }) => (receivedAtMs !== null && receivedAtMs > (newest ?? 0) ? receivedAtMs : newest),
      row.lastSeenAtMs,
    );
    const { role, feed, protocol, simulated, lastError, lastErrorAtMs, clockOffsetMs } = row;
    return {
      ...{ id, role, feed, protocol, simulated, lastError, lastErrorAtMs, clockOffsetMs, lastSeenMs, readings },
      contract: row.supply === "grid-contract",
      hall: row.hallName,
      status: statusOf(lastSeenMs, row.intervalS, nowMs),
    };
  });
}

function statusOf(lastSeenMs: number | null, intervalS: number, nowMs: number): DeviceNow["status"] {
  if (lastSeenMs === null) return "unknown";
  return nowMs - lastSeenMs <= freshForMs(intervalS) ? "good" : "stale";
}

export type RackDevices = {
  all: number;
  fresh: number;
  /** Silent ones, the longest first. */
  silent: { id: string; rackId: string; sinceMs: number | null; error: string | null }[];
};

/** Health of the racks' devices in short: they are too many for a list. */
export function rackDevices(rows: SourceRow[], nowMs: number): RackDevices {
  const own = rows.flatMap((row) => (row.rackId === null ? [] : [{ ...row, rackId: row.rackId }]));
  const silent = own.filter((row) => statusOf(row.lastSeenAtMs, row.intervalS, nowMs) !== "good");
  return {
    all: own.length,
    fresh: own.length - silent.length,
    silent: silent
      .sort((a, b) => (a.lastSeenAtMs ?? 0) - (b.lastSeenAtMs ?? 0))
      .map(({ deviceId, rackId, lastSeenAtMs, lastError }) => ({
        id: deviceId,
        rackId,
        sinceMs: lastSeenAtMs,
        error: lastError,
      })),
  };
}
