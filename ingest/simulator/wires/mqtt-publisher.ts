import type { Logger } from "pino";
import type { PlanDevice } from "../plan.ts";
import type { SimulatedFleet } from "../types.ts";
import { gpuJson } from "./gpu-message.ts";
import { type BrokerOptions, connect } from "./mqtt-connection.ts";
import { Schedule } from "./schedule.ts";
import { startSparkplugNode } from "./sparkplug-node.ts";

type PublisherOptions = BrokerOptions & {
  devices: PlanDevice[];
  fleet: SimulatedFleet;
  log: Logger;
};

/** What this machine's broker may be asked to hold: beyond it a message is left out, as a device's own buffer would. */
const mostInFlight = 500;

/** Publishes the racks' GPUs: JSON over one connection, and one connection for each Sparkplug edge node, as its will demands. */
export function startMqttPublisher(options: PublisherOptions) {
  const { devices, fleet, log } = options;
  const json = devices.filter((device) => device.protocol === "mqtt-json" && device.role === "gpu_rack");
  const nodes = devices
    .filter((device) => device.protocol === "sparkplug" && device.role === "gpu_rack")
    .map((device) => startSparkplugNode({ ...options, device }));
  const client = json.length ? connect(options, "json", log) : undefined;
  const schedule = new Schedule();
  let inFlight = 0;

  return {
    /** Publishes what is due of the newest step. */
    tick(nowMs: number): void {
      for (const node of nodes) node.tick(nowMs, schedule);
      if (!client?.connected) return;
      for (const device of json) {
        if (!fleet.isAnswering(device.id) || inFlight >= mostInFlight) continue;
        if (!schedule.isDue(device.id, device.intervalS * 1_000, nowMs)) continue;
        const text = gpuJson(fleet.timeUs() / 1_000, fleet.gpusOf(device.rackId ?? ""), fleet.valuesOf(device.id));
        inFlight++;
        client.publish(String(device.address.topic), text, { qos: 1 }, () => inFlight--);
      }
    },
    isConnected: () => (client?.connected ?? true) && nodes.every((node) => node.isConnected()),
    async stop(): Promise<void> {
      await Promise.all([client?.endAsync(true), ...nodes.map((node) => node.stop())]);
    },
  };
}
