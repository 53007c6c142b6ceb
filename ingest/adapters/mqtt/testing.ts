import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { centre, device, gpu, hall, point, rack } from "#db/schema/fleet.ts";
import { judgeTime } from "../../pipeline/clock.ts";
import type { DeadLetter, GpuSampleRow, ReadingRow, Sink } from "../../pipeline/types.ts";
import { profileOf } from "../../profiles/index.ts";
import type { MqttJsonProfile, SparkplugProfile } from "../../profiles/types.ts";
import { type MqttAdapter, type MqttAdapterOptions, startMqttAdapter } from "./adapter.ts";
import type { JsonDevice, KnownPoint, SparkplugDevice } from "./types.ts";

/** A log that writes nothing. */
const silentLog = pino({ level: "silent" });

/** A sink that keeps what it is given; `gate` holds every commit up until it resolves. */
export function memorySink() {
  const rows: ReadingRow[] = [];
  const samples: GpuSampleRow[] = [];
  const letters: DeadLetter[] = [];
  const failures: { deviceId: string; error: string }[] = [];
  const seen: { deviceId: string; clockOffsetMs: number | undefined }[] = [];
  const state = { gate: Promise.resolve() as Promise<unknown>, handedOver: 0 };
  const commit = async (keep: () => void) => {
    state.handedOver++;
    await state.gate;
    keep();
  };
  const sink: Sink = {
    readings: (more) => commit(() => rows.push(...more)),
    take: (more, settled) => void commit(() => rows.push(...more)).then(() => settled(), settled),
    gpuSamples: (more) => commit(() => samples.push(...more)),
    deadLetter: (letter) => commit(() => letters.push(letter)),
    seen: (deviceId, _, clockOffsetMs) => void seen.push({ deviceId, clockOffsetMs }),
    failed: (deviceId, _, error) => void failures.push({ deviceId, error }),
  };
  return { sink, rows, samples, letters, failures, seen, state };
}

/** The points of a profile as a database would know them: ids from `firstId`. */
function knownPoints(profile: MqttJsonProfile | SparkplugProfile, firstId: number): Map<string, KnownPoint> {
  return new Map(
    profile.points.map(({ name, minimum = null, maximum = null }, at) => [
      name,
      { id: firstId + at, minimum, maximum },
    ]),
  );
}

/** A device for decoders without a database: points 1, 2, …, GPUs 0 … n − 1 with ids 100, 101, …. */
export function testDevice<Kind extends JsonDevice | SparkplugDevice>(profileName: string, gpus = 0): Kind {
  const profile = profileOf(profileName) as MqttJsonProfile | SparkplugProfile;
  return {
    id: "device",
    profile,
    points: knownPoints(profile, 1),
    gpus: new Map(Array.from({ length: gpus }, (_, index) => [index, 100 + index])),
  } as Kind;
}

export const plainJudge = judgeTime as (
  timeUs: number | undefined,
  receivedAtUs: number,
) => ReturnType<typeof judgeTime>;

export type SeedDevice = {
  id: string;
  profile: string;
  protocol?: "mqtt-json" | "sparkplug";
  address: Record<string, string>;
  inRack?: boolean;
};

