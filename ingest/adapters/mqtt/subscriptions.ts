import type { DeviceRow } from "../modbus/adapter.ts";

/** First level of topics that follow this product's own scheme. */
const ownRoot = "hs";
export const sparkplugRoot = "spBv1.0";

type Address = Pick<DeviceRow, "protocol" | "address">;

/**
 * What to subscribe to for these devices:
 * - a topic of our scheme (`hs/…`): everything below `hs/`, so that a device nobody has described is noticed;
 * - any other topic, such as `plant1/meter`: exactly that one, since a broker that is also somebody else's carries much
 *   that is none of our business;
 * - Sparkplug: everything of the group, `spBv1.0/<group>/#`.
 */
export function filtersOf(devices: Address[]): Set<string> {
  const filters = new Set<string>();
  for (const { protocol, address } of devices) {
    if (protocol === "sparkplug") filters.add(`${sparkplugRoot}/${address.group}/#`);
    else if (protocol === "mqtt-json") {
      const topic = String(address.topic);
      filters.add(topic.startsWith(`${ownRoot}/`) ? `${ownRoot}/#` : topic);
    }
  }
  return filters;
}

/** Whether one of the filters, all made by `filtersOf`, covers the topic. */
export function covers(filters: Set<string>, topic: string): boolean {
  return filterShapes(topic).some((filter) => filters.has(filter));
}

/** Every filter that `filtersOf` could have made for a topic: an earlier run's subscriptions live on in the session. */
export function filterShapes(topic: string): string[] {
  const [root, group] = topic.split("/", 2);
  if (root === ownRoot) return [`${ownRoot}/#`];
  return root === sparkplugRoot && group ? [`${sparkplugRoot}/${group}/#`, topic] : [topic];
}

/** What is wrong with a device's address; undefined when it can be subscribed to. */
export function addressProblem({ protocol, address }: Address): string | undefined {
  if (protocol === "sparkplug") {
    for (const part of ["group", "edgeNode"] as const) {
      if (!isLevel(address[part])) return `the device's row names no Sparkplug ${part}`;
    }
    return address.device === undefined || isLevel(address.device)
      ? undefined
      : "the device's Sparkplug name is not one level";
  }
  const { topic } = address;
  if (typeof topic !== "string" || topic === "") return "the device's row names no topic";
  if (/[+#\0]/.test(topic) || topic.startsWith("$")) return `"${topic}" is not the topic of one device`;
  return Buffer.byteLength(topic) > 65_535 ? "the device's topic is too long" : undefined;
}

const isLevel = (value: unknown) => typeof value === "string" && value !== "" && !/[/+#\0]/.test(value);
