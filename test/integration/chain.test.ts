import { eq } from "drizzle-orm";
import { Registry } from "prom-client";
import type { Hex, PublicClient } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hsTokenAbi } from "#contracts/abi/HSToken.ts";
import { settlementAbi } from "#contracts/abi/Settlement.ts";
import { openRpc } from "#contracts/client/chain.ts";
import type { ChainClient } from "#contracts/client/index.ts";
import { startIndexer } from "#contracts/indexer/role.ts";
import { syncStep } from "#contracts/indexer/sync.ts";
import { anchorRoots, newAnchorMemory } from "#contracts/settlement/anchor.ts";
import { createSettlements } from "#contracts/settlement/pending.ts";
import { startSettlement } from "#contracts/settlement/role.ts";
import { settlePending } from "#contracts/settlement/settle.ts";
import { raiseMismatches } from "#contracts/watchtower/alarms.ts";
import { compareRoots, compareSettlements } from "#contracts/watchtower/compare.ts";
import { startWatchtower } from "#contracts/watchtower/role.ts";
import { parseEnv } from "#db/config/env.ts";
import type { RoleDeps } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import {
  chainStatus,
  findSettlement,
  findSettlementOfJob,
  listSettlements,
  listTokenFlows,
  tokenSummary,
} from "#db/queries/chain.ts";
import { chainCursor, chainSettlement, chainTx, settlement } from "#db/schema/chain.ts";
import { evidenceRoot } from "#db/schema/energy.ts";
import { alarm, jobRun } from "#db/schema/work.ts";
import { fuzzChain } from "#test/support/chain-fuzz.ts";
import {
  type ChainWorld,
  indexedRows,
  openClient,
  seedCentre,
  seedFinishedJob,
  seedRoot,
  silent,
  startChainWorld,
  syncToHead,
} from "#test/support/chain-world.ts";
import { cloneDatabase } from "#test/support/database.ts";

const hs = 10n ** 18n;
const initial = 100_000_000n * hs;

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let world: ChainWorld;
let rpc: PublicClient;
let client: ChainClient;

const db = () => database.db;
const statusOf = async (jobId: string) =>
  (await db().orm.select({ status: settlement.status }).from(settlement).where(eq(settlement.jobId, jobId)))[0]?.status;
const supply = () =>
  rpc.readContract({ address: client.contracts.HSToken, abi: hsTokenAbi, functionName: "totalSupply" });

/** What the settlement role does in a tick, then what the indexer does. */
async function settleAndIndex() {
  await createSettlements(db(), client.wallet, new Date());
  const outcome = await settlePending(db(), client, Date.now);
  await anchorRoots(db(), client, newAnchorMemory());
  return { outcome, sync: await syncToHead(db(), world) };
}

/** Chain, index and our own records say the same. */
async function expectAllAgree(settledWei: bigint) {
  const burned = settledWei / 5n;
  const summary = await tokenSummary(db());
  expect(await supply()).toBe(initial - burned);
  expect(summary).toMatchObject({
    known: true,
    mintedWei: initial,
    burnedWei: burned,
    settledWei,
    paidWei: settledWei - burned,
    burnedBySettlementWei: burned,
  });
  const owed = await rpc.readContract({
    address: client.contracts.Settlement,
    abi: settlementAbi,
    functionName: "totalDeposits",
  });
  expect(owed).toBe(
    await rpc.readContract({
      address: client.contracts.HSToken,
      abi: hsTokenAbi,
      functionName: "balanceOf",
      args: [client.contracts.Settlement],
    }),
  );
  expect(await compareSettlements(db())).toEqual([]);
  expect(await compareRoots(db())).toEqual([]);
  expect((await chainStatus(db()))?.lagBlocks).toBe(0);
}

async function expectSameAsFreshSync() {
  const before = await indexedRows(db());
  await db().orm.delete(chainCursor);
  await syncToHead(db(), world);
  expect(await indexedRows(db())).toEqual(before);
}

