import { eq } from "drizzle-orm";
import { keccak256, stringToHex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobHashOf, resultHashOf } from "#contracts/client/hashes.ts";
import type { Database } from "#db/client.ts";
import { chainCursor, chainLog, chainSettlement, settlement, tokenFlow } from "#db/schema/chain.ts";
import { evidenceLeaf, evidenceRoot } from "#db/schema/energy.ts";
import { auditLog } from "#db/schema/people.ts";
import { jobRun } from "#db/schema/work.ts";
import { leafValues } from "#domain/evidence/leaf.ts";
import { buildEvidenceTree } from "#domain/evidence/tree.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { answerOf, loadContext, type SignedIn, signedIn } from "#test/support/signed-in.ts";
import { seedFleet } from "../api/testing.ts";
import type { SettlementPage } from "../presenters/settlement.server.ts";
import { type SettlementProof, verifyProof } from "../presenters/settlement-proof.ts";
import * as list from "./settlements._index.tsx";
import * as one from "./settlements.$id.tsx";
import * as proofFile from "./settlements.$id_.proof[.]json.ts";

const hour = 3_600_000;
const nowMs = Date.UTC(2026, 10, 23, 10, 20);
const salt = `0x${"5a".repeat(32)}` as const;
let clone: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let id: string;
let governance: SignedIn;
let operator: SignedIn;
let elsewhere: SignedIn;

beforeAll(async () => {
  clone = await cloneDatabase();
  db = clone.db;
  const seeded = await seedFleet(db, nowMs, 3, []);
  id = seeded.settlementId;
  governance = await signedIn(db, "governance", nowMs);
  operator = await signedIn(db, "operator", nowMs);
  elsewhere = await signedIn(db, "operator", nowMs, ["xinjiang"]);
  await seedChain(seeded.jobId);
});
afterAll(() => clone?.drop());

/** Hashes as the contracts' client makes them, an anchored hour and one that is not anchored yet, and a cursor. */
async function seedChain(jobId: string): Promise<void> {
  const hashes = { jobHash: jobHashOf(jobId, salt), resultHash: resultHashOf(null, salt) };
  await db.orm.update(chainSettlement).set(hashes);
  await db.orm.update(settlement).set({ ...hashes, salt });
  const [run] = await db.orm.select().from(jobRun).where(eq(jobRun.id, "run-1"));
  const firstMs = Math.floor(run!.startedAt!.getTime() / hour) * hour;
  for (const [at, anchored] of [true, false].entries()) {
    const hourMs = firstMs + at * hour;
    const tree = buildEvidenceTree(
      Array.from({ length: 3 }, (_, n) =>
        leafValues({
          centreId: "guangzhou",
          hourMs,
          deviceId: `gz-${n}`,
          point: "energyImportWh",
          method: "counter",
          energyMilliWh: 1_000 * n,
          coveredS: 3_600,
          readings: 360,
          firstReadingUs: hourMs * 1_000,
          lastReadingUs: (hourMs + hour) * 1_000,
          notes: [],
          simulated: true,
        }),
      ),
    );
    const txHash = `0x${"77".repeat(32)}`;
    await db.orm.insert(evidenceRoot).values({
      centreId: "guangzhou",
      hour: new Date(hourMs),
      root: Buffer.from(tree.root.slice(2), "hex"),
      leaves: 3,
      builtAt: new Date(nowMs),
      ...(anchored && { anchoredTxHash: txHash, anchoredBlock: 11 }),
    });
    await db.orm.insert(evidenceLeaf).values(
      tree.leaves.map(({ values, hash }, index) => ({
        centreId: "guangzhou",
        hour: new Date(hourMs),
        index,
        pointId: 1,
        method: "counter" as const,
        values,
        hash: Buffer.from(hash.slice(2), "hex"),
      })),
    );
    if (anchored)
      await db.orm.insert(chainLog).values({
        blockHash: `0x${"bb".repeat(32)}`,
        logIndex: 0,
        blockNumber: 11,
        txHash,
        contract: "EvidenceRegistry",
        event: "RootAnchored",
        args: {
          centre: keccak256(stringToHex("guangzhou")),
          hour: String(hourMs / 1_000),
          root: tree.root,
          leaves: 3,
        },
      });
  }
  const transfer = { blockHash: `0x${"aa".repeat(32)}`, blockNumber: 12, txHash: `0x${"ef".repeat(32)}` };
  await db.orm.insert(tokenFlow).values([
    {
      ...transfer,
      logIndex: 0,
      purpose: "mint",
      fromAddress: "0x0",
      toAddress: "0x1",
      amountWei: 10n ** 26n,
      time: new Date(nowMs),
    },
    {
      ...transfer,
      logIndex: 1,
      purpose: "burn",
      fromAddress: "0x1",
      toAddress: "0x0",
      amountWei: 12n * 10n ** 17n,
      time: new Date(nowMs),
    },
  ]);
  await db.orm.insert(chainCursor).values({
    name: "index:test",
    chainId: 31_337,
    genesisHash: "0xgenesis",
    blockNumber: 14,
    blockHash: "0xhead",
    headNumber: 15,
    finalizedNumber: 12,
    updatedAt: new Date(nowMs - 2_000),
  });
}

const open = (who: SignedIn, settlementId = id, atMs = nowMs) =>
  answerOf(() =>
    one.loader({
      request: who.get(`/settlements/${settlementId}`),
      context: loadContext(db, atMs),
      params: { id: settlementId },
    }),
  );
