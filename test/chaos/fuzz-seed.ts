import fc from "fast-check";

// Every property test of this file gets the seed of its round, which the configuration has printed.
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED) });
