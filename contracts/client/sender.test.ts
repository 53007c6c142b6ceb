import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { eq } from "drizzle-orm";
import { type Hex, keccak256, type PublicClient, parseEther } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { chainTx } from "#db/schema/chain.ts";
import { type ChainWorld, startChainWorld } from "#test/support/chain-world.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { connectChain, openRpc } from "./chain.ts";
import { createSender, type Sender } from "./sender.ts";
import { mnemonicPath, mnemonicWallet, type Wallet } from "./wallet.ts";

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let world: ChainWorld;
let rpc: PublicClient;
let wallet: Wallet;
/** Between the sender and the chain: takes away the answers to some calls. */
let proxy: Server;
let proxyUrl: string;
let loseAnswersTo: string | undefined;
/** Also takes away the call itself. */
let loseCallsTo: string | undefined;
/** How long calls take on their way to the chain. */
let delayMs: Record<string, number> = {};

beforeAll(async () => {
  [database, world] = await Promise.all([cloneDatabase(), startChainWorld()]);
  rpc = openRpc(world.url);
  wallet = mnemonicWallet((await readFile(mnemonicPath(world.folder), "utf8")).trim());
  proxy = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method } = JSON.parse(body) as { method: string };
    if (delayMs[method]) await new Promise((resolve) => setTimeout(resolve, delayMs[method]));
    if (method === loseCallsTo) return response.socket!.destroy();
    const answer = await fetch(world.url, { method: "POST", body, headers: { "content-type": "application/json" } });
    const text = await answer.text();
    if (method === loseAnswersTo) return response.socket!.destroy();
    response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
});
afterAll(async () => {
  proxy?.close();
  await world?.close();
  await database?.drop();
});
beforeEach(() => database.db.orm.delete(chainTx));
afterEach(() => {
  loseAnswersTo = undefined;
  loseCallsTo = undefined;
  delayMs = {};
});

const sink = "0x00000000000000000000000000000000000005ee" as const;
const request = { to: sink, data: "0x" as Hex };
const openSender = async (waitMs = 3_000): Promise<Sender> =>
  createSender({ db: database.db, chain: await connectChain(proxyUrl), clock: Date.now, waitMs });
const count = () => rpc.getTransactionCount({ address: wallet.settler.address });
const rowOf = async (key: string) =>
  (await database.db.orm.select().from(chainTx)).find((row) => row.key.endsWith(`:${key}`))!;

it("sends once, and answers with the same receipt ever after", async () => {
  const sender = await openSender();
  const before = await count();
  const first = await sender.ensure("once", wallet.settler, request);
  expect((await sender.ensure("once", wallet.settler, request)).transactionHash).toBe(first.transactionHash);
  expect((await (await openSender()).ensure("once", wallet.settler, request)).transactionHash).toBe(
    first.transactionHash,
  );
  expect(await count()).toBe(before + 1);
});

it("sends once when the chain took it and its answer was lost", async () => {
  const sender = await openSender();
  const before = await count();
  loseAnswersTo = "eth_sendRawTransaction";
  await expect(sender.ensure("no-answer", wallet.settler, request)).rejects.toThrow();
  expect(await rowOf("no-answer")).toMatchObject({ status: "sent", nonce: before });
  loseAnswersTo = undefined;
  const receipt = await sender.ensure("no-answer", wallet.settler, request);
  expect(await rowOf("no-answer")).toMatchObject({ status: "confirmed", hash: receipt.transactionHash, attempts: 1 });
  expect(await count()).toBe(before + 1);
});

it("sends again what never reached the chain, with the same nonce", async () => {
  const sender = await openSender();
  const before = await count();
  loseCallsTo = "eth_sendRawTransaction";
  await expect(sender.ensure("no-call", wallet.settler, request)).rejects.toThrow();
  expect(await count()).toBe(before);
  loseCallsTo = undefined;
  await sender.ensure("no-call", wallet.settler, request);
  expect(await rowOf("no-call")).toMatchObject({ status: "confirmed", nonce: before });
  expect(await count()).toBe(before + 1);
});

