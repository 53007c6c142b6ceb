import type { CentrePower, Site } from "./physics/centre-power.ts";
import type { PlanCentre, PlanDevice } from "./plan.ts";

/** Power in mW that a meter counts, out of the centre's balance. */
export type Take = (power: CentrePower) => number;
/** A counter of a device: point, what it counts, and the device's own order among its equals. */
export type CounterPlan = { deviceId: string; point: string; take: Take };

/** Where the fleet file says nothing. */
const defaultRatedW = 10_000;
type PlantRole = "solar" | "wind" | "hydro";

/** A plant elsewhere whose output is ours by contract: metered, and no part of our bus. */
export const isContract = (device: PlanDevice) => device.supply === "grid-contract";
export const ratedW = (device: PlanDevice) => device.ratedPowerW ?? defaultRatedW;

/** The centre as physics sees it. */
export function siteOf(centre: PlanCentre): Site {
  const battery = centre.devices.filter((device) => device.role === "battery");
  const plants = (role: PlantRole) =>
    centre.devices.filter((device) => device.role === role && !isContract(device)).map(ratedW);
  return {
    altitudeM: centre.place.altitudeM,
    powerCapW: centre.powerCapW,
    halls: centre.halls.map((hall) => {
      const racks = centre.racks.flatMap((rack, at) => (rack.hallId === hall.id ? [at] : []));
      return {
        cooling: hall.cooling,
        racks,
        ratedItW: racks.reduce((sum, at) => sum + centre.racks[at]!.powerLimitW, 0),
      };
    }),
    racks: centre.racks.length,
    plants: { solar: plants("solar"), wind: plants("wind"), hydro: plants("hydro") },
    battery:
      battery.length && centre.storageCapacityWh > 0
        ? { ratedW: battery.reduce((sum, device) => sum + ratedW(device), 0), capacityWh: centre.storageCapacityWh }
        : null,
    heatReuseRatedW: centre.devices
      .filter((device) => device.role === "heat_reuse")
      .reduce((sum, device) => sum + ratedW(device), 0),
  };
}

/** What each device's power is in the balance (mW; battery positive on discharge), or undefined: it measures no power. */
export function takesOf(centre: PlanCentre, contractShare: (device: PlanDevice) => number): Map<string, Take> {
  const takes = new Map<string, Take>();
  const rackAt = new Map(centre.racks.map((rack, at) => [rack.id, at]));
  for (const device of centre.devices) {
    const take = takeOf(centre, device, rackAt, contractShare);
    if (take) takes.set(device.id, take);
  }
  return takes;
}

function takeOf(
  centre: PlanCentre,
  device: PlanDevice,
  rackAt: Map<string, number>,
  contractShare: (device: PlanDevice) => number,
): Take | undefined {
  const { role } = device;
  const share = (take: Take): Take => part(take, ...placeAmong(centre, device));
  switch (role) {
    case "grid":
      return share((power) => power.grid);
    case "solar":
    case "wind":
    case "hydro": {
      if (isContract(device)) return () => Math.round(ratedW(device) * contractShare(device) * 1_000);
      const at = centre.devices
        .filter((other) => other.role === role && !isContract(other))
        .findIndex((other) => other.id === device.id);
      return (power) => power.plants[role][at]!;
    }
    case "generator":
      return () => 0;
    case "battery":
      return share((power) => power.discharge - power.charge);
    case "rack_feed": {
      const at = rackAt.get(device.rackId ?? "");
      if (at === undefined) return undefined;
      return device.feed === "B" ? (power) => power.racks[at]!.b : (power) => power.racks[at]!.a;
    }
    case "ups":
      return share(overHalls(centre, device, (power) => power.upsOutput));
    case "cooling":
      return share(overHalls(centre, device, (power) => power.cooling));
    case "lighting":
      return share((power) => power.lighting);
    case "heat_reuse":
      return share((power) => power.reusedHeat);
    default:
      return undefined;
  }
}

/** A meter in a hall measures that hall; one without a hall measures the halls that have none of their own. */
function overHalls(centre: PlanCentre, device: PlanDevice, of: (power: CentrePower) => number[]): Take {
  const own = new Set(
    centre.devices.filter((other) => other.role === device.role && other.hallId).map((other) => other.hallId),
  );
  const halls = centre.halls.flatMap((hall, at) =>
    (device.hallId ? hall.id === device.hallId : !own.has(hall.id)) ? [at] : [],
  );
  return (power) => halls.reduce((sum, at) => sum + of(power)[at]!, 0);
}

/** Which of how many equals (same role and place) a device is. */
function placeAmong(centre: PlanCentre, device: PlanDevice): [number, number] {
  const equals = centre.devices.filter((other) => other.role === device.role && other.hallId === device.hallId);
  return [equals.findIndex((other) => other.id === device.id), equals.length];
}

/** The n-th of `count` whole parts that sum to the whole. */
function part(take: Take, n: number, count: number): Take {
  if (count === 1) return take;
  return (power) => {
    const whole = take(power);
    return Math.floor(((n + 1) * whole) / count) - Math.floor((n * whole) / count);
  };
}

/** Counters of a device with what each counts; powers below 0 count in the other direction. */
export function countersOf(device: PlanDevice, take: Take): CounterPlan[] {
  const deviceId = device.id;
  const positive: Take = (power) => Math.max(0, take(power));
  const negative: Take = (power) => Math.max(0, -take(power));
  switch (device.role) {
    case "grid":
      return [
        { deviceId, point: "energyImportWh", take: positive },
        { deviceId, point: "energyExportWh", take: negative },
      ];
    case "battery":
      return [
        { deviceId, point: "energyDischargedWh", take: positive },
        { deviceId, point: "energyChargedWh", take: negative },
      ];
    case "solar":
    case "wind":
    case "hydro":
    case "generator":
      return [{ deviceId, point: "energyProducedWh", take: positive }];
    default:
      return [{ deviceId, point: "energyImportWh", take: positive }];
  }
}
