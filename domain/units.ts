/** Lengths of an hour. */
export const hourMs = 3_600_000;
export const hourUs = 3_600_000_000;

/** Start of the UTC hour in which an instant lies, both in milliseconds since 1970. */
export const floorHourMs = (ms: number) => Math.floor(ms / hourMs) * hourMs;

/** Watt-hours as integer milliwatt-hours (decision 2). Exact up to 9 TWh. */
export const milliWhOfWh = (wh: number) => Math.round(wh * 1_000);
/** Milliwatt-hours as kilowatt-hours. */
export const kwhOfMilliWh = (milliWh: number) => milliWh / 1e6;

/** An instant in microseconds as ISO 8601 text, all six digits: what a leaf hashes and what PostgreSQL reads exactly. */
export function isoOfUs(us: number): string {
  const ms = Math.floor(us / 1_000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(us - ms * 1_000).padStart(3, "0")}Z`;
}
