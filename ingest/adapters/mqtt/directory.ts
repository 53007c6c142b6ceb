import { and, inArray, isNull } from "drizzle-orm";
import type { Database } from "#db/client.ts";
import { gpu as gpuTable, point as pointTable } from "#db/schema/fleet.ts";
import { profileOf } from "../../profiles/index.ts";
import type { Profile } from "../../profiles/types.ts";
import type { DeviceRow } from "../modbus/adapter.ts";
import { type JsonDecoder, jsonDecoder } from "./json.ts";
import type { EdgeDescription } from "./sparkplug/host.ts";
import { edgeKey } from "./sparkplug/topic.ts";
import { addressProblem, filtersOf } from "./subscriptions.ts";
import type { KnownPoint, KnownRows } from "./types.ts";

export type JsonListener = { deviceId: string; decode: JsonDecoder };

/** Who listens to what. */
export type Directory = {
  filters: Set<string>;
  /** Device ids by the filter that brings their messages. */
  devicesByFilter: Map<string, string[]>;
  jsonByTopic: Map<string, JsonListener[]>;
  edges: Map<string, EdgeDescription>;
  /** Devices whose row cannot be used, and why. */
  unusable: { deviceId: string; why: string }[];
};

/** Reads what messages need to know of these devices. Those of other protocols and retired ones are left alone. */
export async function readDirectory(db: Database, devices: DeviceRow[]): Promise<Directory> {
  const ours = devices.filter((row) => row.retiredAt === null && row.protocol !== "modbus-tcp");
  const directory: Directory = {
    filters: new Set(),
    devicesByFilter: new Map(),
    jsonByTopic: new Map(),
    edges: new Map(),
    unusable: [],
  };
  const [points, gpus] = await Promise.all([
    pointsOf(
      db,
      ours.map(({ id }) => id),
    ),
    gpusOf(
      db,
      ours.flatMap(({ rackId }) => rackId ?? []),
    ),
  ]);
  for (const row of ours) {
    const known: KnownRows = {
      points: points.get(row.id) ?? new Map(),
      gpus: (row.rackId !== null && gpus.get(row.rackId)) || new Map(),
    };
    const why = addressProblem(row) ?? enter(directory, row, known);
    if (why !== undefined) {
      directory.unusable.push({ deviceId: row.id, why });
      continue;
    }
    for (const filter of filtersOf([row])) {
      directory.filters.add(filter);
      directory.devicesByFilter.set(filter, [...(directory.devicesByFilter.get(filter) ?? []), row.id]);
    }
  }
  return directory;
}

/** Enters one device; what is wrong with its row otherwise. */
function enter(directory: Directory, row: DeviceRow, known: KnownRows): string | undefined {
  let profile: Profile;
  try {
    profile = profileOf(row.profile);
  } catch (error) {
    return (error as Error).message;
  }
  if (profile.protocol !== row.protocol)
    return `profile "${profile.name}" is for ${profile.protocol}, not ${row.protocol}`;
  if (profile.protocol === "mqtt-json") {
    const topic = String(row.address.topic);
    const listener = { deviceId: row.id, decode: jsonDecoder({ id: row.id, profile, ...known }) };
    directory.jsonByTopic.set(topic, [...(directory.jsonByTopic.get(topic) ?? []), listener]);
  } else if (profile.protocol === "sparkplug") {
    const { group, edgeNode, device = "" } = row.address as Record<string, string>;
    const key = edgeKey(group!, edgeNode!);
    const edge = directory.edges.get(key) ?? { group: group!, edgeNode: edgeNode!, devices: new Map() };
    const taken = edge.devices.get(device);
    if (taken) return `device ${taken.id} has the same Sparkplug address`;
    edge.devices.set(device, { id: row.id, profile, ...known });
    directory.edges.set(key, edge);
  }
  return undefined;
}

async function pointsOf(db: Database, deviceIds: string[]): Promise<Map<string, Map<string, KnownPoint>>> {
  const byDevice = new Map<string, Map<string, KnownPoint>>();
  if (deviceIds.length === 0) return byDevice;
  const rows = await db.orm
    .select()
    .from(pointTable)
    .where(and(inArray(pointTable.deviceId, deviceIds), isNull(pointTable.retiredAt)));
  for (const { id, deviceId, name, minimum, maximum } of rows) {
    const points = byDevice.get(deviceId) ?? new Map<string, KnownPoint>();
    byDevice.set(deviceId, points.set(name, { id, minimum, maximum }));
  }
  return byDevice;
}

/** GPU ids by rack and index. */
async function gpusOf(db: Database, rackIds: string[]): Promise<Map<string, Map<number, number>>> {
  const byRack = new Map<string, Map<number, number>>();
  if (rackIds.length === 0) return byRack;
  const rows = await db.orm
    .select()
    .from(gpuTable)
    .where(and(inArray(gpuTable.rackId, [...new Set(rackIds)]), isNull(gpuTable.retiredAt)));
  for (const { id, rackId, index } of rows) {
    const gpus = byRack.get(rackId) ?? new Map<number, number>();
    byRack.set(rackId, gpus.set(index, id));
  }
  return byRack;
}
