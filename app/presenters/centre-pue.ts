import type { HourRow } from "#db/queries/fleet.ts";
import type { View } from "../view.ts";
import { type PueParts, pueParts } from "./centre-flow.ts";
import type { Say } from "./fleet.server.ts";
import { sentences } from "./fleet-lead.ts";
import { bucketHours, floorHour, hourMs } from "./hours.ts";

/** One column of the chart. `pue` null: a gap. Means in watts. */
export type PueBucket = {
  atMs: number;
  pue: number | null;
  parts: PueParts | null;
  facilityW: number | null;
  itW: number | null;
  wetBulbC: number | null;
  socPercent: number | null;
};
/** Hours in a row without a PUE, and why. */
export type Gap = { fromMs: number; toMs: number; text: string };
export type PueChart = { buckets: PueBucket[]; bucketH: number; gaps: Gap[]; summary: string };

type Samples = { quantity: string; bucketMs: number; value: number }[];

/**
 * PUE over the view by hour (or by buckets of hours: ratio of sums over the hours that can be computed), with what stands
 * above 1.00. The running hour is left to the figures of now.
 */
export function pueChart(hours: HourRow[], samples: Samples, target: number, view: View, say: Say): PueChart {
  const { format } = say;
  const bucketH = bucketHours(view.fromMs, view.toMs);
  const width = bucketH * hourMs;
  const first = floorHour(view.fromMs);
  const last = Math.min(view.toMs, floorHour(format.nowMs));
  const count = Math.max(0, Math.ceil((last - first) / width));
  const sampled = new Map(samples.map(({ quantity, bucketMs, value }) => [`${quantity} ${bucketMs}`, value]));
  const byHour = new Map(hours.map((hour) => [hour.hour.getTime(), hour]));
  const buckets = Array.from({ length: count }, (_, index): PueBucket => {
    const atMs = first + index * width;
    const inside = Array.from({ length: bucketH }, (_, at) => byHour.get(atMs + at * hourMs)).filter(
      (hour) => hour !== undefined,
    );
    return {
      atMs,
      ...energies(inside),
      wetBulbC: sampled.get(`wetBulbTemperature ${atMs}`) ?? null,
      socPercent: sampled.get(`stateOfCharge ${atMs}`) ?? null,
    };
  });
  const gaps = gapsOf(first, Math.min(last, first + count * width), byHour, say);
  return { buckets, bucketH, gaps, summary: summaryOf(buckets, gaps, target, say) };
}

function energies(hours: HourRow[]): Pick<PueBucket, "pue" | "parts" | "facilityW" | "itW"> {
  const known = hours.filter((hour) => hour.facilityMilliWh !== null && hour.itMilliWh);
  const sum = (of: (hour: HourRow) => number) => known.reduce((total, hour) => total + of(hour), 0);
  const all = (part: "cooling" | "lighting") =>
    known.every((hour) => hour.parts[part] !== undefined) ? sum((hour) => hour.parts[part] as number) : undefined;
  const facility = sum((hour) => hour.facilityMilliWh as number);
  const it = sum((hour) => hour.itMilliWh as number);
  const meanW = (column: "facilityMilliWh" | "itMilliWh") => {
    const rows = hours.filter((hour) => hour[column] !== null);
    return rows.length ? rows.reduce((total, hour) => total + (hour[column] as number), 0) / 1_000 / rows.length : null;
  };
  return {
    pue: it > 0 ? facility / it : null,
    parts: it > 0 ? pueParts(facility, it, all("cooling"), all("lighting")) : null,
    facilityW: meanW("facilityMilliWh"),
    itW: meanW("itMilliWh"),
  };
}

/** Hours without a PUE, joined while the reason stays the same. */
function gapsOf(fromMs: number, toMs: number, byHour: Map<number, HourRow>, say: Say): Gap[] {
  const gaps: Gap[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += hourMs) {
    const hour = byHour.get(atMs);
    if (hour?.pue != null) continue;
    const text = reasonOf(hour, say);
    const before = gaps.at(-1);
    if (before && before.toMs === atMs && before.text === text) before.toMs = atMs + hourMs;
    else gaps.push({ fromMs: atMs, toMs: atMs + hourMs, text });
  }
  return gaps;
}

function reasonOf(hour: HourRow | undefined, { t, format }: Say): string {
  if (!hour) return t("centre:pue.noHour");
  const first = hour.notComputable?.[0];
  if (!first)
    return t(hour.facilityMilliWh === null ? "fleet:notComputable.noFacilityMeter" : "fleet:notComputable.noItMeter");
  const more = (hour.notComputable?.length ?? 1) - 1;
  return [
    first.silentSince === null
      ? t("fleet:notComputable.never", { device: first.deviceId })
      : t("fleet:notComputable.silent", { device: first.deviceId, time: format.short(Date.parse(first.silentSince)) }),
    more > 0 ? t("fleet:notComputable.more", { count: more }) : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function summaryOf(buckets: PueBucket[], gaps: Gap[], target: number, say: Say): string {
  const { t, format } = say;
  const known = buckets.filter((bucket) => bucket.pue !== null);
  if (known.length === 0) return gaps[0] ? gaps[0].text : t("centre:pue.none");
  const value = (bucket: PueBucket) => bucket.pue as number;
  const low = known.reduce((best, bucket) => (value(bucket) < value(best) ? bucket : best));
  const high = known.reduce((best, bucket) => (value(bucket) > value(best) ? bucket : best));
  const over = known.filter((bucket) => value(bucket) > target).length;
  const driver = driverOf(low, high);
  return sentences(
    [
      t("centre:pue.span", {
        low: format.number(value(low), 2),
        lowTime: format.short(low.atMs),
        high: format.number(value(high), 2),
        highTime: format.short(high.atMs),
      }),
      driver ? t(`centre:pue.driver.${driver}`) : "",
      over === 0
        ? t("centre:pue.under", { target: format.number(target, 2) })
        : t("centre:pue.over", { target: format.number(target, 2), share: format.percent(over / known.length, 0) }),
    ],
    say,
  );
}

/** What moved a PUE by less is not told: the two digits that are shown would not have moved. */
const materialPue = 0.01;

/** Which part grew most from the lowest to the highest hour, if it is material and most of the move; undefined: none. */
function driverOf(low: PueBucket, high: PueBucket): keyof PueParts | undefined {
  const grown = (part: keyof PueParts) => (high.parts?.[part] ?? 0) - (low.parts?.[part] ?? 0);
  if (low.parts?.cooling == null || high.parts?.cooling == null) return undefined;
  const most = (["cooling", "rest", "lighting"] as const).reduce((best, part) =>
    grown(part) > grown(best) ? part : best,
  );
  const moved = (high.pue as number) - (low.pue as number);
  return grown(most) >= materialPue && grown(most) >= moved / 2 ? most : undefined;
}
