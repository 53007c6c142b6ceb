import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { hsTokenAbi } from "#contracts/abi/HSToken.ts";
import { openRpc } from "#contracts/client/chain.ts";
import type { ChainClient } from "#contracts/client/index.ts";
import { anchorRoots, newAnchorMemory } from "#contracts/settlement/anchor.ts";
import { createSettlements } from "#contracts/settlement/pending.ts";
import { settlePending } from "#contracts/settlement/settle.ts";
import { compareRoots, compareSettlements } from "#contracts/watchtower/compare.ts";
import type { Database } from "#db/client.ts";
import { chainCursor, chainSettlement, settlement } from "#db/schema/chain.ts";
import { evidenceRoot } from "#db/schema/energy.ts";
import { type ChainWorld, indexedRows, openClient, seedFinishedJob, seedRoot, syncToHead } from "./chain-world.ts";
import { randomFrom } from "./random.ts";

const hourMs = 3_600_000;
const initial = 100_000_000n * 10n ** 18n;

/**
 * Jobs and roots come, the chain grows, takes blocks back to any depth, is killed and comes back shorter, settlement and
 * indexer get their turn now and then; at the end both may finish, and chain, index and our records must agree, each job
 * settled once, and a fresh sync must give the same rows. Needs the centre `qinghai`. @returns what was done.
 */
export async function fuzzChain(db: Database, world: ChainWorld, seed: number, steps: number): Promise<string[]> {
  const random = randomFrom(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const rpc = openRpc(world.url);
  const call = <T>(method: string, params: unknown[] = []) => rpc.request({ method, params } as never) as Promise<T>;
  let snapshots: string[] = [];
  let client: ChainClient | undefined;
  const settle = async () => {
    client ??= await openClient(db, world);
    await createSettlements(db, client.wallet, new Date());
    await settlePending(db, client, Date.now);
    await anchorRoots(db, client, newAnchorMemory());
  };
  const actions: Record<string, () => Promise<unknown>> = {
    job: () => seedFinishedJob(db, "qinghai", 1 + pick(100_000), pick(10_000_000)),
    root: () =>
      seedRoot(
        db,
        "qinghai",
        new Date(Math.floor(random() * 1e5) * 17 * hourMs),
        Buffer.alloc(32, 1 + pick(255)),
      ).catch(() => "the hour has a root"),
    settle,
    index: () => syncToHead(db, world),
    mine: () => call("anvil_mine", [`0x${(1 + pick(90)).toString(16)}`]),
    snapshot: async () => snapshots.push(await call<string>("evm_snapshot")),
    async takeBack() {
      const at = pick(snapshots.length || 1);
      const id = snapshots[at];
      if (!id) return;
      await call("evm_revert", [id]);
      snapshots = snapshots.slice(0, at);
      for (let block = pick(4); block > 0; block--) await call("evm_mine");
      client = undefined;
    },
    async dump() {
      await world.restart();
      snapshots = [];
      client = undefined;
    },
    async kill() {
      await world.kill();
      await world.restart();
      snapshots = [];
      client = undefined;
    },
  };
  const often = "job job job job root root settle settle settle settle settle index index index index mine mine";
  const seldom = "snapshot snapshot snapshot takeBack takeBack takeBack dump kill";
  const bag = `${often} ${seldom}`.split(" ");
  const done: string[] = [];
  for (let step = 0; step < steps; step++) {
    const name = bag[pick(bag.length)]!;
    done.push(name);
    await actions[name]!();
  }
  client = undefined;
  const open = async () =>
    (await db.orm.select().from(settlement)).some((row) => row.status !== "confirmed") ||
    (await db.orm.select().from(evidenceRoot)).some((row) => row.anchoredTxHash === null);
  for (let round = 0; round < 20 && (round === 0 || (await open())); round++) {
    await syncToHead(db, world);
    await settle();
    await syncToHead(db, world);
    // What was noted as sent is looked at again only after a while.
    await db.orm.update(settlement).set({ status: "pending" }).where(eq(settlement.status, "sent"));
  }
  const settled = await db.orm.select().from(chainSettlement);
  const ours = await db.orm.select().from(settlement);
  expect(settled.map((row) => row.jobHash).sort()).toEqual(ours.map((row) => row.jobHash).sort());
  expect(ours.every((row) => row.status === "confirmed")).toBe(true);
  const burned = settled.reduce((sum, row) => sum + row.burnedWei, 0n);
  const contracts = (await openClient(db, world)).contracts;
  expect(await rpc.readContract({ address: contracts.HSToken, abi: hsTokenAbi, functionName: "totalSupply" })).toBe(
    initial - burned,
  );
  expect(await compareSettlements(db)).toEqual([]);
  expect(await compareRoots(db)).toEqual([]);
  await syncToHead(db, world);
  const rows = await indexedRows(db);
  await db.orm.delete(chainCursor);
  await syncToHead(db, world);
  expect(await indexedRows(db)).toEqual(rows);
  return done;
}
