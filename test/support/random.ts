/** Pseudo-random numbers in [0, 1) from a seed: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Seed of a long run: SEED, so that a failure can be repeated, else one of the clock. It is printed. */
export function seedOfRun(what: string): number {
  const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() % 4_294_967_296;
  console.log(`${what}: SEED=${seed}`);
  return seed;
}
