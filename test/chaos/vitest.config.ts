import { defineConfig } from "vitest/config";

const root = new URL("../..", import.meta.url).pathname;
/** SEED repeats a night that failed. Vitest reads this file again in its workers: the seed is kept in the environment. */
process.env.SEED ??= String(Date.now() % 2 ** 31);
const seed = Number(process.env.SEED);
const fuzzRounds = Number(process.env.FUZZ_ROUNDS ?? 20);
if (!process.env.VITEST_WORKER_ID) console.log(`nightly: SEED=${seed}`);

/** Property tests that touch no database: parsers, placement, formulas. Each round runs them all with another seed. */
const properties = [
  "scheduler/placement/properties.test.ts",
  "ingest/adapters/mqtt/{json,message-time}.test.ts",
  "ingest/adapters/mqtt/sparkplug/*.test.ts",
  "ingest/adapters/modbus/{frame,registers,planner}.test.ts",
  "contracts/settlement/amount.test.ts",
  "domain/**/*.test.ts",
];

export default defineConfig({
  test: {
    root,
    maxWorkers: 1,
    fileParallelism: false,
    projects: [
      {
        test: {
          root,
          name: "chaos",
          include: ["test/chaos/**/*.chaos.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
        },
      },
      ...Array.from({ length: fuzzRounds }, (_, round) => ({
        test: {
          root,
          name: `fuzz ${(seed + round) % 2 ** 31}`,
          include: properties,
          setupFiles: ["test/chaos/fuzz-seed.ts"],
          env: { FUZZ_SEED: String((seed + round) % 2 ** 31) },
          testTimeout: 300_000,
        },
      })),
    ],
  },
});
