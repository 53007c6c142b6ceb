import type { ISubscriptionMap, MqttClient } from "mqtt";
import type { Logger } from "pino";

const filtersInOnePacket = 200;

/** Keeps the session's subscriptions as they are wanted; what stands already is not asked for again. */
export class Subscriber {
  readonly #log: Logger;
  readonly #onRefused: (filter: string) => void;
  #client: MqttClient | undefined;
  #wanted = new Set<string>();
  /** What the broker's session has, as far as this process knows. */
  #standing = new Set<string>();
  #refused = new Set<string>();

  constructor({ log, onRefused }: { log: Logger; onRefused: (filter: string) => void }) {
    this.#log = log;
    this.#onRefused = onRefused;
  }

  want(filters: Set<string>): void {
    this.#wanted = filters;
    this.#refused = new Set([...this.#refused].filter((filter) => filters.has(filter)));
    this.#apply();
  }

  connected(client: MqttClient, sessionPresent: boolean): void {
    this.#client = client;
    this.#refused.clear();
    if (!sessionPresent) this.#standing.clear();
    this.#apply();
  }

  disconnected(): void {
    this.#client = undefined;
  }

  notReady(): string | undefined {
    if (this.#refused.size) return `MQTT: the broker refuses a subscription to ${[...this.#refused].join(", ")}`;
    const missing = [...this.#wanted].find((filter) => !this.#standing.has(filter));
    return missing === undefined ? undefined : `MQTT: not subscribed to ${missing} yet`;
  }

  #apply(): void {
    const client = this.#client;
    if (!client?.connected) return;
    const gone = [...this.#standing].filter((filter) => !this.#wanted.has(filter));
    const missing = [...this.#wanted].filter((filter) => !this.#standing.has(filter) && !this.#refused.has(filter));
    for (const filters of inPortions(gone)) {
      for (const filter of filters) this.#standing.delete(filter);
      client.unsubscribe(filters, () => {});
    }
    for (const filters of inPortions(missing)) this.#subscribe(client, filters);
  }

  #subscribe(client: MqttClient, filters: string[]): void {
    // MQTT 5: a subscription that stands already does not bring its retained messages again.
    const map = Object.fromEntries(filters.map((filter) => [filter, { qos: 1, rh: 1 }])) as ISubscriptionMap;
    client.subscribe(map, (error, _, packet) => {
      if (client !== this.#client) return;
      const granted = packet?.granted as number[] | undefined;
      if (error && !granted) {
        this.#log.warn({ err: error }, "a subscription was not answered");
        return;
      }
      filters.forEach((filter, at) => {
        if ((granted?.[at] ?? 0) < 0x80) {
          this.#standing.add(filter);
          return;
        }
        this.#refused.add(filter);
        this.#log.error({ filter }, "the MQTT broker refuses a subscription; may this user read it?");
        this.#onRefused(filter);
      });
    });
  }
}

function inPortions(filters: string[]): string[][] {
  return Array.from({ length: Math.ceil(filters.length / filtersInOnePacket) }, (_, at) =>
    filters.slice(at * filtersInOnePacket, (at + 1) * filtersInOnePacket),
  );
}
