import { profileOf } from "#ingest/profiles/index.ts";

/** The points that a device of this profile has, as the database keeps them. @throws ProfileError naming the known profiles. */
export function profilePoints(name: string) {
  return profileOf(name).points.map(({ name: point, quantity, unit, kind, minimum, maximum, rolloverAt }) => ({
    name: point,
    quantity,
    unit,
    kind,
    minimum: minimum ?? null,
    maximum: maximum ?? null,
    rolloverAt: rolloverAt ?? null,
  }));
}
