import { Counter, Gauge } from "prom-client";
import { embeddedChainId, openRpc } from "#contracts/client/chain.ts";
import { ChainSetupError, failedPart } from "#contracts/client/errors.ts";
import { startLoop } from "#contracts/client/loop.ts";
import type { StartRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { syncStep } from "./sync.ts";

/** Indexer: chain → PostgreSQL. */
export const startIndexer: StartRole = async ({ db, env, log, clock, metrics }) => {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [metrics] });
  const headBlock = gauge("hs_chain_head_block", "Newest block of the chain");
  const indexedBlock = gauge("hs_chain_indexed_block", "Newest block in the database");
  const lag = gauge("hs_chain_lag_blocks", "Blocks between the chain's head and the database");
  const reorganisations = new Counter({
    name: "hs_chain_reorgs_total",
    help: "Times that the chain took blocks back",
    registers: [metrics],
  });
  const takenBack = new Counter({
    name: "hs_chain_reorg_blocks_total",
    help: "Blocks that the chain took back",
    registers: [metrics],
  });

  if (!env.RPC_URL) throw new ChainSetupError("The indexer needs a chain: set RPC_URL.");
  const rpc = openRpc(env.RPC_URL);
  const everyMs = (await rpc.getChainId().catch(() => undefined)) === embeddedChainId ? 500 : 2_000;
  let missing: string | undefined = "the chain was not read yet";

  const loop = await startLoop({
    db,
    log,
    everyMs,
    wakeOn: [],
    async tick(stopped) {
      for (let atHead = false; !atHead && !stopped(); ) {
        const result = await syncStep(db, rpc, new Date(clock()));
        atHead = result.atHead;
        const { cursor } = result;
        if (result.rolledBack > 0) {
          reorganisations.inc();
          takenBack.inc(result.rolledBack);
          log.warn(
            { blocks: result.rolledBack, settlements: result.settlementsLost },
            "the chain took blocks back: rows above the common ancestor were taken back too",
          );
        }
        if (cursor) {
          headBlock.set(cursor.headNumber);
          indexedBlock.set(cursor.blockNumber);
          lag.set(Math.max(0, cursor.headNumber - cursor.blockNumber));
        }
        if (!result.moved) atHead = true;
        else await db.notify(channels.chain, { block: cursor?.blockNumber ?? null });
        missing = cursor
          ? atHead
            ? undefined
            : "the chain is still being read"
          : "no contracts are known on this chain yet";
      }
    },
    onError(error) {
      missing = failedPart(error);
    },
  });
  return { name: "indexer", notReady: () => missing, stop: () => loop.stop() };
};
