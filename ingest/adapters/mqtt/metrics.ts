import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type MqttMetrics = ReturnType<typeof mqttMetrics>;

/** The adapter's metrics on `registry`; a second call gives the same ones. */
export function mqttMetrics(registry: Registry) {
  const registers = [registry];
  const once = <Metric>(name: string, make: (name: string) => Metric): Metric =>
    (registry.getSingleMetric(name) as Metric | undefined) ?? make(name);
  let json = 0;
  const messages = once(
    "hs_mqtt_messages_total",
    (name) =>
      new Counter({
        name,
        help: "MQTT messages by kind: json, a type of Sparkplug message, retained (left out: nobody knows its age), too_large, unknown.",
        labelNames: ["kind"],
        registers,
        collect() {
          this.inc({ kind: "json" }, json);
          json = 0;
        },
      }),
  );
  return {
    messages,
    /** One more JSON message: counted here and told when the metrics are read, there being very many. */
    json: () => void json++,
    connected: once(
      "hs_mqtt_connected",
      (name) => new Gauge({ name, help: "1 while the broker's connection is open.", registers }),
    ),
    /** Asked when the metrics are read. */
    inFlight: (count: () => { messages: number; bytes: number }) => {
      const gauge = (name: string, help: string, of: () => number) =>
        once(
          name,
          () =>
            new Gauge({
              name,
              help,
              registers,
              collect() {
                this.set(of());
              },
            }),
        );
      gauge("hs_mqtt_inflight", "Messages between their arrival and their commit.", () => count().messages);
      gauge("hs_mqtt_inflight_bytes", "Bytes of messages between arrival and commit.", () => count().bytes);
    },
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
