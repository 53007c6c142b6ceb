/*
 * Telemetry that loses nothing, with kill -9 at random over worker and database while messages come in. MESSAGES (default
 * 1,000,000), KILLS (20), PER_SECOND (15,000), SEED.
 */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#cli/embedded/ports.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#cli/embedded/postgres.ts";
import { openDatabase } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { temporaryFolder, waitUntil } from "#test/support/console-process.ts";
import { randomFrom, seedOfRun } from "#test/support/random.ts";
import { type Broker, publish, startMosquitto, startWorker, type Worker } from "../bench/ingest/mqtt-path.ts";

const messages = Number(process.env.MESSAGES ?? 1_000_000);
const kills = Number(process.env.KILLS ?? 20);
const perSecond = Number(process.env.PER_SECOND ?? 15_000);
const there = existsSync("/usr/sbin/mosquitto");
if (!there) console.log("Chaos of ingest is skipped: mosquitto is needed.");

describe.runIf(there)("ingest", () => {
  const random = randomFrom(seedOfRun("ingest"));
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: EmbeddedPostgres;
  let broker: Broker;
  let worker: Worker;
  let port: number;
  const startDatabase = () => startEmbeddedPostgres({ folder: `${folder.path}/postgres`, port, database: "hs" });
  const startIngest = () => startWorker(`${folder.path}/worker`, server.url, `mqtt://127.0.0.1:${broker.port}`);

  beforeAll(async () => {
    folder = await temporaryFolder();
    port = await freePort(26_432);
    server = await startDatabase();
    await migrate(server.url, new Date());
    broker = await startMosquitto(folder.path);
    worker = await startIngest();
  }, 120_000);
  afterAll(async () => {
    await worker?.stop();
    await broker?.stop();
    await server?.stop();
    await folder?.remove();
  });

  it(`${messages} messages, ${kills} kills: none lost, none twice`, { timeout: 1_800_000 }, async () => {
    const publishing = publish(broker.port, messages, perSecond);
    const seconds = messages / perSecond;
    for (let kill = 1; kill <= kills; kill++) {
      await pause((seconds / (kills + 1)) * 1_000 * (0.5 + random()));
      const victim = random() < 0.5 ? "worker" : "database";
      if (victim === "worker") {
        process.kill(worker.pid, "SIGKILL");
        await worker.stop();
        worker = await startIngest();
      } else {
        process.kill(server.pid, "SIGKILL");
        await pause(random() * 3_000);
        server = await startDatabase();
      }
      console.log(`kill ${kill} of ${kills}: ${victim}`);
    }
    await publishing;
    const db = openDatabase({ url: server.url, applicationName: "hs-chaos" });
    try {
      const count = async (from: string) =>
        Number((await db.sql.unsafe(`select count(*)::int as n from ${from}`))[0]!.n);
      await waitUntil(
        async () => (await count("reading")) >= messages,
        300_000,
        () => "messages are missing",
      ).catch(async () => {
        expect(await count("reading")).toBe(messages);
      });
      await pause(1_000);
      expect(await count("reading")).toBe(messages);
      expect(await count("(select distinct point_id, time from reading) as r")).toBe(messages);
      expect(await count("reading_correction")).toBe(0);
      expect(await count("dead_letter")).toBe(0);
      expect(await count("reading_clock_suspect")).toBe(0);
    } finally {
      await db.close();
    }
  });
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