/** Makes the database's fleet one centre with rack `r` of `gpus` GPUs and these devices. */
export async function seedMqttFleet(db: Database, devices: SeedDevice[], gpus = 2): Promise<void> {
  for (const table of [point, device, gpu, rack]) await db.orm.delete(table);
  const name = { en: "Test", "zh-Hant": "測試", "zh-Hans": "测试" };
  await db.orm
    .insert(centre)
    .values({
      id: "c",
      name,
      locality: name,
      country: "CN",
      jurisdiction: "CN",
      latitude: 0,
      longitude: 0,
      timeZone: "Asia/Shanghai",
      gridZone: "CN-GD",
      tier: "edge",
      pueCategory: 2,
      powerCapW: 1e6,
      tariff: { adderUsdPerMwh: 0, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1" },
      targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
      engine: { kind: "local" },
      simulated: false,
    })
    .onConflictDoNothing();
  await db.orm.insert(hall).values({ id: "h", centreId: "c", name: "Hall", cooling: "air" }).onConflictDoNothing();
  const gpuClass = "H100";
  await db.orm
    .insert(rack)
    .values({ id: "r", centreId: "c", hallId: "h", row: "A", slot: 1, powerLimitW: 4e4, gpuClass, gpuCount: gpus });
  if (gpus) {
    const one = { rackId: "r", server: "r-s01", gpuClass, ratedPowerW: 700 };
    await db.orm
      .insert(gpu)
      .values(Array.from({ length: gpus }, (_, index) => ({ ...one, index, uuid: `unknown:r/${index}` })));
  }
  for (const { id, profile, protocol = "mqtt-json", address, inRack } of devices) {
    await db.orm.insert(device).values({
      id,
      centreId: "c",
      role: "other",
      protocol,
      address,
      profile,
      intervalS: 1,
      simulated: false,
      ...(inRack && { hallId: "h", rackId: "r" }),
    });
    const points = (profileOf(profile) as MqttJsonProfile).points.map(
      ({ name: pointName, quantity, unit, kind, minimum, maximum }) => ({
        deviceId: id,
        name: pointName,
        quantity,
        unit,
        kind,
        minimum,
        maximum,
      }),
    );
    if (points.length) await db.orm.insert(point).values(points);
  }
}

/** Starts the adapter for all devices of the database. */
export async function startTestAdapter(
  db: Database,
  options: Partial<MqttAdapterOptions> & Pick<MqttAdapterOptions, "url" | "sink">,
): Promise<{ adapter: MqttAdapter; metrics: Registry; value(name: string): Promise<number> }> {
  const metrics = options.metrics ?? new Registry();
  const adapter = await startMqttAdapter({
    db,
    devices: await db.orm.select().from(device),
    clock: Date.now,
    log: silentLog,
    metrics,
    clientId: "hs-ingest-test",
    random: () => 0,
    ...options,
  });
  return { adapter, metrics, value: (name) => metricValue(metrics, name) };
}

/** Sum over a metric's series that contain `label`; of a histogram its count. */
export async function metricValue(metrics: Registry, name: string, label = ""): Promise<number> {
  return (await metrics.metrics())
    .split("\n")
    .filter((line) => line.startsWith(name) && /[{ ]/.test(line[name.length] ?? "") && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Waits until `condition` holds. @throws Error after `withinMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string | (() => string),
): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const mosquittoFile = "/usr/sbin/mosquitto";
/** Whether a real Mosquitto and its clients are on this machine. */
export const hasMosquitto = existsSync(mosquittoFile) && existsSync("/usr/bin/mosquitto_pub");

/**
 * A real Mosquitto on a loopback port, with persistence, in a folder of its own. `configure` writes what it needs there and
 * returns more lines of configuration, or a whole one.
 */
export async function startMosquitto(
  port: number,
  configure: (folder: string) => Promise<string[]> = async () => ["allow_anonymous true"],
  whole = false,
) {
  const folder = await mkdtemp(join(tmpdir(), "hs-mosquitto-"));
  const file = join(folder, "mosquitto.conf");
  // As root it would become the user mosquitto, who may not write here.
  const asRoot = process.getuid?.() === 0 ? ["user root"] : [];
  const base = [
    `listener ${port} 127.0.0.1`,
    "persistence true",
    `persistence_location ${folder}/`,
    "max_inflight_messages 0",
    "max_queued_messages 0",
  ];
  await writeFile(file, [...(whole ? [] : base), ...asRoot, ...(await configure(folder)), ""].join("\n"));
  let child: ChildProcess;
  const start = async () => {
    child = spawn(mosquittoFile, ["-c", file], { stdio: "ignore" });
    await until(() => accepts(port), 5_000, "Mosquitto to listen");
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    folder,
    /** Orderly: it writes its sessions to disk. */
    halt: () => end("SIGTERM"),
    start,
    async stop() {
      await end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
