export const hourMs = 3_600_000;

/** Start of the UTC hour that holds the instant. */
export const hourStart = (timeMs: number): number => Math.floor(timeMs / hourMs) * hourMs;

/**
 * Index into an outlook of `length` hours for the hour `index` of the horizon. Beyond the end the last day is repeated
 * hour by hour, so that a job longer than the horizon meets day and night as they were forecast last.
 */
export function outlookIndex(index: number, length: number): number {
  if (index < length) return index;
  const day = Math.min(24, length);
  return length - day + ((index - length) % day);
}

/** The parts of [startMs, endMs) in each hour from `horizonStartMs`: hour index and seconds. */
export function hourParts(
  startMs: number,
  endMs: number,
  horizonStartMs: number,
): { index: number; seconds: number }[] {
  const parts: { index: number; seconds: number }[] = [];
  let at = startMs;
  while (at < endMs) {
    const index = Math.floor((at - horizonStartMs) / hourMs);
    const until = Math.min(endMs, horizonStartMs + (index + 1) * hourMs);
    parts.push({ index, seconds: (until - at) / 1_000 });
    at = until;
  }
  return parts;
}
