/*
 * The whole path of MQTT: a raw publisher of single-reading QoS 1 messages → Mosquitto → `hs role ingest` → database, each
 * a process of its own on this machine; validated, and committed before it is acknowledged. Latency is from the
 * publisher's clock to the commit as the database says it.
 */
import { freePort } from "#cli/embedded/ports.ts";
import { startEmbeddedPostgres } from "#cli/embedded/postgres.ts";
import { openDatabase } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { temporaryFolder } from "#test/support/console-process.ts";
import { commitLatencyMs, cpuSeconds, peakMemoryMb, run, startMosquitto, startWorker } from "./ingest/mqtt-path.ts";
import { printFigures } from "./report.ts";

const rounds = 3;
const halfLoadSeconds = 10;

const folder = await temporaryFolder();
const server = await startEmbeddedPostgres({
  folder: `${folder.path}/pg`,
  port: await freePort(25_432),
  database: "hs",
  settings: { track_commit_timestamp: "on" },
});
const db = openDatabase({ url: server.url, applicationName: "hs-bench" });
let stop = async () => {};
try {
  await migrate(server.url, new Date());
  const broker = await startMosquitto(folder.path);
  stop = () => broker.stop();
  const worker = await startWorker(`${folder.path}/worker`, server.url, `mqtt://127.0.0.1:${broker.port}`);
  stop = async () => {
    await worker.stop();
    await broker.stop();
  };
  const total = Number(process.env.MESSAGES ?? 300_000);
  await run(db, broker.port, 20_000, 0);
  const rates: number[] = [];
  let [workerS, brokerS] = [await cpuSeconds(worker.pid), await cpuSeconds(broker.pid)];
  for (let round = 0; round < rounds; round++) rates.push(total / (await run(db, broker.port, total, 0)));
  [workerS, brokerS] = [(await cpuSeconds(worker.pid)) - workerS, (await cpuSeconds(broker.pid)) - brokerS];
  const middle = rates.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
  const half = Math.round(middle / 2);
  await run(db, broker.port, half * halfLoadSeconds, half);
  const microseconds = (seconds: number) => Number(((seconds / (rounds * total)) * 1e6).toFixed(1));
  printFigures("mqtt", {
    messages: total,
    messagesPerSecond: Math.round(middle),
    messagesPerSecondBest: Math.round(Math.max(...rates)),
    workerCpuMicrosecondsPerMessage: microseconds(workerS),
    brokerCpuMicrosecondsPerMessage: microseconds(brokerS),
    halfLoadPerSecond: half,
    commitLatencyP50Ms: Math.round(await commitLatencyMs(db, 0.5)),
    commitLatencyP99Ms: Math.round(await commitLatencyMs(db, 0.99)),
    workerPeakMemoryMb: await peakMemoryMb(worker.pid),
  });
} finally {
  await stop();
  await db.close();
  await server.stop();
  await folder.remove();
}
