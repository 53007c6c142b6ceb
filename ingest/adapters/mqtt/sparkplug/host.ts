import type { Logger } from "pino";
import type { MqttMetrics } from "../metrics.ts";
import type { Incoming, Problem, SparkplugDevice } from "../types.ts";
import { EdgeNode, type EdgeNodeOptions, type RebirthReason } from "./edge-node.ts";
import { decodePayload, rebirthCommand, type SparkplugPayload } from "./payload.ts";
import { RebirthRequests } from "./rebirth.ts";
import { edgeKey, parseTopic, rebirthTopic } from "./topic.ts";

/** An edge node as the fleet describes it: its devices by name, "" where the node itself is one. */
export type EdgeDescription = { group: string; edgeNode: string; devices: Map<string, SparkplugDevice> };

export type HostOptions = Pick<EdgeNodeOptions, "judge" | "deliver" | "died"> & {
  publish: (topic: string, payload: Uint8Array) => boolean;
  refuse: (message: Incoming, problem: Problem) => Promise<void>;
  clock: () => number;
  log: Logger;
  metrics: MqttMetrics;
  reorderMs?: number;
  birthMs?: number;
};

/** Nodes that are there are given this long to say so before they are asked. */
const askAfterMs = 1_000;

/** The Sparkplug host application for the fleet's edge nodes. */
export class SparkplugHost {
  readonly #options: HostOptions;
  readonly #rebirths: RebirthRequests;
  readonly #nodes = new Map<string, { node: EdgeNode; description: EdgeDescription }>();
  /** Edge nodes that are to be asked for a first birth. */
  readonly #toAsk = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #up = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#rebirths = new RebirthRequests((edge, reason) => this.#ask(edge, reason), options.clock);
  }

  configure(edges: Map<string, EdgeDescription>): void {
    for (const [key, { node }] of this.#nodes) {
      if (edges.has(key)) continue;
      node.stop();
      this.#nodes.delete(key);
      this.#toAsk.delete(key);
      this.#rebirths.forget(key);
    }
    for (const [key, description] of edges) {
      const known = this.#nodes.get(key);
      if (known) known.description = description;
      else {
        this.#nodes.set(key, { node: this.#open(key), description });
        this.#toAsk.add(key);
      }
      this.#nodes.get(key)?.node.setDevices(description.devices);
    }
    this.#countBorn();
    if (this.#up) this.#askSoon();
  }

  connected(): void {
    this.#up = true;
    for (const [key, { node }] of this.#nodes) if (!node.isBorn) this.#toAsk.add(key);
    this.#askSoon();
  }

  disconnected(): void {
    this.#up = false;
    clearTimeout(this.#timer);
    for (const { node } of this.#nodes.values()) node.hostWasAway();
  }

  stop(): void {
    this.disconnected();
    for (const { node } of this.#nodes.values()) node.stop();
  }

  /** Resolves when the message may be acknowledged. */
  async receive(message: Incoming): Promise<void> {
    const { metrics, refuse } = this.#options;
    const topic = parseTopic(message.topic);
    if (!topic) {
      metrics.messages.inc({ kind: "unknown" });
      return refuse(message, { reason: "unknown_topic", detail: "no topic of Sparkplug B" });
    }
    metrics.messages.inc({ kind: topic.type });
    if (topic.type === "NCMD" || topic.type === "DCMD") return;
    const key = edgeKey(topic.group, topic.edgeNode);
    const known = this.#nodes.get(key);
    if (!known) {
      const detail = `no edge node ${topic.edgeNode} of group ${topic.group} in the fleet`;
      return refuse(message, { reason: "unknown_device", detail });
    }
    let payload: SparkplugPayload;
    try {
      payload = decodePayload(message.payload);
    } catch (error) {
      const device = known.description.devices.get(topic.device ?? "");
      const detail = (error as Error).message;
      if (device) this.#options.died(device, message.receivedAtUs, `malformed: ${detail}`);
      return refuse(message, { reason: "malformed", detail });
    }
    const { receivedAtUs, dup, payload: bytes } = message;
    const outcome = known.node.receive({
      topic: message.topic,
      type: topic.type,
      device: topic.device,
      payload,
      bytes,
      receivedAtUs,
      dup,
    });
    if (topic.type === "NBIRTH") {
      this.#rebirths.answered(key);
      this.#toAsk.delete(key);
    }
    if (topic.type === "NBIRTH" || topic.type === "NDEATH") this.#countBorn();
    return outcome;
  }

  #open(key: string): EdgeNode {
    const { judge, deliver, died, reorderMs = 2_000, birthMs = 5_000 } = this.#options;
    const requestRebirth = (reason: RebirthReason) => {
      if (this.#rebirths.request(key, reason)) this.#toAsk.delete(key);
    };
    return new EdgeNode({ judge, deliver, died, reorderMs, birthMs, requestRebirth });
  }

  #ask(key: string, reason: RebirthReason): boolean {
    const { publish, clock, log, metrics } = this.#options;
    const { group, edgeNode } = this.#nodes.get(key)?.description ?? {};
    if (group === undefined || edgeNode === undefined) return false;
    if (!publish(rebirthTopic(group, edgeNode), rebirthCommand(clock()))) return false;
    metrics.rebirths.inc({ edge_node: key, reason });
    log.info({ edgeNode: key, reason }, "a Sparkplug edge node was asked for its birth certificate");
    return true;
  }

  #askSoon(): void {
    clearTimeout(this.#timer);
    if (this.#toAsk.size === 0) return;
    this.#timer = setTimeout(() => {
      for (const key of this.#toAsk) {
        if (this.#nodes.get(key)?.node.isBorn || this.#rebirths.request(key, "start")) this.#toAsk.delete(key);
      }
      this.#askSoon();
    }, askAfterMs);
  }

  #countBorn(): void {
    let born = 0;
    for (const { node } of this.#nodes.values()) if (node.isBorn) born++;
    this.#options.metrics.edgeNodesBorn.set(born);
  }
}
