import { useTranslation } from "react-i18next";
import { sinceText } from "../../presenters/hours.ts";
import type { Silent } from "../../presenters/power-now.ts";
import { useFormat } from "../../use-format.ts";

/** Why there is no PUE: which meter is silent since when, or which kind of meter there is none of. */
export function NotComputable({ silent, lacks }: { silent: Silent[]; lacks: ("facility" | "it")[] }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const first = silent[0];
  const more = silent.length > 1 ? ` ${t("notComputable.more", { count: silent.length - 1 })}` : "";
  if (first) {
    return (
      <span className="missing">
        {first.sinceMs === null
          ? t("notComputable.never", { device: first.deviceId })
          : t("notComputable.silent", { device: first.deviceId, time: sinceText(first.sinceMs, format) })}
        {more}
      </span>
    );
  }
  return (
    <span className="missing">
      {lacks.includes("it")
        ? t("notComputable.noItMeter")
        : lacks.includes("facility")
          ? t("notComputable.noFacilityMeter")
          : t("common:noReading")}
    </span>
  );
}
