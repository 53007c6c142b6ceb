import { type Fleet, FleetFileError } from "#db/config/fleet-file.ts";
import { ProfileError, profileOf } from "#ingest/profiles/index.ts";
import { profileProtocols } from "#ingest/profiles/types.ts";

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

/** Whether every device's profile exists and speaks the device's protocol. @throws FleetFileError naming each device that has no such profile. */
export function checkProfiles(fleet: Fleet, file: string): void {
  const problems: string[] = [];
  for (const { id, profile, protocol } of fleet.centres.flatMap((centre) => centre.devices)) {
    try {
      const speaks: readonly string[] = profileProtocols[protocol];
      const given = profileOf(profile).protocol;
      if (!speaks.includes(given))
        problems.push(
          `device ${id}: profile ${profile} is for ${given}, and ${protocol} needs one for ${speaks.join(" or ")}`,
        );
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      problems.push(`device ${id}: ${error.problems.join("; ")}`);
    }
  }
  if (problems.length) throw new FleetFileError(file, problems);
}
