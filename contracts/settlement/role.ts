import { Counter, Gauge } from "prom-client";
import { readGenesisHash } from "#contracts/client/chain.ts";
import { ChainSetupError, failedPart } from "#contracts/client/errors.ts";
import { type ChainClient, openChainClient } from "#contracts/client/index.ts";
import { startLoop } from "#contracts/client/loop.ts";
import type { StartRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { type AnchorMemory, anchorRoots, newAnchorMemory } from "./anchor.ts";
import { createSettlements } from "./pending.ts";
import { settlePending } from "./settle.ts";

const tickMs = 1_000;

/**
 * Settlement: finished jobs and evidence roots → chain. Deploys the contracts at the first start. Whatever it did before a
 * crash, of its own or of the chain, it finds out by asking the chain and goes on.
 */
export const startSettlement: StartRole = async ({ db, env, log, clock, metrics }) => {
  const sent = new Counter({
    name: "hs_settlements_sent_total",
    help: "Jobs settled on chain by this process",
    registers: [metrics],
  });
  const failures = new Counter({
    name: "hs_settlement_failures_total",
    help: "Settlements that the contract refuses for good",
    registers: [metrics],
  });
  const anchored = new Counter({
    name: "hs_evidence_roots_sent_total",
    help: "Evidence roots sent to the chain",
    registers: [metrics],
  });
  const refused = new Gauge({
    name: "hs_evidence_roots_refused",
    help: "Evidence roots that the registry refuses",
    registers: [metrics],
  });
  const waiting = new Gauge({
    name: "hs_settlements_waiting",
    help: "Settlements that wait for cover or a block",
    registers: [metrics],
  });

  const rpcUrl = env.RPC_URL;
  if (!rpcUrl) throw new ChainSetupError("The settlement needs a chain: set RPC_URL.");
  let client: ChainClient | undefined;
  let head: { number: bigint; hash: string } | undefined;
  let memory: AnchorMemory = newAnchorMemory();
  let missing: string | undefined = "the chain was not reached yet";

  /** The block that was the head at the last tick still stands; if not, the chain lost blocks or is another. */
  const stillStands = async (chain: ChainClient["chain"]) => {
    if (!head) return true;
    const block = await chain.rpc.getBlock({ blockNumber: head.number }).catch(() => undefined);
    return block?.hash === head.hash && (await readGenesisHash(chain.rpc)) === chain.genesisHash;
  };

  const loop = await startLoop({
    db,
    log,
    everyMs: tickMs,
    wakeOn: [channels.job, channels.chain],
    async tick() {
      if (client && !(await stillStands(client.chain))) {
        log.warn(
          { block: Number(head?.number) },
          "the chain came back without a block that we have seen: checking contracts and settlements",
        );
        client = undefined;
        memory = newAnchorMemory();
      }
      if (!client) {
        client = await openChainClient({ db, rpcUrl, settings: env, clock });
        log.info(
          { chainId: client.chain.chainId, genesis: client.chain.genesisHash, contracts: client.contracts },
          "contracts are in place",
        );
      }
      missing = undefined;
      await createSettlements(db, client.wallet, new Date(clock()));
      const outcome = await settlePending(db, client, clock);
      sent.inc(outcome.settled);
      failures.inc(outcome.failed);
      waiting.set(outcome.waiting);
      anchored.inc(await anchorRoots(db, client, memory));
      refused.set(memory.refused.size);
      const block = await client.chain.rpc.getBlock();
      head = { number: block.number, hash: block.hash };
    },
    onError(error) {
      // Opened anew at the next tick: whatever is missing on the chain is then put in place.
      client = undefined;
      head = undefined;
      missing = failedPart(error);
    },
  });
  return { name: "settlement", notReady: () => missing, stop: () => loop.stop() };
};
