import { judgeTime } from "../../pipeline/clock.ts";
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

/** Takes a message to those who understand it; resolves when it may be acknowledged. */
export function makeRouter({ delivery, host, backlog, metrics, listeners }: RouterOptions) {
  return async (message: Incoming): Promise<void> => {
    const { topic, payload, receivedAtUs, retain } = message;
    if (payload.length > mostPayloadBytes) {
      metrics.messages.inc({ kind: "too_large" });
      return delivery.refuse(message, "too_large", `${payload.length} bytes; at most ${mostPayloadBytes} are read`);
    }
    if (topic.startsWith(`${sparkplugRoot}/`)) return host.receive(message);
    const found = listeners(topic);
    if (!found) {
      metrics.messages.inc({ kind: "unknown" });
      return delivery.refuse(message, "unknown_topic", "no device of the fleet has this topic");
    }
    metrics.messages.inc({ kind: retain ? "retained" : "json" });
    const judge = retain ? judgeRetained : backlog.judge;
    const done = found.map(({ deviceId, decode }) => {
      const decoded = decode(payload, receivedAtUs, judge);
      // Stamped with its arrival, an old value would pass for a new one.
      if (retain && !decoded.timed) return undefined;
      return delivery.rows(message, deviceId, decoded);
    });
    if (done.length === 1) return done[0];
    await Promise.all(done);
  };
}
