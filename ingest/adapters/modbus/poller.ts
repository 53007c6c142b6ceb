import type { Logger } from "pino";
import type { ReadingRow, Sink } from "../../pipeline/types.ts";
import type { DeviceReader, PollResult } from "./device-reader.ts";
import type { Gateway } from "./gateway.ts";
import type { ModbusMetrics } from "./metrics.ts";

/** A point as the database knows it: its key and its plausible range. */
export type KnownPoint = { id: number; minimum: number | null; maximum: number | null };

export type PollerOptions = {
  deviceId: string;
  gatewayId: string;
  intervalMs: number;
  gateway: Gateway;
  reader: DeviceReader;
  points: Map<string, KnownPoint>;
  sink: Pick<Sink, "seen" | "failed">;
  /** Hands rows on; false when too much waits to be written already. */
  write: (rows: ReadingRow[]) => boolean;
  /** A counter's modulus, where only the device knows it. */
  rolloverAt: (pointId: number, modulus: number) => void;
  clock: () => number;
  log: Logger;
  metrics: ModbusMetrics;
};

/** Polls of a device lie on the grid of its interval, shifted by a part of the interval that its id decides. */
export function pollPhaseMs(deviceId: string, intervalMs: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < deviceId.length; at++) hash = Math.imul(hash ^ deviceId.charCodeAt(at), 0x01000193) >>> 0;
  return Math.floor((hash / 2 ** 32) * (intervalMs / 4));
}

/** First time of the grid after `nowMs`. */
export function nextPollMs(nowMs: number, intervalMs: number, phaseMs: number): number {
  return (Math.floor((nowMs - phaseMs) / intervalMs) + 1) * intervalMs + phaseMs;
}

/** A timer may fire this much before its time; the same slot is not polled twice for it. */
const earlyMs = 5;

/** Starts polling one device: at once when its gateway is connected, then on its grid. */
export function startPoller(options: PollerOptions): { stop(): Promise<void> } {
  const { clock, gateway, intervalMs, metrics, deviceId } = options;
  const phaseMs = pollPhaseMs(deviceId, intervalMs);
  let stopped = false;
  let wake = () => {};
  const offConnected = gateway.onConnected(() => {
    options.reader.forget();
    wake();
  });

  const sleepUntil = (untilMs: number) =>
    new Promise<"due" | "woken">((resolve) => {
      const timer = setTimeout(() => resolve("due"), Math.min(intervalMs, Math.max(0, untilMs - clock())));
      wake = () => {
        clearTimeout(timer);
        resolve("woken");
      };
    });

  const run = async () => {
    let dueMs = nextPollMs(clock(), intervalMs, phaseMs);
    if (gateway.isConnected) await pollOnce(options);
    while (!stopped) {
      const reason = await sleepUntil(dueMs);
      if (stopped) return;
      if (reason === "due") metrics.pollLateSeconds.observe(Math.max(0, clock() - dueMs) / 1000);
      await pollOnce(options);
      const nextMs = nextPollMs(clock() + earlyMs, intervalMs, phaseMs);
      const skipped = Math.round((nextMs - dueMs) / intervalMs) - 1;
      if (reason === "due" && skipped > 0) metrics.skippedPolls.inc({ reason: "overrun" }, skipped);
      dueMs = nextMs;
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      offConnected();
      wake();
      await running;
    },
  };
}

async function pollOnce(options: PollerOptions): Promise<void> {
  const { clock, deviceId, log, sink } = options;
  try {
    const result = await options.reader.poll();
    report(options, result);
    const rows = readingRows(options, result);
    if (rows.length === 0) return;
    sink.seen(deviceId, Math.max(...rows.map((row) => row.receivedAtUs)));
    if (!options.write(rows)) options.metrics.skippedPolls.inc({ reason: "backpressure" });
  } catch (error) {
    // Not what a device did: one device's trouble must not end its polls, nor the process.
    log.error({ device: deviceId, err: error }, "a Modbus poll failed unexpectedly");
    sink.failed(deviceId, clock() * 1000, (error as Error).message);
  }
}

function report({ clock, deviceId, gatewayId, metrics, sink }: PollerOptions, result: PollResult): void {
  const nowUs = clock() * 1000;
  for (const failure of result.pointFailures) {
    metrics.pointFailures.inc({ gateway: gatewayId });
    sink.failed(deviceId, nowUs, failure);
  }
  // A resting unit was reported when it fell silent; nothing new is known about it.
  if (result.failure && result.failure.failure !== "resting") {
    sink.failed(deviceId, nowUs, `gateway ${gatewayId}: ${result.failure.message}`);
  }
}

function readingRows(options: PollerOptions, result: PollResult): ReadingRow[] {
  const rows: ReadingRow[] = [];
  for (const { name, value, rolloverAt, receivedAtMs } of result.values) {
    const point = options.points.get(name);
    if (!point) continue;
    if (rolloverAt !== undefined) options.rolloverAt(point.id, rolloverAt);
    const outside =
      value !== null &&
      ((point.minimum !== null && value < point.minimum) || (point.maximum !== null && value > point.maximum));
    // A Modbus device sends no time: the reply's arrival is the reading's time.
    const timeUs = Math.round(receivedAtMs * 1000);
    rows.push({
      pointId: point.id,
      timeUs,
      receivedAtUs: timeUs,
      value,
      quality: value === null ? "sentinel" : outside ? "out_of_range" : "good",
    });
  }
  return rows;
}