it("two processes that send one key at once send it once", async () => {
  const before = await count();
  const senders = await Promise.all([openSender(), openSender(), openSender()]);
  // All of them have read that nothing was sent before one of them sends.
  delayMs = { eth_estimateGas: 300 };
  const results = await Promise.allSettled(senders.map((sender) => sender.ensure("race", wallet.settler, request)));
  expect(results.some((result) => result.status === "fulfilled")).toBe(true);
  for (const result of results)
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "TX_PENDING" });
  expect(await count()).toBe(before + 1);
});

it("many keys of one account at once get a nonce each", async () => {
  const before = await count();
  const senders = await Promise.all([openSender(20_000), openSender(20_000)]);
  // What is on its way to the node is not lost, though the node does not know it yet.
  delayMs = { eth_sendRawTransaction: 20 };
  await Promise.all(Array.from({ length: 12 }, (_, i) => senders[i % 2]!.ensure(`many-${i}`, wallet.settler, request)));
  expect(await count()).toBe(before + 12);
});

it("fills the nonce that a lost transaction left, so that what waits behind it goes on", async () => {
  const sender = await openSender();
  const chain = await connectChain(world.url);
  const before = await count();
  const sign = (nonce: number) =>
    wallet.settler.signTransaction({
      type: "eip1559",
      chainId: chain.chainId,
      nonce,
      gas: 50_000n,
      maxFeePerGas: parseEther("0.00000001"),
      maxPriorityFeePerGas: 1n,
      ...request,
    });
  // The second waits in the pool behind the first, which the chain does not know.
  const behind = await sign(before + 1);
  await rpc.sendRawTransaction({ serializedTransaction: behind });
  const prefix = `${chain.chainId}:${chain.genesisHash.slice(2, 10)}:`;
  const now = new Date();
  const row = (key: string, nonce: number, hash: Hex) => ({
    key: prefix + key,
    sender: wallet.settler.address,
    nonce,
    hash,
    status: "sent" as const,
    attempts: 1,
    createdAt: now,
    updatedAt: now,
  });
  await database.db.orm
    .insert(chainTx)
    .values([row("lost", before, keccak256(await sign(before))), row("behind", before + 1, keccak256(behind))]);
  await sender.ensure("third", wallet.settler, request);
  expect(await rowOf("third")).toMatchObject({ nonce: before, status: "confirmed" });
  expect(await sender.ensure("behind", wallet.settler, request)).toMatchObject({ status: "success" });
  expect(await rowOf("lost")).toMatchObject({ status: "pending", nonce: null, hash: null });
  await sender.ensure("lost", wallet.settler, request);
  expect(await rowOf("lost")).toMatchObject({ nonce: before + 2, status: "confirmed" });
  expect(await count()).toBe(before + 3);
});

it("sends again what its chain has lost, and tells a revert from everything else", async () => {
  const sender = await openSender();
  const before = await count();
  const snapshot = await rpc.request({ method: "evm_snapshot", params: [] } as never);
  const first = await sender.ensure("lost-block", wallet.settler, request);
  await rpc.request({ method: "evm_revert", params: [snapshot] } as never);
  expect(await count()).toBe(before);
  const again = await sender.ensure("lost-block", wallet.settler, request);
  expect(again.status).toBe("success");
  expect(await rowOf("lost-block")).toMatchObject({ nonce: before, attempts: 2 });
  expect(first.transactionHash).toMatch(/^0x/);
  // Code that always reverts: PUSH0 PUSH0 REVERT.
  await rpc.request({ method: "anvil_setCode", params: [sink, "0x5f5ffd"] } as never);
  await expect(sender.ensure("refused", wallet.settler, request)).rejects.toMatchObject({ code: "TX_REVERTED" });
  expect(await rowOf("refused")).toMatchObject({ status: "pending", nonce: null });
  await rpc.request({ method: "anvil_setCode", params: [sink, "0x"] } as never);
  await sender.ensure("refused", wallet.settler, request);
  expect(await count()).toBe(before + 2);
  const rows = await database.db.orm.select().from(chainTx).where(eq(chainTx.status, "confirmed"));
  expect(rows).toHaveLength(2);
});
