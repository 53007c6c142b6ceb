import { pino } from "pino";
import { expect, it } from "vitest";
import { supervise } from "./supervise.ts";

const log = pino({ level: "silent" });

/** Parts that end when they are told to; `plan` says what becomes of each start: it runs, or fails with these words. */
function world(plan: (string | undefined)[], pausesMs: number[], steadyMs = 60_000) {
  const parts: { end(what: string): void; stopped: boolean }[] = [];
  const givenUp: string[] = [];
  const start = async (onLost: (what: string) => void) => {
    const failure = plan[parts.length];
    const part = {
      end: onLost,
      stopped: false,
      async stop() {
        part.stopped = true;
      },
    };
    parts.push(part);
    if (failure !== undefined) throw new Error(failure);
    return part;
  };
  const options = { name: "It", start, log, pausesMs, steadyMs, onGivenUp: (reason: string) => givenUp.push(reason) };
  return { parts, givenUp, supervised: () => supervise(options) };
}
const some = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));

it("starts a part again that ends, and stops the one that runs", async () => {
  const { parts, givenUp, supervised } = world([], [1, 1]);
  const { first, stop } = await supervised();
  expect(first).toBe(parts[0]);
  parts[0]!.end("It ended");
  await some();
  expect(parts).toHaveLength(2);
  await stop();
  expect(parts.map(({ stopped }) => stopped)).toEqual([false, true]);
  parts[1]!.end("It ended, as it should");
  await some();
  expect([parts.length, givenUp]).toEqual([2, []]);
});

it("gives up after as many attempts as there are pauses, once, with the last reason", async () => {
  const { parts, givenUp, supervised } = world([undefined, "no room", "no room at all"], [1, 1]);
  await supervised();
  parts[0]!.end("It ended");
  await some(60);
  expect(parts).toHaveLength(3);
  expect(givenUp).toEqual(["It could not be started: no room at all. It was started again 2 times and does not stay."]);
});

it("does not try for ever with a part that starts and ends at once, unless it stood for a while", async () => {
  for (const [steadyMs, starts] of [
    [60_000, 3],
    [0, 6],
  ] as const) {
    const { parts, givenUp, supervised } = world([], [1, 1], steadyMs);
    await supervised();
    for (let round = 0; round < 5; round++) {
      parts.at(-1)!.end("It ended");
      await some(15);
    }
    expect([parts.length, givenUp.length > 0]).toEqual([starts, steadyMs > 0]);
  }
});

it("fails as its first start fails, and a stop does not wait for a pause", async () => {
  await expect(world(["taken"], [1]).supervised()).rejects.toThrow("taken");
  const { parts, supervised } = world([], [60_000]);
  const { stop } = await supervised();
  parts[0]!.end("It ended");
  const begun = performance.now();
  await stop();
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(parts).toHaveLength(1);
});
