import { Gauge } from "prom-client";
import { failedPart } from "#contracts/client/errors.ts";
import { startLoop } from "#contracts/client/loop.ts";
import type { StartRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { raiseMismatches } from "./alarms.ts";
import { compareRoots, compareSettlements } from "./compare.ts";

const tickMs = 30_000;
/** The chain moves often: a comparison follows it at this distance at most. */
const leastPauseMs = 2_000;

/** Watchtower: what the indexer read from the chain against our own records; a difference is an alarm. */
export const startWatchtower: StartRole = async ({ db, log, clock, metrics }) => {
  const found = new Gauge({
    name: "hs_chain_mismatches",
    help: "Settlements and roots on chain that differ from our records",
    registers: [metrics],
  });
  let missing: string | undefined = "nothing was compared yet";
  let last = 0;
  const loop = await startLoop({
    db,
    log,
    everyMs: tickMs,
    wakeOn: [channels.chain],
    async tick() {
      // Woken by every block: bring them together, and let settlement and indexer finish what they are writing.
      if (clock() - last < leastPauseMs) await new Promise((resolve) => setTimeout(resolve, leastPauseMs));
      last = clock();
      const mismatches = [...(await compareSettlements(db)), ...(await compareRoots(db))];
      await raiseMismatches(db, mismatches, new Date(clock()));
      found.set(mismatches.length);
      if (mismatches.length)
        log.error({ count: mismatches.length, first: mismatches[0] }, "the chain differs from our records");
      missing = undefined;
    },
    onError(error) {
      missing = `the comparison failed: ${failedPart(error)}`;
    },
  });
  return { name: "watchtower", notReady: () => missing, stop: () => loop.stop() };
};
