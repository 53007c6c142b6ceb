/* Settlement and indexer against a chain that grows, forks, dies and comes back shorter, in long random orders. */
import { describe, it } from "vitest";
import { fuzzChain } from "#test/support/chain-fuzz.ts";
import { seedCentre, startChainWorld } from "#test/support/chain-world.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { seedOfRun } from "#test/support/random.ts";

const seed = seedOfRun("chain");
const rounds = Number(process.env.CHAIN_ROUNDS ?? 15);

describe("whatever happens to the chain", () => {
  it.each(Array.from({ length: rounds }, (_, round) => seed + round))(
    "each job is settled once and a fresh sync gives the same rows (seed %i)",
    async (own) => {
      const [database, chain] = [await cloneDatabase(), await startChainWorld()];
      try {
        await seedCentre(database.db, "qinghai");
        await fuzzChain(database.db, chain, own, 120);
      } finally {
        await chain.close();
        await database.drop();
      }
    },
  );
});
