import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { type EmbeddedAnvil, startEmbeddedAnvil } from "#cli/embedded/anvil.ts";
import { freePort } from "#cli/embedded/ports.ts";
import { openRpc } from "#contracts/client/chain.ts";
import { type ChainClient, openChainClient } from "#contracts/client/index.ts";
import { type SyncResult, syncStep } from "#contracts/indexer/sync.ts";
import type { Database } from "#db/client.ts";
import { evidenceRoot } from "#db/schema/energy.ts";
import { centre } from "#db/schema/fleet.ts";
import { decision, job, jobRun, placement } from "#db/schema/work.ts";

export const silent = pino({ level: "silent" });

/** An embedded chain in a folder of its own, which a test may kill and start again. */
export type ChainWorld = {
  folder: string;
  url: string;
  anvil(): EmbeddedAnvil;
  /** As a power cut: no last dump. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. */
  restart(): Promise<EmbeddedAnvil>;
  /** The next start makes another chain. */
  forget(): Promise<void>;
  close(): Promise<void>;
};

/** `dumpEveryMs` is long, so that a test decides what the newest dump holds. */
export async function startChainWorld(): Promise<ChainWorld> {
  const folder = await mkdtemp(join(tmpdir(), "hs-chain-"));
  const port = await freePort();
  const start = () => startEmbeddedAnvil({ folder: join(folder, "chain"), port, log: silent, dumpEveryMs: 3_600_000 });
  let anvil = await start();
  return {
    folder,
    url: anvil.url,
    anvil: () => anvil,
    async kill() {
      process.kill(anvil.pid, "SIGKILL");
      while (isAlive(anvil.pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    async restart() {
      await anvil.stop();
      anvil = await start();
      return anvil;
    },
    async forget() {
      await anvil.stop();
      await rm(join(folder, "chain"), { recursive: true, force: true });
    },
    async close() {
      await anvil.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const settingsOf = (world: ChainWorld) => ({ DATA_DIR: world.folder, NODE_ENV: "test" as const });

export const openClient = (db: Database, world: ChainWorld): Promise<ChainClient> =>
  openChainClient({ db, rpcUrl: world.url, settings: settingsOf(world), clock: Date.now });

/** Runs the indexer until it stands at the head; what happened on the way is added up. */
export async function syncToHead(db: Database, world: ChainWorld): Promise<SyncResult> {
  const rpc = openRpc(world.url);
  let rolledBack = 0;
  let settlementsLost = 0;
  for (;;) {
    const result = await syncStep(db, rpc, new Date());
    rolledBack += result.rolledBack;
    settlementsLost += result.settlementsLost;
    if (result.atHead) return { ...result, rolledBack, settlementsLost };
  }
}

export const tariff = "1.25";

export async function seedCentre(db: Database, id: string): Promise<void> {
  const text = { en: id, "zh-Hant": id, "zh-Hans": id };
  await db.orm.insert(centre).values({
    id,
    name: text,
    locality: text,
    country: "CN",
    jurisdiction: "CN",
    latitude: 36,
    longitude: 101,
    timeZone: "Asia/Shanghai",
    gridZone: "CN-QH",
    tier: "core",
    pueCategory: 2,
    powerCapW: 1e6,
    tariff: { adderUsdPerMwh: 0, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: tariff },
    targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
    engine: { kind: "local" },
    simulated: true,
  });
}

/** A job that succeeded and was metered. @returns its id. */
export async function seedFinishedJob(
  db: Database,
  centreId: string,
  gpuSeconds: number,
  itMilliWh: number,
): Promise<string> {
  const id = `job-${randomBytes(6).toString("hex")}`;
  const start = new Date("2026-11-23T01:10:00Z");
  const end = new Date("2026-11-23T02:20:00Z");
  await db.orm.insert(job).values({
    id,
    name: "test",
    tenant: "t",
    submittedBy: "test",
    submittedAt: start,
    gpus: 2,
    durationS: 600,
    powerPerGpuW: 500,
    releaseAt: start,
    deadlineAt: end,
    policyId: "default",
    policyVersion: 1,
    workload: { kind: "test" },
    status: "succeeded",
    updatedAt: end,
  });
  const [made] = await db.orm
    .insert(decision)
    .values({ jobId: id, decidedAt: start, inputs: {}, outcome: {} })
    .returning({ id: decision.id });
  const [placed] = await db.orm
    .insert(placement)
    .values({
      jobId: id,
      decisionId: made!.id,
      centreId,
      plannedStartAt: start,
      plannedEndAt: end,
      status: "released",
      createdAt: start,
    })
    .returning({ id: placement.id });
  await db.orm.insert(jobRun).values({
    id: `run-${id}`,
    jobId: id,
    placementId: placed!.id,
    centreId,
    gpuIds: [1, 2],
    engine: "local",
    startedAt: start,
    endedAt: end,
    exitCode: 0,
    outputSha256: randomBytes(32).toString("hex"),
    gpuSeconds,
    itMilliWh,
    energyMethod: "gpu_counter",
  });
  return id;
}

export async function seedRoot(db: Database, centreId: string, hour: Date, root: Buffer): Promise<void> {
  await db.orm.insert(evidenceRoot).values({ centreId, hour, root, leaves: 7, builtAt: hour });
}

/** All rows that the indexer derives, in a fixed order: two syncs of one chain must give the same. */
export async function indexedRows(db: Database): Promise<Record<string, unknown[]>> {
  const read = async (query: string) => [...(await db.orm.execute(sql.raw(query)))];
  return {
    blocks: await read(
      "select * from chain_block where exists (select 1 from chain_log where block_hash = hash) order by number",
    ),
    logs: await read("select * from chain_log order by block_number, log_index"),
    settlements: await read("select * from chain_settlement order by job_hash"),
    flows: await read("select * from token_flow order by block_number, log_index"),
    anchored: await read(
      "select centre_id, hour, anchored_tx_hash, anchored_block from evidence_root order by centre_id, hour",
    ),
  };
}
