/** A calendar day, month 1–12. */
export type Day = { year: number; month: number; day: number };

const formats = new Map<string, Intl.DateTimeFormat>();
function format(timeZone: string): Intl.DateTimeFormat {
  let found = formats.get(timeZone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, found);
  }
  return found;
}

/** Whether this runtime knows the IANA zone. */
export function isKnownZone(timeZone: string): boolean {
  try {
    format(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** What a wall clock of the zone shows, as if it were UTC; minus the instant: the zone's offset. */
function wallMs(atMs: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format(timeZone).formatToParts(atMs)) part[type] = Number(value);
  return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
}

/** The zone's offset from UTC at an instant, milliseconds, east positive. */
export const zoneOffsetMs = (atMs: number, timeZone: string) =>
  wallMs(atMs, timeZone) - Math.floor(atMs / 1_000) * 1_000;

/** The calendar day of an instant in the zone. */
export function dayOf(atMs: number, timeZone: string): Day {
  const wall = new Date(wallMs(atMs, timeZone));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

/** `days` later (or earlier), by the calendar. */
export function addDays({ year, month, day }: Day, days: number): Day {
  const at = new Date(Date.UTC(year, month - 1, day + days));
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/**
 * The first instant of a calendar day in the zone. Where the clock jumps over midnight it is the jump, where midnight
 * comes twice it is the first; a day that a zone left out (Apia, 30 December 2011) begins where the next one does.
 */
export function startOfDay(day: Day, timeZone: string): number {
  const wall = Date.UTC(day.year, day.month - 1, day.day);
  const offsets = [zoneOffsetMs(wall - 86_400_000, timeZone), zoneOffsetMs(wall + 86_400_000, timeZone)];
  const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  return candidates.find((at) => dayText(dayOf(at, timeZone)) === dayText(day)) ?? candidates[1]!;
}

/** `2026-10-25`. */
export const dayText = ({ year, month, day }: Day) =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** Reads `2026-10-25`; undefined for anything else, and for a day that no calendar has. */
export function parseDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return undefined;
  const day = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  return dayText(addDays(day, 0)) === text ? day : undefined;
}
