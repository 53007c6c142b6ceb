import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type ModbusMetrics = ReturnType<typeof modbusMetrics>;

/** The adapter's metrics on `registry`; a second call gives the same ones. */
export function modbusMetrics(registry: Registry) {
  const registers = [registry];
  const once = <Metric>(name: string, make: () => Metric): Metric =>
    (registry.getSingleMetric(name) as Metric | undefined) ?? make();
  return {
    requests: once(
      "hs_modbus_requests_total",
      () =>
        new Counter({
          name: "hs_modbus_requests_total",
          help: "Modbus requests by outcome: ok, or how they failed.",
          labelNames: ["gateway", "outcome"],
          registers,
        }),
    ),
    requestSeconds: once(
      "hs_modbus_request_seconds",
      () =>
        new Histogram({
          name: "hs_modbus_request_seconds",
          help: "Time from a Modbus request to its reply.",
          labelNames: ["gateway"],
          buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4],
          registers,
        }),
    ),
    foreignReplies: once(
      "hs_modbus_foreign_replies_total",
      () =>
        new Counter({
          name: "hs_modbus_foreign_replies_total",
          help: "Replies dropped because they answer no open request.",
          labelNames: ["gateway"],
          registers,
        }),
    ),
    connected: once(
      "hs_modbus_connected",
      () =>
        new Gauge({
          name: "hs_modbus_connected",
          help: "1 while the gateway's connection is open.",
          labelNames: ["gateway"],
          registers,
        }),
    ),
    pollLateSeconds: once(
      "hs_modbus_poll_late_seconds",
      () =>
        new Histogram({
          name: "hs_modbus_poll_late_seconds",
          help: "How much later than its time on the grid a poll began.",
          buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 60],
          registers,
        }),
    ),
    skippedPolls: once(
      "hs_modbus_polls_skipped_total",
      () =>
        new Counter({
          name: "hs_modbus_polls_skipped_total",
          help: "Polls left out: the one before still ran (overrun), or too much waits to be written (backpressure).",
          labelNames: ["reason"],
          registers,
        }),
    ),
    pointFailures: once(
      "hs_modbus_point_failures_total",
      () =>
        new Counter({
          name: "hs_modbus_point_failures_total",
          help: "Points that a device refuses (exceptions 1, 2, 3) or does not have.",
          labelNames: ["gateway"],
          registers,
        }),
    ),
  };
}
