import type { Logger } from "pino";
import type { PlanDevice } from "../plan.ts";
import type { SimulatedFleet } from "../types.ts";
import { gpuMetrics } from "./gpu-message.ts";
import { type BrokerOptions, connect } from "./mqtt-connection.ts";
import type { Schedule } from "./schedule.ts";
import { decodeCommand, encodePayload, type SparkplugMetric } from "./sparkplug-payload.ts";

const rebirthName = "Node Control/Rebirth";

/**
 * A Sparkplug B edge node with one device: its will is its death certificate, births come after each connection and when a
 * host asks for them, data goes by alias. seq runs 0 … 255 from the node's birth; bdSeq grows with each connection.
 */
export function startSparkplugNode({
  device,
  fleet,
  log,
  ...broker
}: BrokerOptions & { device: PlanDevice; fleet: SimulatedFleet; log: Logger }) {
  const { group, edgeNode, device: deviceName } = device.address as Record<string, string>;
  const topic = (type: string, ofDevice = false) =>
    `spBv1.0/${group}/${type}/${edgeNode}${ofDevice && deviceName ? `/${deviceName}` : ""}`;
  let bdSeq = ((fleet.timeUs() / 1e6) % 256) | 0;
  let seq = 0;
  let born = false;
  const will = () => ({
    topic: topic("NDEATH"),
    payload: encodePayload(fleet.timeUs() / 1_000, [{ name: "bdSeq", type: "int64", value: bdSeq }]),
    qos: 1 as const,
    retain: false,
  });
  const client = connect(broker, `node-${group}-${edgeNode}`, log, { will: will() });
  const aliases = new Map<string, number>();

  const send = (type: string, ofDevice: boolean, metrics: SparkplugMetric[]) => {
    client.publish(topic(type, ofDevice), encodePayload(fleet.timeUs() / 1_000, metrics, seq), { qos: 0 });
    seq = (seq + 1) % 256;
  };
  const metricsNow = () => gpuMetrics(fleet.gpusOf(device.rackId ?? ""), fleet.valuesOf(device.id));
  const birth = () => {
    seq = 0;
    const ofNode: SparkplugMetric[] = [
      { name: "bdSeq", type: "int64", value: bdSeq },
      { name: rebirthName, type: "boolean", value: false },
    ];
    const metrics = metricsNow().map((metric) => ({ ...metric, alias: aliasOf(aliases, metric.name) }));
    // Without a device name the node itself has the metrics.
    send("NBIRTH", false, deviceName ? ofNode : [...ofNode, ...metrics]);
    if (deviceName) send("DBIRTH", true, metrics);
    born = true;
  };

  client.on("connect", () => {
    client.subscribe(topic("NCMD"), { qos: 1 }, (error) => {
      if (error) log.warn({ err: error, edgeNode }, "a simulated edge node cannot hear commands");
      birth();
    });
  });
  client.on("close", () => {
    if (!born) return;
    born = false;
    bdSeq = (bdSeq + 1) % 256;
    client.options.will = will();
  });
  client.on("message", (_, bytes) => {
    if (decodeCommand(bytes)?.some(({ name, value }) => name === rebirthName && value === true)) birth();
  });

  return {
    tick(nowMs: number, schedule: Schedule): void {
      if (!born || !client.connected || !fleet.isAnswering(device.id)) return;
      if (!schedule.isDue(device.id, device.intervalS * 1_000, nowMs)) return;
      const metrics = metricsNow().map(({ name, ...rest }) => ({ ...rest, alias: aliasOf(aliases, name) }));
      send(deviceName ? "DDATA" : "NDATA", true, metrics);
    },
    isConnected: () => born,
    async stop(): Promise<void> {
      // A node that leaves by itself publishes its death: the broker keeps the will of an orderly disconnect to itself.
      if (client.connected) {
        const { topic: at, payload } = will();
        await client.publishAsync(at, payload, { qos: 0 }).catch(() => {});
      }
      await client.endAsync(true);
    },
  };
}

function aliasOf(aliases: Map<string, number>, name: string): number {
  const known = aliases.get(name);
  if (known !== undefined) return known;
  aliases.set(name, aliases.size + 1);
  return aliases.size;
}
