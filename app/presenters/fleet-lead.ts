import type { AlarmItem } from "./alarms.server.ts";
import { troubleOf } from "./centre-trouble.ts";
import type { CentreNow, Say } from "./fleet.server.ts";

export type Lead = { strong: string; rest: string };

/** Sentences of one language in a row. */
export const sentences = (parts: string[], { format }: Say) =>
  parts.filter(Boolean).join(format.locale === "en" ? " " : "");

/** The page's opening: what is wrong, where, since when; or that nothing is. */
export function fleetLead(centres: CentreNow[], alarms: AlarmItem[], say: Say): Lead {
  const { t, format } = say;
  const list = (names: string[]) => new Intl.ListFormat(format.locale, { type: "conjunction" }).format(names);
  if (centres.length === 0) return { strong: t("fleet:lead.none"), rest: "" };
  if (centres.every(({ power, row }) => power.newestMs === null && row.gpuNewestAtMs === null))
    return { strong: t("fleet:lead.waiting"), rest: "" };

  const all = centres.map((centre) => ({ name: format.name(centre.row.name), ...troubleOf(centre, alarms, say) }));
  const bad = all.filter(({ rank }) => rank > 0).sort((a, b) => b.rank - a.rank);
  const good = all.filter(({ rank }) => rank === 0).map(({ name }) => name);
  const [worst, ...others] = bad;
  if (!worst)
    return {
      strong: t("fleet:lead.good"),
      rest: t("fleet:lead.goodRest", { count: centres.length, time: format.timeSeconds(format.nowMs) }),
    };
  return {
    strong: t(worst.rank >= 2 ? "fleet:lead.needsHand" : "fleet:lead.needsLook", { centre: worst.name }),
    rest: sentences(
      [
        ...worst.said,
        others.length
          ? t("fleet:lead.alsoLook", { centres: list(others.map(({ name }) => name)), count: others.length })
          : "",
        good.length ? t("fleet:lead.others", { centres: list(good), count: good.length }) : "",
      ],
      say,
    ),
  };
}
