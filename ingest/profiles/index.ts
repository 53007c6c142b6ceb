import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseProfile } from "./profile.ts";
import type { Profile } from "./types.ts";
import { ProfileError } from "./yaml.ts";

export { ProfileError } from "./yaml.ts";

/**
 * Reads every `*.yaml` of a folder (default: the profiles that come with the product), by name.
 * @throws ProfileError with the problems of all files, each naming file, line, key and what is expected.
 */
export function loadProfiles(folder: string = import.meta.dirname): Map<string, Profile> {
  const profiles = new Map<string, Profile>();
  const problems: string[] = [];
  for (const entry of readdirSync(folder).sort()) {
    if (!entry.endsWith(".yaml")) continue;
    const file = join(folder, entry);
    try {
      const profile = parseProfile(readFileSync(file, "utf8"), file);
      if (profile.name !== basename(entry, ".yaml"))
        problems.push(`${file}:1: name: "${profile.name}" must be the file's name`);
      profiles.set(profile.name, profile);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length) throw new ProfileError(problems);
  return profiles;
}

let builtIn: Map<string, Profile> | undefined;

/**
 * The profile of this name among those that come with the product.
 * @throws ProfileError naming the known ones when there is none.
 */
export function profileOf(name: string): Profile {
  builtIn ??= loadProfiles();
  const profile = builtIn.get(name);
  if (!profile) throw new ProfileError([`no profile "${name}"; known: ${[...builtIn.keys()].join(", ")}`]);
  return profile;
}