beforeAll(async () => {
  [database, world] = await Promise.all([cloneDatabase(), startChainWorld()]);
  rpc = openRpc(world.url);
  await seedCentre(db(), "qinghai");
  await seedCentre(db(), "xinjiang");
  client = await openClient(db(), world);
});
afterAll(async () => {
  await world?.close();
  await database?.drop();
});

describe("the chain, from a finished job to the page and back through every loss", () => {
  let firstJob: string;

  it("WP-B1: settles a finished job with exactly its price, payment and burn", async () => {
    firstJob = await seedFinishedJob(db(), "qinghai", 7_200, 1_234_567);
    await seedRoot(db(), "qinghai", new Date("2026-11-23T01:00:00Z"), Buffer.alloc(32, 1));
    const { outcome } = await settleAndIndex();
    expect(outcome).toEqual({ settled: 1, waiting: 0, failed: 0 });
    // 7,200 GPU-seconds at 1.25 HS an hour: 2.5 HS, of which a fifth is burnt.
    await expectAllAgree((5n * hs) / 2n);
    const found = await findSettlement(db(), (await findSettlementOfJob(db(), firstJob))!.id);
    expect(found).toMatchObject({
      settlement: { status: "confirmed", gpuSeconds: 7_200, energyMilliWh: 1_234_567 },
      treasuryWei: 0n,
    });
    expect(found?.chain).toMatchObject({
      amountWei: (5n * hs) / 2n,
      paidWei: 2n * hs,
      burnedWei: hs / 2n,
      provider: client.wallet.providerOf("qinghai"),
    });
    expect(found?.flows.map((flow) => flow.purpose).sort()).toEqual(["burn", "payment"]);
    expect(found?.evidence).toMatchObject([
      { root: `0x${"01".repeat(32)}`, anchoredTxHash: expect.stringMatching(/^0x/) },
    ]);
    expect(found?.settlement).not.toHaveProperty("salt");
    expect((await listTokenFlows(db(), { purpose: "deposit" }))[0]?.amountWei).toBe(100_000n * hs);
  });

  it("settles nothing twice, whoever asks", async () => {
    const block = await rpc.getBlockNumber();
    // As after a crash between the transaction and our note of it.
    await db().orm.update(settlement).set({ status: "pending" }).where(eq(settlement.jobId, firstJob));
    await settleAndIndex();
    await client.settle({ ...(await orderOf(firstJob)) });
    expect(await rpc.getBlockNumber()).toBe(block);
    await expect(
      client.settle({ ...(await orderOf(firstJob)), jobHash: (await orderOf(firstJob)).jobHash, amount: 1n }),
    ).resolves.toMatch(/^0x/);
    await expectAllAgree((5n * hs) / 2n);
  });

  it("sends again what was noted as sent and never went out", async () => {
    const job = await seedFinishedJob(db(), "xinjiang", 3_600, 500_000);
    await createSettlements(db(), client.wallet, new Date());
    const { jobHash } = await orderOf(job);
    const nonce = await rpc.getTransactionCount({ address: client.wallet.settlerAddress });
    const [like] = await db().orm.select().from(chainTx).limit(1);
    const prefix = like!.key.split(":").slice(0, 2).join(":");
    const now = new Date();
    await db()
      .orm.insert(chainTx)
      .values({
        key: `${prefix}:settle:${jobHash}`,
        sender: client.wallet.settlerAddress,
        nonce,
        hash: `0x${"ab".repeat(32)}`,
        status: "sent",
        attempts: 1,
        createdAt: now,
        updatedAt: now,
      });
    await settleAndIndex();
    expect(await statusOf(job)).toBe("confirmed");
    expect(await rpc.getTransactionCount({ address: client.wallet.settlerAddress })).toBe(nonce + 1);
    await expectAllAgree((15n * hs) / 4n);
  });

  it("the chain comes back shorter after kill -9: settlements are sent again and all agree", async () => {
    await world.restart(); // what was done until here is dumped
    const genesis = world.anvil().genesisHash;
    const lost = await seedFinishedJob(db(), "qinghai", 36_000, 9_000_000);
    await seedRoot(db(), "xinjiang", new Date("2026-11-23T02:00:00Z"), Buffer.alloc(32, 2));
    await settleAndIndex();
    expect(await statusOf(lost)).toBe("confirmed");
    const length = await rpc.getBlockNumber();
    await world.kill();
    await expect(syncToHead(db(), world)).rejects.toThrow();
    await world.restart();
    expect(world.anvil().genesisHash).toBe(genesis);
    expect(await rpc.getBlockNumber()).toBeLessThan(length);
    const repaired = await syncToHead(db(), world);
    expect(repaired).toMatchObject({ rolledBack: 2, settlementsLost: 1 });
    expect(await statusOf(lost)).toBe("pending");
    expect(await db().orm.select().from(evidenceRoot).where(eq(evidenceRoot.centreId, "xinjiang"))).toMatchObject([
      { anchoredTxHash: null },
    ]);
    client = await openClient(db(), world);
    await settleAndIndex();
    expect(await statusOf(lost)).toBe("confirmed");
    await expectAllAgree((15n * hs) / 4n + (25n * hs) / 2n);
    await expectSameAsFreshSync();
  });

  it("a reorganisation of any depth ends in the rows of a fresh sync", async () => {
    const snapshot = await anvilCall<Hex>("evm_snapshot", []);
    const job = await seedFinishedJob(db(), "xinjiang", 360, 70_000);
    await settleAndIndex();
    expect(await statusOf(job)).toBe("confirmed");
    await anvilCall("evm_revert", [snapshot]);
    // The other branch is longer than what was lost.
    for (let block = 0; block < 3; block++) await anvilCall("evm_mine", []);
    const { rolledBack, settlementsLost } = await syncToHead(db(), world);
    expect({ rolledBack, settlementsLost }).toEqual({ rolledBack: 1, settlementsLost: 1 });
    expect(await statusOf(job)).toBe("pending");
    await settleAndIndex();
    expect(await statusOf(job)).toBe("confirmed");
    await anvilCall("anvil_reorg", [2, []]);
    await syncToHead(db(), world);
    await settleAndIndex();
    await expectAllAgree((15n * hs) / 4n + (25n * hs) / 2n + hs / 8n);
    await expectSameAsFreshSync();
  });

  it("a reorganisation in the middle of a batch leaves nothing of the old branch", async () => {
    await syncToHead(db(), world);
    const snapshot = await anvilCall<Hex>("evm_snapshot", []);
    const job = await seedFinishedJob(db(), "xinjiang", 3_600, 1);
    await createSettlements(db(), client.wallet, new Date());
    await settlePending(db(), client, Date.now);
    await anvilCall("anvil_mine", ["0x3"]);
    const read = (await chainStatus(db()))!.indexedBlock;
    let armed = true;
    const turning = {
      ...rpc,
      // As soon as the job's block has been read, the chain turns to another branch of the same length.
      async getLogs(request: { blockHash?: Hex }) {
        const logs = await rpc.getLogs(request as { blockHash: Hex });
        if (armed && request.blockHash) {
          armed = false;
          expect((await rpc.getBlock({ blockHash: request.blockHash })).number).toBe(BigInt(read + 1));
          await anvilCall("evm_revert", [snapshot]);
          await anvilCall("anvil_mine", ["0x6"]);
        }
        return logs;
      },
    } as unknown as PublicClient;
    await syncStep(db(), turning, new Date());
    expect(armed).toBe(false);
    await syncToHead(db(), world);
    expect(
      await db()
        .orm.select()
        .from(chainSettlement)
        .where(eq(chainSettlement.jobHash, (await orderOf(job)).jobHash)),
    ).toEqual([]);
    await expectSameAsFreshSync();
    client = await openClient(db(), world);
    await db().orm.update(settlement).set({ status: "pending" }).where(eq(settlement.jobId, job));
    await settleAndIndex();
    expect(await statusOf(job)).toBe("confirmed");
  });

  it("a root whose block is the first that the chain took back is anchored again", async () => {
    const hour = new Date("2026-11-23T05:00:00Z");
    const anchored = async () =>
      (await db().orm.select().from(evidenceRoot).where(eq(evidenceRoot.hour, hour)))[0]?.anchoredTxHash;
    await seedRoot(db(), "qinghai", hour, Buffer.alloc(32, 5));
    await syncToHead(db(), world);
    const snapshot = await anvilCall<Hex>("evm_snapshot", []);
    await settleAndIndex();
    expect(await anchored()).toMatch(/^0x/);
    await anvilCall("evm_revert", [snapshot]);
    expect((await syncToHead(db(), world)).rolledBack).toBe(1);
    expect(await anchored()).toBeNull();
    await settleAndIndex();
    expect(await anchored()).toMatch(/^0x/);
    await expectSameAsFreshSync();
  });

  it("reads final blocks by ranges and the tail block by block to the same rows", async () => {
    await anvilCall("anvil_mine", ["0x78"]);
    await syncToHead(db(), world);
    expect((await chainStatus(db()))?.finalizedBlock).toBeGreaterThan(50);
    await expectSameAsFreshSync();
  });

  it("the watchtower sees a changed record and a changed root, and closes its alarm when they are right again", async () => {
    const openAlarms = () => db().orm.select().from(alarm).where(eq(alarm.rule, "chain-mismatch"));
    await db().orm.update(jobRun).set({ itMilliWh: 1 }).where(eq(jobRun.jobId, firstJob));
    await db()
      .orm.update(evidenceRoot)
      .set({ root: Buffer.alloc(32, 9) })
      .where(eq(evidenceRoot.centreId, "xinjiang"));
    const found = [...(await compareSettlements(db())), ...(await compareRoots(db()))];
    expect(found).toMatchObject([
      { centreId: "qinghai", field: "energyMilliWh", ours: "1", onChain: "1234567" },
      { centreId: "xinjiang", field: "root", ours: `0x${"09".repeat(32)}`, onChain: `0x${"02".repeat(32)}` },
    ]);
    await raiseMismatches(db(), found, new Date());
    await raiseMismatches(db(), found, new Date());
    expect(await openAlarms()).toMatchObject([{ severity: "act", closedAt: null }, { closedAt: null }]);
    await db().orm.update(jobRun).set({ itMilliWh: 1_234_567 }).where(eq(jobRun.jobId, firstJob));
    await db()
      .orm.update(evidenceRoot)
      .set({ root: Buffer.alloc(32, 2) })
      .where(eq(evidenceRoot.centreId, "xinjiang"));
    await raiseMismatches(db(), [...(await compareSettlements(db())), ...(await compareRoots(db()))], new Date());
    expect((await openAlarms()).every((row) => row.closedAt)).toBe(true);
  });

  it("a root that conflicts with what stands does not stop the others", async () => {
    const memory = newAnchorMemory();
    await db()
      .orm.update(evidenceRoot)
      .set({ root: Buffer.alloc(32, 8), anchoredTxHash: null })
      .where(eq(evidenceRoot.centreId, "xinjiang"));
    await seedRoot(db(), "xinjiang", new Date("2026-11-23T03:00:00Z"), Buffer.alloc(32, 3));
    expect(await anchorRoots(db(), client, memory)).toBe(1);
    expect([...memory.refused.values()]).toEqual(["EvidenceRootConflict"]);
    expect(await anchorRoots(db(), client, memory)).toBe(0);
    await db()
      .orm.update(evidenceRoot)
      .set({ root: Buffer.alloc(32, 2) })
      .where(eq(evidenceRoot.hour, new Date("2026-11-23T02:00:00Z")));
    await syncToHead(db(), world);
  });

  it("another genesis: everything is deployed, settled and anchored again", async () => {
    const jobs = (await listSettlements(db())).total;
    const before = world.anvil().genesisHash;
    await world.forget();
    await world.restart();
    expect(world.anvil().genesisHash).not.toBe(before);
    // The indexer may look before the settlement has deployed anything.
    expect(await syncToHead(db(), world)).toMatchObject({ cursor: undefined, settlementsLost: jobs });
    client = await openClient(db(), world);
    const { outcome } = await settleAndIndex();
    expect(outcome).toEqual({ settled: jobs, waiting: 0, failed: 0 });
    expect((await tokenSummary(db())).settlementsByStatus).toEqual({ confirmed: jobs });
    await expectAllAgree((15n * hs) / 4n + (25n * hs) / 2n + hs / 8n + (5n * hs) / 4n);
    expect(await db().orm.select().from(evidenceRoot)).toSatisfy((rows: (typeof evidenceRoot.$inferSelect)[]) =>
      rows.every((row) => row.anchoredTxHash),
    );
  });
});

