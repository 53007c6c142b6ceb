import { and, eq, sql } from "drizzle-orm";
import {
  type Address,
  type Hex,
  keccak256,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import type { LocalAccount } from "viem/accounts";
import type { Database, Orm } from "#db/client.ts";
import { chainTx } from "#db/schema/chain.ts";
import { type Chain, embeddedChainId } from "./chain.ts";
import { revertReason, TransactionPendingError, TransactionRevertedError } from "./errors.ts";

export type TransactionRequest = { to?: Address; data: Hex };

export type SenderOptions = {
  db: Database;
  chain: Chain;
  clock: () => number;
  /** How long `ensure` waits for a block before it says "pending". */
  waitMs?: number;
};

/** Sends each transaction once, through crashes of ours and of the chain. */
export type Sender = {
  /**
   * Makes sure that the transaction with this key is in a block and succeeded; sends it if it was never sent, or if the
   * chain has lost it (an embedded chain that came back shorter, a reorganisation).
   * @throws TransactionRevertedError, TransactionPendingError, or viem's error when the chain cannot be reached.
   */
  ensure(key: string, account: LocalAccount, request: TransactionRequest): Promise<TransactionReceipt>;
};

type Row = typeof chainTx.$inferSelect;

/**
 * Nonce and hash of a transaction are written down before it goes out. After a crash its hash is asked for: known, and we
 * wait for it; unknown, and it goes out again with the next free nonce, which is the same one unless another transaction
 * of the account took it. The contracts are the second line: a job settles once, a root anchors once.
 */
export function createSender({ db, chain, clock, waitMs = 20_000 }: SenderOptions): Sender {
  const { rpc, chainId } = chain;
  // A remote node may not know a transaction that another has: only after a while does unknown mean lost.
  const lostAfterMs = chainId === embeddedChainId ? 0 : 60_000;
  const stuckAfterMs = 120_000;
  const fullKey = (key: string) => `${chainId}:${chain.genesisHash.slice(2, 10)}:${key}`;

  const receiptOf = (hash: Hex) =>
    rpc.getTransactionReceipt({ hash }).catch((error: unknown) => {
      if (error instanceof TransactionReceiptNotFoundError) return undefined;
      throw error;
    });
  const knows = (hash: Hex) =>
    rpc.getTransaction({ hash }).catch((error: unknown) => {
      if (error instanceof TransactionNotFoundError) return undefined;
      throw error;
    });
  const update = (key: string, set: Partial<Row>, orm: Pick<Orm, "update"> = db.orm) =>
    orm
      .update(chainTx)
      .set({ ...set, updatedAt: new Date(clock()) })
      .where(eq(chainTx.key, key));

  async function readOrCreate(key: string, sender: Address): Promise<Row> {
    const now = new Date(clock());
    await db.orm
      .insert(chainTx)
      .values({ key, sender, status: "pending", createdAt: now, updatedAt: now })
      .onConflictDoNothing();
    const [row] = await db.orm.select().from(chainTx).where(eq(chainTx.key, key));
    return row!;
  }

  /** Settles what is still under way for the account, and answers with the next nonce. */
  async function nextNonce(tx: Orm, account: Address): Promise<number> {
    let nonce = await rpc.getTransactionCount({ address: account, blockTag: "latest" });
    const open = await tx
      .select()
      .from(chainTx)
      .where(and(eq(chainTx.sender, account), eq(chainTx.status, "sent")));
    for (const row of open) {
      if (!row.key.startsWith(fullKey("")) || row.hash === null || row.nonce === null) continue;
      if (row.nonce < nonce) continue; // in a block, or replaced: its own `ensure` finds out
      if ((await knows(row.hash as Hex)) || clock() - row.updatedAt.getTime() < lostAfterMs)
        nonce = Math.max(nonce, row.nonce + 1);
      else await update(row.key, { status: "pending", nonce: null, hash: null, error: "lost by the chain" }, tx);
    }
    return nonce;
  }

  async function submit(
    key: string,
    account: LocalAccount,
    request: TransactionRequest,
    replace?: { nonce: number; hash: Hex },
  ): Promise<Hex> {
    const gas = await rpc.estimateGas({ account: account.address, ...request }).catch(async (error: unknown) => {
      const reason = revertReason(error);
      if (reason === undefined) throw error;
      await update(key, { error: `reverts: ${reason}` });
      throw new TransactionRevertedError(key, reason, { cause: error });
    });
    const fees = await rpc.estimateFeesPerGas();
    const before = replace ? await knows(replace.hash) : undefined;
    // Nodes take a replacement only when it pays at least an eighth more.
    const raised = (fee: bigint, old: bigint | undefined) =>
      old !== undefined && (old * 5n) / 4n > fee ? (old * 5n) / 4n : fee;
    const { raw, hash } = await db.orm.transaction(async (tx) => {
      // One nonce at a time for an account, also with two settlement processes.
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${account.address}))`);
      const nonce = replace?.nonce ?? (await nextNonce(tx as unknown as Orm, account.address));
      const raw = await account.signTransaction({
        type: "eip1559",
        chainId,
        nonce,
        gas: (gas * 6n) / 5n,
        maxFeePerGas: raised(fees.maxFeePerGas, before?.maxFeePerGas),
        maxPriorityFeePerGas: raised(fees.maxPriorityFeePerGas, before?.maxPriorityFeePerGas),
        ...request,
      });
      const hash = keccak256(raw);
      await tx
        .update(chainTx)
        .set({
          status: "sent",
          nonce,
          hash,
          error: null,
          attempts: sql`${chainTx.attempts} + 1`,
          updatedAt: new Date(clock()),
        })
        .where(eq(chainTx.key, key));
      return { raw, hash };
    });
    await rpc.sendRawTransaction({ serializedTransaction: raw }).catch(async (error: unknown) => {
      if (/already known|already imported/i.test((error as Error).message)) return;
      await update(key, {
        status: "pending",
        nonce: null,
        hash: null,
        error: (error as Error).message.split("\n")[0] ?? null,
      });
      throw error;
    });
    return hash;
  }

  async function wait(key: string, hash: Hex): Promise<TransactionReceipt> {
    const deadline = Date.now() + waitMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      const receipt = await receiptOf(hash);
      if (receipt) {
        const failed = receipt.status !== "success";
        await update(
          key,
          failed ? { status: "failed", error: "reverted in its block" } : { status: "confirmed", error: null },
        );
        if (failed) throw new TransactionRevertedError(key, "reverted in its block");
        return receipt;
      }
      if (Date.now() > deadline) throw new TransactionPendingError(key, hash);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  return {
    async ensure(name, account, request) {
      const key = fullKey(name);
      const row = await readOrCreate(key, account.address);
      if (row.hash !== null && row.nonce !== null && row.status !== "failed") {
        const hash = row.hash as Hex;
        const receipt = await receiptOf(hash);
        if (receipt?.status === "success") {
          if (row.status !== "confirmed") await update(key, { status: "confirmed", error: null });
          return receipt;
        }
        const ageMs = clock() - row.updatedAt.getTime();
        if (receipt || (await knows(hash)) || (row.status === "sent" && ageMs < lostAfterMs)) {
          if (receipt || ageMs < stuckAfterMs) return wait(key, hash);
          return wait(key, await submit(key, account, request, { nonce: row.nonce, hash }));
        }
        // Whatever the row says, the chain does not know it: it goes out again.
        await update(key, { status: "pending", nonce: null, hash: null, error: "lost by the chain" });
      }
      return wait(key, await submit(key, account, request));
    },
  };
}
