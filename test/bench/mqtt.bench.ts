import { freePort } from "#cli/embedded/ports.ts";
import { startEmbeddedPostgres } from "#cli/embedded/postgres.ts";
import { openDatabase } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { temporaryFolder } from "#test/support/console-process.ts";
import { commitLatencyMs, cpuSeconds, peakMemoryMb, run, startMosquitto, startWorker } from "./ingest/mqtt-path.ts";
import { printFigures } from "./report.ts";

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
  const rounds: Record<string, number>[] = [];
  for (let i = 0; i < 3; i++) {
    const [w0, b0] = [await cpuSeconds(worker.pid), await cpuSeconds(broker.pid)];
    const s = await run(db, broker.port, total, 0);
    rounds.push({
      perSecond: Math.round(total / s),
      workerCpu: (await cpuSeconds(worker.pid)) - w0,
      brokerCpu: (await cpuSeconds(broker.pid)) - b0,
      seconds: s,
    });
  }
  console.table(rounds);
  const best = Math.max(...rounds.map((r) => r.perSecond!));
  const half = Math.round(best / 2);
  await run(db, broker.port, half * 5, half);
  printFigures("mqtt", {
    messagesPerSecond: best,
    p50: await commitLatencyMs(db, 0.5),
    commitLatencyP99Ms: await commitLatencyMs(db, 0.99),
    peakMb: await peakMemoryMb(worker.pid),
  });
} finally {
  await stop();
  await db.close();
  await server.stop();
  await folder.remove();
}
