import { judgeTime } from "../../pipeline/clock.ts";
import type { Settled } from "../../pipeline/types.ts";
import type { Backlog } from "./backlog.ts";
import type { Delivery } from "./delivery.ts";
import type { JsonListener } from "./directory.ts";
import type { MqttMetrics } from "./metrics.ts";
import type { SparkplugHost } from "./sparkplug/host.ts";
import { sparkplugRoot } from "./subscriptions.ts";
import type { Incoming, JudgeTime } from "./types.ts";

/** A larger message is no reading of anything: it is not even parsed. */
export const mostPayloadBytes = 256 * 1024;

export type RouterOptions = {
  delivery: Delivery;
  host: SparkplugHost;
  backlog: Backlog;
  metrics: MqttMetrics;
  /** Who listens to a topic. */
  listeners: (topic: string) => JsonListener[] | undefined;
};

/** A message that the broker kept is old by an unknown time: with a time of its own it is history. */
const judgeRetained: JudgeTime = (timeUs, receivedAtUs) => judgeTime(timeUs, receivedAtUs, { historical: true });

/** Takes a message to those who understand it; `settled` without an error when it may be acknowledged. */
export function makeRouter({ delivery, host, backlog, metrics, listeners }: RouterOptions) {
  const ofSparkplug = `${sparkplugRoot}/`;

  /** What is not JSON of a device that is known. */
  const elsewhere = async (message: Incoming): Promise<void> => {
    const { topic, payload } = message;
    if (payload.length > mostPayloadBytes) {
      metrics.messages.inc({ kind: "too_large" });
      return delivery.refuse(message, "too_large", `${payload.length} bytes; at most ${mostPayloadBytes} are read`);
    }
    if (topic.startsWith(ofSparkplug)) return host.receive(message);
    metrics.messages.inc({ kind: "unknown" });
    return delivery.refuse(message, "unknown_topic", "no device of the fleet has this topic");
  };

  return (message: Incoming, settled: Settled): void => {
    const { topic, payload, receivedAtUs, retain } = message;
    const found = payload.length > mostPayloadBytes ? undefined : listeners(topic);
    if (!found) {
      elsewhere(message).then(() => settled(), settled);
      return;
    }
    if (retain) metrics.messages.inc({ kind: "retained" });
    else metrics.json();
    const judge = retain ? judgeRetained : backlog.judge;
    // All of them, also when one fails: no write may be under way when the message is given back.
    let open = found.length;
    let failure: Error | undefined;
    const one: Settled = (error) => {
      failure ??= error;
      if (--open === 0) settled(failure);
    };
    for (const { deviceId, decode } of found) {
      const decoded = decode(payload, receivedAtUs, judge);
      // Stamped with its arrival, an old value would pass for a new one.
      if (retain && !decoded.timed) one();
      else delivery.take(message, deviceId, decoded, one);
    }
  };
}
