import type { DeviceRole } from "#db/schema/fleet.ts";
import { staleAfterMs } from "../../pipeline/health.ts";
import { type DeviceState, type Finding, iso, type Rule, type Snapshot } from "../types.ts";

/** After a start: connections are made and first polls run. */
const startGraceMs = 15_000;
/** Devices that fall silent by one cause do so together, apart from the time a message takes. */
const togetherMs = 1_500;

/** Roles whose meters a PUE cannot do without. */
const neededRoles = new Set<DeviceRole>(["grid", "hydro", "wind", "solar", "generator", "battery", "ups", "rack_feed"]);

/** What is known of one device's silence. */
type Hearing = { device: DeviceState; lastMs: number; silent: boolean; late: boolean };

/**
 * A device that says nothing for three of its intervals, at least 5 s. What falls silent together is one alarm of what
 * it hangs on: its gateway, the centre's MQTT, or the whole centre.
 */
export const silent: Rule = {
  name: "silent",
  opensAfterMs: 0,
  closesAfterMs: 10_000,
  find(snapshot, open) {
    const findings: Finding[] = [];
    for (const { id: centreId } of snapshot.centres) {
      const paths = new Map<string, Hearing[]>();
      for (const device of snapshot.devices) {
        if (device.centreId !== centreId) continue;
        const path = device.gatewayId === null ? `mqtt:${centreId}` : `gateway:${device.gatewayId}`;
        const heard = hear(
          device,
          snapshot,
          [`silent:${device.id}`, path, `centre:${centreId}`].some((cause) => open.has(cause)),
        );
        paths.set(path, [...(paths.get(path) ?? []), heard]);
      }
      const all = [...paths.values()].flat();
      const lostAt = paths.size > 1 ? lostTogether(all) : undefined;
      if (lostAt !== undefined) {
        findings.push(group(`centre:${centreId}`, "centreSilent", centreId, all, lostAt));
        findings.push(...silentBefore(all, lostAt, open));
        continue;
      }
      for (const [path, heard] of paths) {
        const pathLostAt = lostTogether(heard);
        if (pathLostAt === undefined) {
          findings.push(...heard.filter((one) => one.silent).map(alone));
          continue;
        }
        const key = path.startsWith("mqtt:") ? "mqttSilent" : "gatewaySilent";
        findings.push(group(path, key, centreId, heard, pathLostAt));
        findings.push(...silentBefore(heard, pathLostAt, open));
      }
    }
    return { findings };
  },
};

/** `known`: an alarm covers it already, so that a restart of ours gives it no new grace. */
function hear(device: DeviceState, { nowMs, sinceMs }: Snapshot, known: boolean): Hearing {
  const patienceMs = staleAfterMs(device.intervalS);
  const graceMs = sinceMs + Math.max(0, startGraceMs - patienceMs);
  const lastMs = known ? (device.seenMs ?? 0) : Math.max(device.seenMs ?? 0, graceMs);
  const ageMs = nowMs - lastMs;
  return { device, lastMs, silent: ageMs > patienceMs, late: ageMs > 1_500 * device.intervalS + 500 };
}

/**
 * When a group was lost: one of it is silent, another at least is overdue, and nobody spoke since. Undefined: it was not,
 * or it is only one device.
 */
function lostTogether(heard: Hearing[]): number | undefined {
  const lastOfSilent = Math.max(...heard.filter((one) => one.silent).map(({ lastMs }) => lastMs));
  if (!Number.isFinite(lastOfSilent)) return undefined;
  if (heard.filter((one) => one.silent || one.late).length < 2) return undefined;
  const last = Math.max(...heard.map(({ lastMs }) => lastMs));
  return last <= lastOfSilent + togetherMs ? last : undefined;
}

/** Devices with an alarm of their own from before the group was lost: those are other faults, which stay. */
const silentBefore = (heard: Hearing[], lostAt: number, open: ReadonlySet<string>): Finding[] =>
  heard
    .filter(({ device, lastMs }) => open.has(`silent:${device.id}`) && lastMs + staleAfterMs(device.intervalS) < lostAt)
    .map(alone);

function group(cause: string, key: string, centreId: string, heard: Hearing[], lostAt: number): Finding {
  const gateway = heard[0]?.device.gatewayId;
  return {
    cause,
    severity: "act",
    centreId,
    message: {
      key,
      values: { devices: heard.length, since: iso(lostAt), ...(key === "gatewaySilent" && gateway && { gateway }) },
    },
  };
}

function alone({ device }: Hearing): Finding {
  const { id, centreId, role, seenMs } = device;
  return {
    cause: `silent:${id}`,
    severity: neededRoles.has(role) ? "act" : "watch",
    centreId,
    deviceId: id,
    message:
      seenMs === null
        ? { key: "neverHeard", values: { device: id } }
        : { key: "silent", values: { device: id, since: iso(seenMs) } },
  };
}
