import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type MqttMetrics = ReturnType<typeof mqttMetrics>;

/** The adapter's metrics on `registry`; a second call gives the same ones. */
export function mqttMetrics(registry: Registry) {
  const registers = [registry];
  const once = <Metric>(name: string, make: (name: string) => Metric): Metric =>
    (registry.getSingleMetric(name) as Metric | undefined) ?? make(name);
  return {
    messages: once(
      "hs_mqtt_messages_total",
      (name) =>
        new Counter({
          name,
          help: "MQTT messages by kind: json, a type of Sparkplug message, retained (left out: nobody knows its age), too_large, unknown.",
          labelNames: ["kind"],
          registers,
        }),
    ),
    connected: once(
      "hs_mqtt_connected",
      (name) => new Gauge({ name, help: "1 while the broker's connection is open.", registers }),
    ),
    inFlight: once(
      "hs_mqtt_inflight",
      (name) => new Gauge({ name, help: "Messages between their arrival and their commit.", registers }),
    ),
    inFlightBytes: once(
      "hs_mqtt_inflight_bytes",
      (name) => new Gauge({ name, help: "Bytes of messages between their arrival and their commit.", registers }),
    ),
    ackSeconds: once(
      "hs_mqtt_ack_seconds",
      (name) =>
        new Histogram({
          name,
          help: "Time from a QoS 1 message to its acknowledgement, which follows its commit.",
          buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
          registers,
        }),
    ),
    redeliveries: once(
      "hs_mqtt_redeliveries_total",
      (name) => new Counter({ name, help: "Messages that the broker marked as sent before.", registers }),
    ),
    rebirths: once(
      "hs_sparkplug_rebirth_requests_total",
      (name) =>
        new Counter({
          name,
          help: "Rebirth requests to Sparkplug edge nodes, and why: start, unborn, gap, unknown_alias.",
          labelNames: ["edge_node", "reason"],
          registers,
        }),
    ),
    edgeNodesBorn: once(
      "hs_sparkplug_edge_nodes_born",
      (name) => new Gauge({ name, help: "Edge nodes of the fleet whose birth certificate is known.", registers }),
    ),
  };
}