const pageOf = (answer: { data: never }) => (answer.data as { page: SettlementPage }).page;
const download = (who: SignedIn) =>
  answerOf(() =>
    proofFile.loader({
      request: who.get(`/settlements/${id}/proof.json`),
      context: loadContext(db, nowMs),
      params: { id },
    }),
  );
const load = async (who: SignedIn, query = "", atMs = nowMs) =>
  (
    await answerOf(() =>
      list.loader({ request: who.get(`/settlements${query}`), context: loadContext(db, atMs), params: {} }),
    )
  ).data as unknown as Awaited<ReturnType<typeof list.loader>>;

describe("one settlement", () => {
  it("leads from the job to the transaction, with amounts to the wei and finality", async () => {
    const page = pageOf(await open(operator));
    expect(page).toMatchObject({
      status: "confirmed",
      amountWei: "24000000000000000001",
      chain: {
        paidWei: "22800000000000000001",
        burnedWei: "1200000000000000000",
        treasuryWei: "0",
        blockNumber: 12,
        confirmations: 4,
        final: true,
      },
      chainState: { state: "live", lagBlocks: 1 },
      simulated: true,
    });
    expect(page.hours.map(({ leaves, block }) => [leaves, block])).toEqual([
      [3, 11],
      [3, null],
    ]);
    expect(page.anchored).toBe(1);
  });

  it("keeps the salt from whoever does not audit, and other centres' settlements from everybody", async () => {
    expect(pageOf(await open(operator))).toMatchObject({ salt: null, maySalt: false });
    expect(JSON.stringify((await open(operator)).data)).not.toContain(salt.slice(2));
    expect(pageOf(await open(governance))).toMatchObject({ salt, maySalt: true });
    expect((await open(elsewhere)).status).toBe(404);
    expect((await open(operator, "settlement-none")).status).toBe(404);
  });

  it("says in plain words why it waits or failed, and that the chain is silent", async () => {
    await db.orm.update(settlement).set({ status: "failed", statusReason: "SettlementInvalidAddress" });
    expect(pageOf(await open(operator))).toMatchObject({
      lead: { rest: "Client or provider has an address that cannot take part." },
    });
    expect(pageOf(await open(operator, id, nowMs + 60_000)).chainState.state).toBe("silent");
    expect((await load(operator)).lead.strong).toBe("1 settlement failed and needs a hand.");
    expect((await load(operator, "", nowMs + 60_000)).lead.strong).toBe("The chain cannot be reached.");
    await db.orm.update(settlement).set({ status: "confirmed", statusReason: null });
  });
});

describe("the proof", () => {
  it("is a file that verifies as a whole for an auditor, and writes down who took the salt", async () => {
    const answer = await download(governance);
    expect(answer.status).toBe(200);
    const proof = answer.data as SettlementProof;
    const result = verifyProof(proof);
    expect(result).toMatchObject({ ok: true, wrongLeaves: [] });
    expect(
      result.checks.filter(({ key }) => key === "jobHash" || key === "root" || key === "chain").map(({ ok }) => ok),
    ).toEqual([true, true, true, true]);
    expect(result.checks.filter(({ key }) => key === "anchor").map(({ ok }) => ok)).toEqual([true, null]);
    const lines = await db.orm.select().from(auditLog).where(eq(auditLog.action, "settlement.salt"));
    expect(lines).toMatchObject([{ actor: governance.person.id, subject: `settlement/${id}` }]);
  });

  it("comes without the salt for others, and not at all from elsewhere", async () => {
    const proof = (await download(operator)).data as SettlementProof;
    expect(proof.salt).toBeNull();
    expect(verifyProof(proof).checks.find(({ key }) => key === "jobHash")?.ok).toBeNull();
    expect((await download(elsewhere)).status).toBe(404);
  });

  it("shows a root that the ledger changed after it was anchored", async () => {
    const [root] = await db.orm.select().from(evidenceRoot).where(eq(evidenceRoot.anchoredBlock, 11));
    await db.orm
      .update(evidenceRoot)
      .set({ root: Buffer.alloc(32, 7) })
      .where(eq(evidenceRoot.anchoredBlock, 11));
    const result = verifyProof((await download(operator)).data as SettlementProof);
    expect(result.ok).toBe(false);
    await db.orm.update(evidenceRoot).set({ root: root!.root }).where(eq(evidenceRoot.anchoredBlock, 11));
  });
});

describe("the list", () => {
  it("shows supply against the floor, and only what the reader may see", async () => {
    const all = await load(operator);
    expect(all.supply).toEqual({
      mintedWei: (10n ** 26n).toString(),
      supplyWei: (10n ** 26n - 12n * 10n ** 17n).toString(),
      floorWei: (20_260_000n * 10n ** 18n).toString(),
      burnedWei: (12n * 10n ** 17n).toString(),
      burnableWei: (10n ** 26n - 12n * 10n ** 17n - 20_260_000n * 10n ** 18n).toString(),
    });
    expect(all.rows).toMatchObject([{ id, burnedWei: "1200000000000000000", blockNumber: 12 }]);
    expect(all.lead.strong).toBe("Every finished job is settled.");
    expect((await load(elsewhere)).rows).toEqual([]);
    expect((await load(await signedIn(db, "operator", nowMs, []))).rows).toEqual([]);
    expect((await load(operator, "?status=failed")).rows).toEqual([]);
  });
});
