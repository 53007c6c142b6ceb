import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { Logger } from "pino";

export type BrokerOptions = { url: string; username?: string; password?: string };

/** A connection that comes back by itself. What cannot be sent is not kept: a device shows what is, not what was. */
export function connect(
  { url, username, password }: BrokerOptions,
  name: string,
  log: Logger,
  more: IClientOptions = {},
): MqttClient {
  const client = mqtt.connect(url, {
    clientId: `hs-simulator-${name}-${process.pid}`,
    clean: true,
    queueQoSZero: false,
    reconnectPeriod: 1_000,
    connectTimeout: 5_000,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...more,
  });
  let told = false;
  client.on("connect", () => {
    told = false;
  });
  client.on("error", (error) => {
    if (!told)
      log.warn({ err: error, connection: name }, "the simulator does not reach the MQTT broker; it goes on trying");
    told = true;
  });
  return client;
}
