import { and, eq, isNull, ne, sql } from "drizzle-orm";
import {
  type Address,
  BaseError,
  type Hex,
  HttpRequestError,
  keccak256,
  TimeoutError,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import type { LocalAccount } from "viem/accounts";
import type { Database } from "#db/client.ts";
import { chainTx } from "#db/schema/chain.ts";
import { type Chain, embeddedChainId } from "./chain.ts";
import { revertedInBlock, revertReason, TransactionPendingError, TransactionRevertedError } from "./errors.ts";

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
  /** One submission at a time in this process for each account: it holds one connection and works on another. */
  const turns = new Map<Address, Promise<unknown>>();
  const inTurn = <Result>(account: Address, work: () => Promise<Result>): Promise<Result> => {
    const turn = (turns.get(account) ?? Promise.resolve()).then(work, work);
    turns.set(account, turn);
    return turn;
  };
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
  const update = (key: string, set: Partial<Row>) =>
    db.orm
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

  /**
   * Settles what is still under way for the account, and answers with the lowest nonce that is free: one that a lost
   * transaction leaves behind is taken first, or everything after it would wait for ever.
   */
  async function nextNonce(account: Address, key: string): Promise<number> {
    const first = await rpc.getTransactionCount({ address: account, blockTag: "latest" });
    const taken = new Set<number>();
    const open = await db.orm
      .select()
      .from(chainTx)
      .where(and(eq(chainTx.sender, account), eq(chainTx.status, "sent"), ne(chainTx.key, key)));
    for (const row of open) {
      if (!row.key.startsWith(fullKey("")) || row.hash === null || row.nonce === null) continue;
      if (row.nonce < first) continue; // in a block, or replaced: its own `ensure` finds out
      if ((await knows(row.hash as Hex)) || clock() - row.updatedAt.getTime() < lostAfterMs) taken.add(row.nonce);
      else await update(row.key, { status: "pending", nonce: null, hash: null, error: "lost by the chain" });
    }
    let nonce = first;
    while (taken.has(nonce)) nonce++;
    return nonce;
  }

  /** @param was hash that the row was read with: if it has another by now, another process is sending this key. */
  async function submit(
    key: string,
    was: string | null,
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
    const send = async (): Promise<Hex> => {
      const nonce = replace?.nonce ?? (await nextNonce(account.address, key));
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
      // Committed before it goes out: after a crash the hash on record decides.
      const [mine] = await db.orm
        .update(chainTx)
        .set({
          status: "sent",
          nonce,
          hash,
          error: null,
          attempts: sql`${chainTx.attempts} + 1`,
          updatedAt: new Date(clock()),
        })
        .where(and(eq(chainTx.key, key), was === null ? isNull(chainTx.hash) : eq(chainTx.hash, was)))
        .returning({ key: chainTx.key });
      if (!mine) throw new TransactionPendingError(key, "sent by another process");
      await broadcast(key, raw, hash);
      return hash;
    };
    return inTurn(account.address, () =>
      db.orm.transaction(async (lock) => {
        // Held until the node has it, also against another process: to everybody else it would look lost.
        await lock.execute(sql`select pg_advisory_xact_lock(hashtext(${account.address}))`);
        return send();
      }),
    );
  }

  async function broadcast(key: string, raw: Hex, hash: Hex): Promise<void> {
    await rpc.sendRawTransaction({ serializedTransaction: raw }).catch(async (error: unknown) => {
      if (/already known|already imported/i.test((error as Error).message)) return;
      // No answer, or one that came from another node: it may be on its way. Its hash stays on record and decides.
      if (isSilence(error) || (await knows(hash).catch(() => undefined))) throw error;
      await update(key, {
        status: "pending",
        nonce: null,
        hash: null,
        error: (error as Error).message.split("\n")[0] ?? null,
      });
      throw error;
    });
  }

  async function wait(key: string, hash: Hex): Promise<TransactionReceipt> {
    const deadline = Date.now() + waitMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      const receipt = await receiptOf(hash);
      if (receipt) {
        const failed = receipt.status !== "success";
        await update(key, failed ? { status: "failed", error: revertedInBlock } : { status: "confirmed", error: null });
        if (failed) throw new TransactionRevertedError(key, revertedInBlock);
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
          return wait(key, await submit(key, hash, account, request, { nonce: row.nonce, hash }));
        }
        // Whatever the row says, the chain does not know it: it goes out again.
        return wait(key, await submit(key, hash, account, request));
      }
      return wait(key, await submit(key, row.hash, account, request));
    },
  };
}

/** The chain did not answer: whether it took what was sent is not known. */
function isSilence(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk((cause) => cause instanceof TimeoutError || cause instanceof HttpRequestError) !== null
  );
}
