/* kill -9 of an ingest worker under load: what was published with QoS 1 is in the database, each reading once. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#cli/embedded/ports.ts";
import { hasMosquitto, seedMqttFleet, startMosquitto, until } from "#ingest/adapters/mqtt/testing.ts";
import { cloneDatabase } from "#test/support/database.ts";
import type { WorkerLine } from "./mqtt-worker.ts";

if (!hasMosquitto) console.log("The kill test of MQTT is skipped: mosquitto is needed.");

describe.runIf(hasMosquitto)("a worker that is killed", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let broker: Awaited<ReturnType<typeof startMosquitto>>;
  let worker: ChildProcess | undefined;
  beforeAll(async () => {
    database = await cloneDatabase();
    broker = await startMosquitto(await freePort());
    await seedMqttFleet(database.db, [{ id: "meter", profile: "meter-json", address: { topic: "hs/c/meter" } }]);
  });
  afterAll(async () => {
    worker?.kill("SIGKILL");
    await broker?.stop();
    await database?.drop();
  });

  const startWorker = () =>
    new Promise<ChildProcess>((resolve, reject) => {
      const file = join(import.meta.dirname, "mqtt-worker.ts");
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", file, database.url, broker.url], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
      child.stdout!.on("data", (line) => {
        if (String(line).trim() === ("ready" satisfies WorkerLine)) resolve(child);
      });
    });
  const kill = (child: ChildProcess) =>
    new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  const rows = async () =>
    (await database.db.pool.query("select count(*)::int as n, coalesce(sum(value), 0)::float8 as sum from reading"))
      .rows[0] as {
      n: number;
      sum: number;
    };

  it("loses nothing and writes nothing twice", async () => {
    const total = 20_000;
    worker = await startWorker();
    const publisher = await mqtt.connectAsync(broker.url);
    const firstMs = Date.now();
    let published = 0;
    const publishing = (async () => {
      while (published < total) {
        const batch = Array.from({ length: 200 }, () => {
          const n = published++;
          return publisher.publishAsync("hs/c/meter", JSON.stringify({ time: firstMs + n, power: n }), { qos: 1 });
        });
        await Promise.all(batch);
      }
    })();
    const committed: number[] = [];
    for (const share of [0.2, 0.4, 0.6]) {
      await until(() => published > total * share, 30_000, `${share} of the messages`);
      await kill(worker);
      committed.push((await rows()).n);
      worker = await startWorker();
    }
    await publishing;
    await until(
      async () => (await rows()).n >= total,
      30_000,
      () => "all rows",
    );
    await publisher.endAsync();
    expect(await rows()).toEqual({ n: total, sum: (total * (total - 1)) / 2 });
    // The kills fell into the work, and before the end of it.
    expect(committed[0]).toBeGreaterThan(0);
    expect(committed[2]).toBeLessThan(total);
    const { rows: corrections } = await database.db.pool.query("select 1 from reading_correction");
    expect(corrections).toEqual([]);
    console.log(`committed at each kill: ${committed.join(", ")} of ${total}`);
  }, 120_000);
});
