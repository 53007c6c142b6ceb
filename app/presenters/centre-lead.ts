import type { AlarmItem } from "./alarms.server.ts";
import { claimsNow } from "./centre-flow.ts";
import { troubleOf } from "./centre-trouble.ts";
import type { CentreNow, Say } from "./fleet.server.ts";
import { type Lead, sentences } from "./fleet-lead.ts";
import { sinceText } from "./hours.ts";
import { sources, sumMix } from "./power-now.ts";

/** A centre's opening: what is wrong and since when; or what carries it, at which PUE. */
export function centreLead(centre: CentreNow, alarms: AlarmItem[], say: Say): Lead {
  const { t, format } = say;
  const { power, mix } = centre;
  if (power.newestMs === null && centre.row.gpuNewestAtMs === null)
    return { strong: t("centre:lead.waiting"), rest: "" };
  const { said, rank } = troubleOf(centre, alarms, say);
  const beside = besideText(centre, say);
  if (rank > 0)
    return {
      strong: t(rank >= 2 ? "centre:lead.needsHand" : "centre:lead.needsLook"),
      rest: sentences([power.silent.length ? t("centre:lead.noPue") : "", ...said, beside], say),
    };
  const total = sumMix(mix);
  const most = sources.reduce((best, source) => (mix[source] > mix[best] ? source : best));
  const carried =
    total > 0 && mix.unknown / total < 0.5
      ? { source: t(`fleet:source.${most}`), share: format.percent(mix[most] / total, 0) }
      : undefined;
  if (power.pue === null)
    return {
      strong: t("centre:lead.reports"),
      rest: beside,
    };
  const claimedW = claimsNow(power)?.find(({ key }) => key === most)?.powerW ?? 0;
  const values = {
    pue: format.number(power.pue, 2),
    ...carried,
    contract: format.percent(Math.min(1, claimedW / Math.max(1, mix[most])), 0),
  };
  const how = !carried ? "pue" : claimedW >= 0.01 * mix[most] ? "covered" : "carried";
  return {
    strong: t(power.pue <= centre.row.targets.pue ? "centre:lead.good" : "centre:lead.running"),
    rest: sentences([t(`centre:lead.${how}`, values), beside], say),
  };
}

/** Meters that PUE does not need and that are silent: said, for a figure below is missing for it. */
function besideText({ power }: CentreNow, { t, format }: Say): string {
  const first = power.silentBeside[0];
  if (!first) return "";
  return t("centre:lead.beside", {
    count: power.silentBeside.length,
    device: first.deviceId,
    time: first.sinceMs === null ? t("centre:never") : sinceText(first.sinceMs, format),
  });
}
