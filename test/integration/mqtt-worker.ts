/* An ingest worker of its own process, for tests that kill it: MQTT to the database, nothing else. */
import { pino } from "pino";
import { Registry } from "prom-client";
import { openDatabase } from "#db/client.ts";
import { device } from "#db/schema/fleet.ts";
import { startMqttAdapter } from "#ingest/adapters/mqtt/adapter.ts";
import { openSink } from "#ingest/pipeline/sink.ts";

/** What it says on its standard output, a line each. */
export type WorkerLine = "ready";

const [databaseUrl, url] = process.argv.slice(2) as [string, string];
const log = pino({ level: "warn" }, pino.destination(2));
const db = openDatabase({ url: databaseUrl, applicationName: "hs-test-worker" });
const common = { db, log, clock: Date.now, metrics: new Registry() };
const sink = openSink(common);
const devices = await db.orm.select().from(device);
const adapter = await startMqttAdapter({ ...common, devices, sink, url, clientId: "hs-ingest-kill" });
while (adapter.notReady() !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
console.log("ready" satisfies WorkerLine);
