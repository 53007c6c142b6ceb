import type { DeviceRole } from "#db/schema/fleet.ts";
import { valueNow } from "../fresh.ts";
import { type CentreState, type Finding, type Rule, type Snapshot, tenth } from "../types.ts";

/** A storage that is on its way up again closes the alarm only when it is clearly above the target. */
const recovered = 1.05;

/** Storage holds the IT load for less than the centre's target (WP-F5): autonomy = charge × capacity ÷ IT power. */
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
  const itRole: DeviceRole = centre.pueCategory === 1 ? "ups" : "rack_feed";
  const read = (quantity: string, role: DeviceRole) =>
    meters
      .filter((meter) => meter.quantity === quantity && byId.get(meter.deviceId)?.role === role)
      .map((meter) => valueNow(meter, byId.get(meter.deviceId), nowMs));
  const charges = read("stateOfCharge", "battery");
  const powers = read("activePower", itRole);
  if (charges.length === 0 || powers.length === 0 || [...charges, ...powers].includes(undefined)) return undefined;
  const sum = (values: (number | undefined)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const itW = sum(powers);
  return itW > 0 ? ((sum(charges) / charges.length / 100) * centre.storageCapacityWh) / itW : undefined;
}
