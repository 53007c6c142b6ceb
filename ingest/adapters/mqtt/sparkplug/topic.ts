import { sparkplugRoot } from "../subscriptions.ts";

export const messageTypes = ["NBIRTH", "NDEATH", "NDATA", "NCMD", "DBIRTH", "DDEATH", "DDATA", "DCMD"] as const;
export type MessageType = (typeof messageTypes)[number];

export type SparkplugTopic = { group: string; type: MessageType; edgeNode: string; device?: string };

/** `spBv1.0/<group>/<type>/<edge node>[/<device>]`; undefined for anything else. */
export function parseTopic(topic: string): SparkplugTopic | undefined {
  const [root, group, type, edgeNode, device, ...more] = topic.split("/");
  if (root !== sparkplugRoot || !group || !edgeNode || more.length || device === "") return undefined;
  const known = messageTypes.find((name) => name === type);
  if (!known || known.startsWith("D") !== (device !== undefined)) return undefined;
  return { group, type: known, edgeNode, ...(device !== undefined && { device }) };
}

export const edgeKey = (group: string, edgeNode: string): string => `${group}/${edgeNode}`;

export const rebirthTopic = (group: string, edgeNode: string): string => `${sparkplugRoot}/${group}/NCMD/${edgeNode}`;
