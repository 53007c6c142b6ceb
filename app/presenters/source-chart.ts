import type { HourRow } from "#db/queries/fleet.ts";
import type { View } from "../view.ts";
import type { Say } from "./fleet.server.ts";
import { bucketHours, floorHour, hourMs, mixOfHour } from "./hours.ts";
import { addMix, cleanShareOfMix, emptyMix, type Mix, scaleMix, sumMix } from "./power-now.ts";

/** Mean power of a bucket by source, watts. `mix` null: nobody reported; `complete` false: a centre's hour is missing. */
export type SourceBucket = { atMs: number; mix: Mix | null; itW: number | null; complete: boolean };
export type SourceChart = { buckets: SourceBucket[]; bucketH: number; summary: string };

/** Mean power by source over the view, in buckets of whole hours, summed over `centres` centres. */
export function sourceChart(hours: HourRow[], centres: number, view: View, { t, format }: Say): SourceChart {
  const bucketH = bucketHours(view.fromMs, view.toMs);
  const width = bucketH * hourMs;
  const first = floorHour(view.fromMs);
  const count = Math.max(1, Math.ceil((Math.min(view.toMs, floorHour(format.nowMs) + hourMs) - first) / width));
  const sums = Array.from({ length: count }, (_, index) => ({
    atMs: first + index * width,
    mix: emptyMix(),
    it: 0,
    withMix: 0,
    withIt: 0,
  }));
  for (const hour of hours) {
    const bucket = sums[Math.floor((hour.hour.getTime() - first) / width)];
    if (!bucket) continue;
    const mix = mixOfHour(hour);
    if (mix) {
      bucket.mix = addMix(bucket.mix, mix);
      bucket.withMix++;
    }
    if (hour.itMilliWh !== null) {
      bucket.it += hour.itMilliWh;
      bucket.withIt++;
    }
  }
  // mWh in a bucket ÷ 1000 ÷ hours = mean watts. The newest hour is still being filled: it is left to the figures above.
  const buckets = sums
    .filter((bucket) => bucket.atMs + hourMs <= format.nowMs)
    .map(({ atMs, mix, it, withMix, withIt }): SourceBucket => {
      const hoursHeld = Math.min(bucketH, Math.max(1, (floorHour(format.nowMs) - atMs) / hourMs));
      const toW = 1 / 1_000 / hoursHeld;
      return {
        atMs,
        mix: withMix ? scaleMix(mix, toW) : null,
        itW: withIt ? it * toW : null,
        complete: withMix >= centres * hoursHeld,
      };
    });
  return { buckets, bucketH, summary: summaryOf(buckets, { t, format }) };
}

function summaryOf(buckets: SourceBucket[], { t, format }: Say): string {
  const known = buckets.flatMap(({ atMs, mix, complete }) => (mix ? [{ atMs, mix, complete }] : []));
  const total = known.reduce((sum, { mix }) => sum + sumMix(mix), 0);
  if (total === 0) return t("fleet:chart.none");
  const clean = cleanShareOfMix(known.map(({ mix }) => mix).reduce(addMix));
  const peak = known.reduce((best, bucket) => (bucket.mix.grid > best.mix.grid ? bucket : best));
  const power = format.power(peak.mix.grid);
  const missing = buckets.filter((bucket) => !bucket.complete).length;
  return [
    clean === null ? t("fleet:chart.originUnknown") : t("fleet:chart.summary", { share: format.percent(clean, 0) }),
    peak.mix.grid > 0
      ? t("fleet:chart.peak", { power: `${power.text}\u00a0${power.unit}`, time: format.short(peak.atMs) })
      : "",
    missing ? t("fleet:chart.gaps", { count: missing }) : "",
  ]
    .filter(Boolean)
    .join(format.locale === "en" ? " " : "");
}
