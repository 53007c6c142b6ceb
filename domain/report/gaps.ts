import { hourMs, type Period } from "./period.ts";
import type { ReportHour, SilentMeter } from "./types.ts";

/** Consecutive hours for which a centre's PUE cannot be computed, for one reason. */
export type Gap = {
  from: string;
  to: string;
  hours: number;
  /** Meters that the ledger misses; empty with `noRecord`: the ledger has no such hour at all. */
  devices: SilentMeter[];
  noRecord: boolean;
};

/** The hours of a period without a facility or an IT figure, as ranges: what is missing, from when, to when. */
export function gapsOf(period: Pick<Period, "fromMs" | "toMs">, rows: ReportHour[]): Gap[] {
  const byHour = new Map(rows.map((row) => [row.hourMs, row]));
  const gaps: (Gap & { key: string })[] = [];
  for (let at = period.fromMs; at < period.toMs; at += hourMs) {
    const row = byHour.get(at);
    if (row && row.facilityMilliWh !== null && row.itMilliWh !== null) continue;
    const devices = [...(row?.notComputable ?? [])].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
    const key = row ? devices.map(({ deviceId }) => deviceId).join() : "no record";
    const from = new Date(at).toISOString();
    const to = new Date(at + hourMs).toISOString();
    const last = gaps.at(-1);
    if (last && last.key === key && last.to === from) {
      last.to = to;
      last.hours++;
    } else gaps.push({ key, from, to, hours: 1, devices, noRecord: row === undefined });
  }
  return gaps.map(({ key: _, ...gap }) => gap);
}
