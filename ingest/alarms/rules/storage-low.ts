import { autonomyH } from "#domain/indicators/autonomy.ts";
import { supplyRoles } from "#domain/indicators/roles.ts";
import { valueNow } from "../fresh.ts";
import { type CentreState, type DeviceState, type Finding, type Rule, type Snapshot, tenth } from "../types.ts";

/** A storage that is on its way up again closes the alarm only when it is clearly above the target. */
const recovered = 1.05;

/** Storage holds the facility for less than the centre's target (WP-F7): autonomy = charge × capacity ÷ facility power. */
export const storageLow: Rule = {
  name: "storageLow",
  opensAfterMs: 60_000,
  closesAfterMs: 60_000,
  find(snapshot, open) {
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const centre of snapshot.centres) {
      const cause = `storageLow:${centre.id}`;
      if (centre.storageCapacityWh <= 0 || centre.targetStorageHours <= 0) continue;
      const hours = autonomyHours(centre, snapshot);
      if (hours === undefined) {
        undecided.push(cause);
        continue;
      }
      if (hours >= centre.targetStorageHours * (open.has(cause) ? recovered : 1)) continue;
      findings.push({
        cause,
        severity: hours < centre.targetStorageHours / 4 ? "act" : "watch",
        centreId: centre.id,
        message: { key: "storageLow", values: { hours: tenth(hours), target: centre.targetStorageHours } },
      });
    }
    return { findings, undecided };
  },
};

/** Hours; undefined while one meter that it needs is not known, or nothing draws power. */
function autonomyHours(centre: CentreState, { devices, meters, nowMs }: Snapshot): number | undefined {
  const byId = new Map(devices.filter(({ centreId }) => centreId === centre.id).map((device) => [device.id, device]));
  const read = (quantity: string, counts: (device: DeviceState) => boolean) =>
    meters
      .filter((meter) => meter.quantity === quantity)
      .flatMap((meter) => {
        const device = byId.get(meter.deviceId);
        return device && counts(device) ? [valueNow(meter, device, nowMs)] : [];
      });
  const charges = read("stateOfCharge", ({ role }) => role === "battery");
  // What reaches the main bus (decision 1); a plant under contract is no part of it (decision 4).
  const powers = read("activePower", ({ role, supply }) => isSupply(role) && supply !== "grid-contract");
  if (charges.length === 0 || powers.length === 0 || [...charges, ...powers].includes(undefined)) return undefined;
  const sum = (values: (number | undefined)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const storedWh = (sum(charges) / charges.length / 100) * centre.storageCapacityWh;
  return autonomyH(storedWh, sum(powers)) ?? undefined;
}

const isSupply = (role: string) => (supplyRoles as readonly string[]).includes(role);
