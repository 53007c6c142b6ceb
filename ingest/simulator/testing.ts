import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fleet, parseFleetFile } from "#db/config/fleet-file.ts";
import { profileOf } from "../profiles/index.ts";
import type { PlanCentre } from "./plan.ts";

const file = join(import.meta.dirname, "../../examples/demonstration.fleet.yaml");
export const demonstrationFleet = (): Fleet => parseFleetFile(readFileSync(file, "utf8"), file);

/** Points of a profile as a fleet is applied with them. */
export const pointsOf = (profile: string) =>
  profileOf(profile).points.map(({ name, quantity, unit, kind, minimum, maximum, rolloverAt }) => ({
    name,
    quantity,
    unit,
    kind,
    minimum: minimum ?? null,
    maximum: maximum ?? null,
    rolloverAt: rolloverAt ?? null,
  }));

/** The plan of a fleet file as `readPlan` reads it after the file was applied; GPU ids count from 1. */
export function planOf(fleet: Fleet): PlanCentre[] {
  let gpuId = 0;
  return fleet.centres.map((centre) => ({
    id: centre.id,
    place: centre.place,
    gridZone: centre.gridZone,
    powerCapW: centre.powerCapKw * 1_000,
    storageCapacityWh: (centre.storage?.capacityKwh ?? 0) * 1_000,
    halls: centre.halls.map(({ id, cooling }) => ({ id, cooling })),
    racks: centre.racks.map((rack) => ({
      id: rack.id,
      hallId: rack.hallId,
      reservedGpus: rack.reservedGpus,
      powerLimitW: rack.powerLimitKw * 1_000,
      gpus: Array.from({ length: rack.gpus }, (_, index) => ({
        id: ++gpuId,
        index,
        uuid: `unknown:${rack.id}/${index}`,
        server: `${rack.id}-s${Math.floor(index / rack.gpusPerServer) + 1}`,
        ratedPowerW: rack.gpuRatedPowerW,
      })),
    })),
    devices: centre.devices.map((device) => ({
      id: device.id,
      hallId: device.hallId ?? null,
      rackId: device.rackId ?? null,
      role: device.role,
      feed: device.feed ?? null,
      supply: device.supply ?? null,
      protocol: device.protocol,
      profile: device.profile,
      gatewayId: device.gatewayId ?? null,
      address: device.address as Record<string, string | number>,
      intervalS: device.intervalS,
      ratedPowerW: device.ratedPowerKw === undefined ? null : device.ratedPowerKw * 1_000,
    })),
  }));
}
