import type { TFunction } from "i18next";
import type { AlarmRow } from "#db/queries/fleet.ts";
import type { Format } from "../use-format.ts";

export type AlarmItem = {
  id: number;
  severity: "watch" | "act";
  text: string;
  centreId: string;
  centre: string;
  openedAtMs: number;
  acknowledgedBy: string | null;
};

/** Alarms in the reader's language: `alarms:<key>` with its values; a key without a text shows rule and device, never nothing. */
export function presentAlarms(rows: AlarmRow[], t: TFunction, format: Format): AlarmItem[] {
  return rows.map((row) => ({
    id: row.id,
    severity: row.severity,
    text: alarmText(row, t, format),
    centreId: row.centreId,
    centre: format.name(row.centreName),
    openedAtMs: row.openedAtMs,
    acknowledgedBy: row.acknowledgedBy,
  }));
}

function alarmText(row: AlarmRow, t: TFunction, format: Format): string {
  const values = Object.fromEntries(
    Object.entries(row.message.values).map(([name, value]) => [name, readable(value, format)]),
  );
  const fallback = [row.rule.replaceAll("_", " "), row.deviceId].filter(Boolean).join(": ");
  return t(`alarms:${row.message.key}`, {
    ...values,
    device: values.device ?? values.deviceId ?? row.deviceId ?? "",
    defaultValue: fallback,
  });
}

/** Instants become times of the reader's zone, numbers get the locale's digits. */
function readable(value: string | number, format: Format): string {
  if (typeof value === "number")
    return format.number(value, Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1);
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? format.short(Date.parse(value)) : value;
}
