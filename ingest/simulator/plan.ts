import type { Database } from "#db/client.ts";
import type { DeviceRole } from "#db/schema/fleet.ts";
import type { CoolingKind } from "./physics/cooling.ts";
import type { Place } from "./physics/sun.ts";

/* The simulated part of the fleet as the database holds it. */

export type PlanDevice = {
  id: string;
  hallId: string | null;
  rackId: string | null;
  role: DeviceRole;
  feed: "A" | "B" | null;
  supply: "on-site" | "direct-line" | "grid-contract" | "grid" | null;
  protocol: "modbus-tcp" | "mqtt-json" | "sparkplug";
  profile: string;
  gatewayId: string | null;
  address: Record<string, string | number>;
  intervalS: number;
  ratedPowerW: number | null;
};
export type PlanGpu = { id: number; index: number; uuid: string; server: string; ratedPowerW: number };
export type PlanRack = { id: string; hallId: string; reservedGpus: number; powerLimitW: number; gpus: PlanGpu[] };
export type PlanCentre = {
  id: string;
  place: Place;
  gridZone: string;
  powerCapW: number;
  storageCapacityWh: number;
  halls: { id: string; cooling: CoolingKind }[];
  racks: PlanRack[];
  devices: PlanDevice[];
};

/** Key of a GPU in the simulator: its place, which outlives the database's number for it. */
export const gpuKey = (rackId: string, index: number) => `${rackId}/${index}`;

/** Reads what is marked as simulated and not retired. */
export async function readPlan({ sql }: Database): Promise<PlanCentre[]> {
  const [centres, halls, racks, gpus, devices] = await Promise.all([
    sql<
      {
        id: string;
        latitude: number;
        longitude: number;
        altitudeM: number;
        gridZone: string;
        powerCapW: number;
        storageCapacityWh: number;
      }[]
    >`
      select id, latitude, longitude, altitude_m as "altitudeM", grid_zone as "gridZone", power_cap_w as "powerCapW",
        storage_capacity_wh as "storageCapacityWh" from centre where simulated and retired_at is null order by position, id`,
    sql<{ id: string; centreId: string; cooling: CoolingKind }[]>`
      select id, centre_id as "centreId", cooling from hall where retired_at is null order by id`,
    sql<(Omit<PlanRack, "gpus"> & { centreId: string })[]>`
      select id, centre_id as "centreId", hall_id as "hallId", reserved_gpus as "reservedGpus", power_limit_w as "powerLimitW"
      from rack where retired_at is null order by id`,
    sql<(PlanGpu & { rackId: string })[]>`
      select id, rack_id as "rackId", index, uuid, server, rated_power_w as "ratedPowerW" from gpu
      where retired_at is null order by rack_id, index`,
    sql<(PlanDevice & { centreId: string })[]>`
      select id, centre_id as "centreId", hall_id as "hallId", rack_id as "rackId", role, feed, supply, protocol, profile,
        gateway_id as "gatewayId", address, interval_s as "intervalS", rated_power_w as "ratedPowerW"
      from device where simulated and retired_at is null order by id`,
  ]);
  return centres.map(({ latitude, longitude, altitudeM, ...centre }) => ({
    ...centre,
    place: { latitude, longitude, altitudeM },
    halls: halls.filter((hall) => hall.centreId === centre.id),
    racks: racks
      .filter((rack) => rack.centreId === centre.id)
      .map((rack) => ({ ...rack, gpus: gpus.filter((gpu) => gpu.rackId === rack.id) })),
    devices: devices.filter((device) => device.centreId === centre.id),
  }));
}
