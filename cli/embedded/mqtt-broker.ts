import { createServer } from "node:net";
import { Aedes } from "aedes";
import { listen } from "./ports.ts";

export type EmbeddedBroker = { url: string; port: number; stop(): Promise<void> };

/**
 * The in-memory MQTT 3.1.1 broker for a fleet on one machine, loopback only. It keeps sessions, but not over its own end; a
 * subscriber that reads slowly holds its publishers up, and one that reads nothing for a minute is let go and comes back.
 */
export async function startEmbeddedBroker(options: {
  port: number;
  onPort?: (wanted: number, got: number) => void;
}): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker({ concurrency: 200, heartbeatInterval: 60_000 });
  const server = createServer((socket) => {
    // aedes ends the client on a socket error; without a listener here it would end the process.
    socket.on("error", () => {});
    broker.handle(socket);
  });
  const port = await listen(server, "127.0.0.1", options.port);
  if (port !== options.port) options.onPort?.(options.port, port);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop: () =>
      new Promise((resolve) => {
        broker.close(() => server.close(() => resolve()));
      }),
  };
}
