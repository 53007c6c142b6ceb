import type { TFunction } from "i18next";
import type { AlarmRow } from "#db/queries/fleet.ts";
import type { Format } from "../use-format.ts";
import { sinceText } from "./hours.ts";

export type AlarmItem = {
  id: number;
  severity: "watch" | "act";
  text: string;
  centreId: string;
  centre: string;
  deviceId: string | null;
  openedAtMs: number;
  /** The text itself says since when. */
  saysSince: boolean;
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
    deviceId: row.deviceId,
    openedAtMs: row.openedAtMs,
    saysSince: row.message.values.since !== undefined,
    acknowledgedBy: row.acknowledgedBy,
  }));
}

function alarmText(row: AlarmRow, t: TFunction, format: Format): string {
  const values = Object.fromEntries(
    Object.entries(row.message.values).map(([name, value]) => [name, readable(value, format)]),
  );
  const rule = row.rule.replaceAll("_", " ");
  const fallback = [rule.charAt(0).toUpperCase() + rule.slice(1), row.deviceId].filter(Boolean).join(": ");
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
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? sinceText(Date.parse(value), format) : value;
}
