import { floorHourMs, hourMs } from "#domain/units.ts";
import type { LedgerDevice, Sql } from "./fleet.ts";
import { type HourRange, mergeRanges } from "./ranges.ts";
import { context, type Neighbour, type Neighbours, neighboursOf } from "./readings.ts";

/**
 * How hours began when the hour before them was last derived. While that has not changed, new readings later in the hour
 * cannot change the one before it: the running hour is then derived alone.
 */
export type Beginnings = Map<number, { hourMs: number; beginning: string }>;

/** Ranges to derive, and what may be remembered once that is committed. */
export type Widened = { ranges: HourRange[]; remember: () => void };

/**
 * The hours that readings in these ranges can change. A reading changes the steps around it and, through what counts as
 * noise, those of its neighbours: so everything between the fourth usable reading before a range and the fourth after it.
 */
export async function widen(
  sql: Sql,
  ranges: HourRange[],
  devices: ReadonlyMap<string, LedgerDevice>,
  beginnings: Beginnings,
  nowMs: number,
): Promise<Widened> {
  const stretches = ranges.flatMap((range) =>
    pointsOf(devices.get(range.deviceId)!).map((pointId) => ({
      range,
      pointId,
      fromUs: range.fromMs * 1e3,
      toUs: range.toMs * 1e3,
    })),
  );
  const neighbours = await neighboursOf(sql, stretches, nowMs * 1e3);
  const wide = new Map(ranges.map((range) => [range, { ...range }]));
  for (const [at, { range, pointId }] of stretches.entries()) {
    const around = neighbours[at]!;
    const target = wide.get(range)!;
    const back = around.before[context - 1] ?? around.before.at(-1);
    const ahead = around.after[context - 1] ?? around.after.at(-1);
    if (back && !beganAlike(beginnings, pointId, range.fromMs, around))
      target.fromMs = Math.min(target.fromMs, floorHourMs(back.timeUs / 1e3));
    if (ahead) target.toMs = Math.max(target.toMs, floorHourMs(ahead.timeUs / 1e3) + hourMs);
  }
  const remember = () => {
    for (const [at, { range, pointId }] of stretches.entries()) {
      const known = beginnings.get(pointId);
      const { first } = neighbours[at]!;
      if (wide.get(range)!.fromMs === range.fromMs || first.length < context) continue;
      if (!known || known.hourMs <= range.fromMs)
        beginnings.set(pointId, { hourMs: range.fromMs, beginning: textOf(first) });
    }
  };
  return { ranges: mergeRanges([...wide.values()]), remember };
}

/** Every point that can give the device energy; the power too, whose gaps reach a neighbouring hour at most. */
const pointsOf = (device: LedgerDevice) => [
  ...device.counters.map(({ id }) => id),
  ...(device.power ? [device.power.id] : []),
];

const textOf = (readings: Neighbour[]) =>
  readings.map(({ timeUs, value, quality }) => `${timeUs} ${value} ${quality}`).join();

function beganAlike(beginnings: Beginnings, pointId: number, hour: number, { first }: Neighbours): boolean {
  const known = beginnings.get(pointId);
  return known?.hourMs === hour && first.length === context && known.beginning === textOf(first);
}
