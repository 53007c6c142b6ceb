/* The whole path of MQTT: publisher → Mosquitto → ingest worker → database, all on this machine, each a process of its own. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { projectRoot } from "#cli/build.ts";
import { freePort } from "#cli/embedded/ports.ts";
import type { Database } from "#db/client.ts";
import { waitUntil } from "#test/support/console-process.ts";

/** As `hs` and the image start it. */
const nodeFlags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=32"];

const devices = 1_000;

/** A fleet file of meters that say one value a message. */
export async function writeFleet(file: string): Promise<string> {
  const fleet = {
    version: 1,
    centres: [
      {
        id: "bench",
        name: { en: "Bench", "zh-Hant": "基準", "zh-Hans": "基准" },
        locality: { en: "Nowhere", "zh-Hant": "無處", "zh-Hans": "无处" },
        country: "DE",
        jurisdiction: "EU",
        place: { latitude: 50, longitude: 8, altitudeM: 0 },
        timeZone: "Europe/Berlin",
        gridZone: "DE",
        tier: "edge",
        pueCategory: 2,
        powerCapKw: 1_000,
        tariff: { adderUsdPerMwh: 0, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1" },
        engine: { kind: "local" },
        devices: Array.from({ length: devices }, (_, at) => ({
          id: `d-${String(at).padStart(4, "0")}`,
          role: "other",
          protocol: "mqtt-json",
          profile: "meter-json",
          address: { topic: `hs/bench/d-${String(at).padStart(4, "0")}` },
          intervalS: 10,
        })),
        halls: [],
      },
    ],
  };
  await writeFile(file, stringify(fleet));
  return file;
}

export type Broker = { port: number; pid: number; stop(): Promise<void> };

export async function startMosquitto(folder: string): Promise<Broker> {
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  await writeFile(
    file,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nlog_type error\nset_tcp_nodelay true\n`,
  );
  const child = spawn("/usr/sbin/mosquitto", ["-c", file], { stdio: ["ignore", "inherit", "inherit"] });
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { port, pid: child.pid!, stop: () => end(child) };
}

export type Worker = { pid: number; metrics(): Promise<string>; stop(): Promise<void> };

/** `hs role ingest` as production runs it. */
export async function startWorker(folder: string, databaseUrl: string, mqttUrl: string): Promise<Worker> {
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeFlags, "cli/main.ts", "role", "ingest"], {
    cwd: projectRoot,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATA_DIR: folder,
      DATABASE_URL: databaseUrl,
      MQTT_URL: mqttUrl,
      FLEET_FILE: await writeFleet(join(folder, "..", "bench.fleet.yaml")),
      OPS_PORT: String(port),
      LOG_LEVEL: "warn",
    },
  });
  await waitUntil(
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true,
    120_000,
    () => "the ingest worker is not ready",
  );
  return {
    pid: child.pid!,
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    stop: () => end(child),
  };
}

/** Publishes; resolves when the broker acknowledged all. */
export async function publish(
  port: number,
  messages: number,
  perSecond: number,
): Promise<{ begun: number; seconds: number }> {
  const child = fork(join(import.meta.dirname, "publisher.ts"), [port, devices, messages, perSecond].map(String), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  let begun = 0;
  let seconds = 0;
  child.on("message", (said: { begun?: number; seconds?: number }) => {
    begun = said.begun ?? begun;
    seconds = said.seconds ?? seconds;
  });
  const [code] = await once(child, "exit");
  if (code !== 0 || seconds === 0) throw new Error("the publisher failed");
  return { begun, seconds };
}

/** Publishes and waits for the last row; seconds from the first message to the last commit. */
export async function run(db: Database, port: number, messages: number, perSecond: number): Promise<number> {
  await db.sql`truncate reading, point_latest, energy_dirty_hour`;
  const { begun } = await publish(port, messages, perSecond);
  await waitUntil(
    async () => Number((await db.sql`select count(*)::int as n from reading`)[0]!.n) >= messages,
    120_000,
    () => "rows are missing",
  );
  const [{ end: last }] = (await db.sql`
    select extract(epoch from max(pg_xact_commit_timestamp(x::text::xid)))::float8 * 1000 as end from (select distinct xmin::text as x from reading) t`) as unknown as [
    { end: number },
  ];
  return (last - begun) / 1_000;
}

/** Milliseconds from the publisher's clock to the commit, at this quantile. */
export async function commitLatencyMs(db: Database, quantile: number): Promise<number> {
  const [row] = await db.sql`
    select percentile_cont(${quantile}) within group (order by extract(epoch from pg_xact_commit_timestamp(xmin) - time)::float8 * 1000) as ms from reading`;
  return Number(row!.ms);
}

export async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1_024);
}

/** CPU seconds that a process used so far. */
export async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}
