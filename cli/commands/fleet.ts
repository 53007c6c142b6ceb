import { readFile } from "node:fs/promises";
import { applyFleet } from "#db/config/apply-fleet.ts";
import { parseFleetFile } from "#db/config/fleet-file.ts";
import { checkProfiles, profilePoints } from "../profiles.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const fleetCommands: Command[] = [
  {
    name: "fleet check",
    usage: "FILE",
    summary: "Validates a fleet file: each problem with file, line, key and what is expected.",
    async run([file]) {
      const fleet = await load(file);
      const count = (pick: (centre: (typeof fleet.centres)[number]) => unknown[]) =>
        fleet.centres.reduce((sum, centre) => sum + pick(centre).length, 0);
      console.log(
        `${file}: ${fleet.centres.length} centres, ${count((c) => c.racks)} racks, ${count((c) => c.devices)} devices. Valid.`,
      );
    },
  },
  {
    name: "fleet apply",
    usage: "FILE",
    summary: "Writes a fleet file into the database; what left the file is retired, never deleted.",
    async run([file]) {
      const fleet = await load(file);
      await withDatabase((db) => applyFleet(db, fleet, profilePoints, new Date()));
      console.log(`${file} applied.`);
    },
  },
];

async function load(file: string | undefined) {
  if (!file) throw new UsageError("name the fleet file: hs fleet check FILE");
  const fleet = parseFleetFile(await readFile(file, "utf8"), file);
  checkProfiles(fleet, file);
  return fleet;
}
