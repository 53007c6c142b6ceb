import type { AlarmItem } from "./alarms.server.ts";
import type { CentreNow, Say } from "./fleet.server.ts";
import { hourMs } from "./hours.ts";

export type Lead = { strong: string; rest: string };

/** Hours in a row, up to the newest, in which the PUE was above its target. */
export function hoursAboveTarget({ hours, row }: Pick<CentreNow, "hours" | "row">): number {
  const known = hours.filter((hour) => hour.pue !== null);
  const lastGood = known.findLastIndex((hour) => (hour.pue as number) <= row.targets.pue);
  return known.length - 1 - lastGood;
}

/** The page's opening: what is wrong, where, since when; or that nothing is. */
export function fleetLead(centres: CentreNow[], alarms: AlarmItem[], { t, format }: Say): Lead {
  const list = (names: string[]) => new Intl.ListFormat(format.locale, { type: "conjunction" }).format(names);
  const join = (parts: string[]) => parts.filter(Boolean).join(format.locale === "en" ? " " : "");
  if (centres.length === 0) return { strong: t("fleet:lead.none"), rest: "" };
  if (centres.every(({ power, row }) => power.newestMs === null && row.gpuNewestAtMs === null))
    return { strong: t("fleet:lead.waiting"), rest: "" };

  const troubled = centres.map((centre) => {
    const name = format.name(centre.row.name);
    const alarm = alarms.find((item) => item.centreId === centre.row.id && item.severity === "act");
    const watch = alarms.find((item) => item.centreId === centre.row.id && item.severity === "watch");
    const above = hoursAboveTarget(centre);
    const silent = centre.power.silent[0];
    const said: string[] = [];
    if (alarm)
      said.push(
        t("fleet:lead.alarm", { text: alarm.text, duration: format.duration(format.nowMs - alarm.openedAtMs, true) }),
      );
    if (silent && !alarm) {
      said.push(
        silent.sinceMs === null
          ? t("fleet:lead.neverHeard", { device: silent.deviceId })
          : t("fleet:lead.silent", { device: silent.deviceId, time: format.time(silent.sinceMs) }),
      );
    }
    if (above > 0)
      said.push(
        t("fleet:lead.pue", {
          target: format.number(centre.row.targets.pue, 2),
          duration: format.duration(above * hourMs),
        }),
      );
    if (said.length === 0 && watch)
      said.push(
        t("fleet:lead.alarm", { text: watch.text, duration: format.duration(format.nowMs - watch.openedAtMs, true) }),
      );
    const rank = alarm ? 3 : silent ? 2 : above > 0 ? 1 : watch ? 0.5 : 0;
    return { name, said, rank };
  });
  const bad = troubled.filter(({ rank }) => rank > 0).sort((a, b) => b.rank - a.rank);
  const good = troubled.filter(({ rank }) => rank === 0).map(({ name }) => name);
  const worst = bad[0];
  if (!worst)
    return {
      strong: t("fleet:lead.good"),
      rest: t("fleet:lead.goodRest", { count: centres.length, time: format.timeSeconds(format.nowMs) }),
    };
  return {
    strong: t(worst.rank >= 2 ? "fleet:lead.needsHand" : "fleet:lead.needsLook", { centre: worst.name }),
    rest: join([
      ...worst.said,
      bad.length > 1
        ? t("fleet:lead.alsoLook", { centres: list(bad.slice(1).map(({ name }) => name)), count: bad.length - 1 })
        : "",
      good.length ? t("fleet:lead.others", { centres: list(good), count: good.length }) : "",
    ]),
  };
}
