import type { AlarmItem } from "./alarms.server.ts";
import type { CentreNow, Say } from "./fleet.server.ts";
import { hourMs, sinceText } from "./hours.ts";

/** What is wrong at a centre, in sentences, the worst first. `rank` 0: nothing; ≥ 2: it needs a hand, not only a look. */
export type Trouble = { said: string[]; rank: number };

/** A PUE above its target is counted back this far, hours; beyond it is "more than". */
export const countedBackH = 168;

/** An alarm says what is wrong best; a silent meter that PUE needs comes next, then a PUE above its target. */
export function troubleOf(centre: CentreNow, alarms: AlarmItem[], { t, format }: Say): Trouble {
  const here = alarms.filter((item) => item.centreId === centre.row.id);
  const act = here.find(({ severity }) => severity === "act");
  const watch = here.find(({ severity }) => severity === "watch");
  const silent = centre.power.silent[0];
  const lack = centre.power.lacks[0];
  const { above } = centre;
  const sayAlarm = (alarm: AlarmItem) =>
    t(alarm.saysSince ? "fleet:lead.alarmSince" : "fleet:lead.alarm", {
      text: alarm.text,
      duration: format.duration(format.nowMs - alarm.openedAtMs, true),
    });
  const said: string[] = [];
  if (act) said.push(sayAlarm(act));
  if (silent && act?.deviceId !== silent.deviceId)
    said.push(
      silent.sinceMs === null
        ? t("fleet:lead.neverHeard", { device: silent.deviceId })
        : t("fleet:lead.silent", { device: silent.deviceId, time: sinceText(silent.sinceMs, format) }),
    );
  if (above)
    said.push(
      t(above.atLeast ? "fleet:lead.pueLong" : "fleet:lead.pue", {
        target: format.number(centre.row.targets.pue, 2),
        duration: format.duration(above.hours * hourMs),
      }),
    );
  if (lack) said.push(t(`fleet:lead.lacks.${lack}`));
  if (said.length === 0 && watch) said.push(sayAlarm(watch));
  return { said, rank: act ? 3 : silent ? 2 : above || lack ? 1 : watch ? 0.5 : 0 };
}