describe("whatever happens to the chain", () => {
  it.each([1, 2, 3])(
    "each job is settled once and a fresh sync gives the same rows (seed %i)",
    async (seed) => {
      const [own, chain] = [await cloneDatabase(), await startChainWorld()];
      try {
        await seedCentre(own.db, "qinghai");
        const done = await fuzzChain(own.db, chain, seed, 30);
        expect(new Set(done).size).toBeGreaterThan(5);
      } finally {
        await chain.close();
        await own.drop();
      }
    },
    90_000,
  );
});

describe("the roles together", () => {
  it("start in any order, settle what comes, survive a kill of the chain, and stop", async () => {
    const metrics = new Registry();
    const deps: RoleDeps = {
      db: db(),
      env: { ...parseEnv({ NODE_ENV: "test", DATA_DIR: world.folder }), RPC_URL: world.url },
      log: silent,
      clock: Date.now,
      metrics,
    };
    const roles = [await startWatchtower(deps), await startIndexer(deps), await startSettlement(deps)];
    try {
      const job = await seedFinishedJob(db(), "qinghai", 3_600, 400_000);
      await db().notify(channels.job, { jobId: job });
      await expect.poll(() => statusOf(job), { timeout: 10_000 }).toBe("confirmed");
      await expect
        .poll(() => roles.map((role) => role.notReady()), { timeout: 10_000 })
        .toEqual([undefined, undefined, undefined]);
      await world.kill();
      const later = await seedFinishedJob(db(), "xinjiang", 3_600, 400_000);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(roles[1]?.notReady()).toBe("the chain cannot be reached");
      await world.restart();
      await expect.poll(() => statusOf(later), { timeout: 20_000 }).toBe("confirmed");
      await expect.poll(() => statusOf(job), { timeout: 10_000 }).toBe("confirmed");
      client = await openClient(db(), world);
      await expect.poll(async () => (await chainStatus(db()))?.lagBlocks, { timeout: 5_000 }).toBe(0);
      await expectAllAgree((15n * hs) / 4n + (25n * hs) / 2n + hs / 8n + (5n * hs) / 4n + (5n * hs) / 2n);
      expect(await metrics.metrics()).toContain("hs_chain_lag_blocks 0");
    } finally {
      await Promise.all(roles.map((role) => role.stop()));
    }
  }, 60_000);
});

async function orderOf(jobId: string) {
  const [row] = await db().orm.select().from(settlement).where(eq(settlement.jobId, jobId));
  return {
    jobHash: row!.jobHash as Hex,
    client: row!.client as Hex,
    provider: row!.provider as Hex,
    amount: row!.amountWei,
    gpuSeconds: BigInt(row!.gpuSeconds),
    energyMilliWh: BigInt(row!.energyMilliWh),
    resultHash: row!.resultHash as Hex,
  };
}

function anvilCall<Result>(method: string, params: unknown[]): Promise<Result> {
  return rpc.request({ method, params } as never) as Promise<Result>;
}
