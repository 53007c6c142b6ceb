import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createPublicClient, http } from "viem";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAlive } from "#test/support/chain-world.ts";
import { type EmbeddedAnvil, startEmbeddedAnvil } from "./anvil.ts";
import { freePort } from "./ports.ts";

let folder: string;
const log = pino({ level: "silent" });
const running: EmbeddedAnvil[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hs-anvil-"));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((anvil) => anvil.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedAnvil> {
  const anvil = await startEmbeddedAnvil({ folder, port: await freePort(), log, dumpEveryMs: 3_600_000 });
  running.push(anvil);
  return anvil;
}
const rpcOf = (anvil: EmbeddedAnvil) => createPublicClient({ transport: http(anvil.url) });
const mine = (anvil: EmbeddedAnvil) => rpcOf(anvil).request({ method: "evm_mine", params: [] } as never);
const heightOf = (anvil: EmbeddedAnvil) => rpcOf(anvil).getBlockNumber({ cacheTime: 0 });

it("keeps the chain through stops: same genesis, same blocks, a phrase that only the owner may read", async () => {
  const first = await start();
  await mine(first);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  for (let round = 0; round < 3; round++) {
    const again = await start();
    expect(again.genesisHash).toBe(first.genesisHash);
    expect(await heightOf(again)).toBe(1n + BigInt(round));
    await mine(again);
    await again.stop();
  }
  expect((await stat(join(folder, "mnemonic"))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(folder, "mnemonic"), "utf8")).trim().split(" ")).toHaveLength(12);
  expect(await rpcOf(await start()).request({ method: "eth_accounts", params: [] } as never)).toEqual([]);
});

it("comes back with the older generation when the newest state is truncated, and with none when both are", async () => {
  const first = await start();
  await mine(first);
  await first.stop();
  const second = await start();
  await mine(second);
  await second.stop();
  await truncate(join(folder, "state.json"), 100);
  const older = await start();
  expect(await heightOf(older)).toBe(1n);
  expect(older.genesisHash).toBe(first.genesisHash);
  await older.stop();
  for (const name of await readdir(folder))
    if (/^state(\.previous)?\.json$/.test(name)) await writeFile(join(folder, name), '{"accounts":{},"blocks":"x"}');
  const fresh = await start();
  expect(await heightOf(fresh)).toBe(0n);
  expect(fresh.genesisHash).toBe(first.genesisHash);
});

it("survives a kill at any point of writing its state", async () => {
  const first = await start();
  await mine(first);
  await first.stop();
  // As if killed with the draft half written, and again between the two renames.
  await writeFile(join(folder, "state.json.draft"), "{");
  const second = await start();
  expect(await heightOf(second)).toBe(1n);
  await mine(second);
  await second.stop();
  await rename(join(folder, "state.json"), join(folder, "state.json.draft"));
  const third = await start();
  expect(await heightOf(third)).toBe(1n);
  expect(third.genesisHash).toBe(first.genesisHash);
});

it("refuses a port that another chain has, and leaves the state alone", async () => {
  const first = await start();
  const port = Number(new URL(first.url).port);
  const other = await mkdtemp(join(tmpdir(), "hs-anvil-"));
  await expect(startEmbeddedAnvil({ folder: other, port, log })).rejects.toThrow(/anvil ended while it was starting/);
  await rm(other, { recursive: true, force: true });
});

it.runIf(process.platform === "linux")("leaves no process when its parent is killed with kill -9", async () => {
  const script = `
    const { startEmbeddedAnvil } = await import(${JSON.stringify(new URL("./anvil.ts", import.meta.url).href)});
    const log = { warn() {}, error() {} };
    const anvil = await startEmbeddedAnvil({ folder: ${JSON.stringify(folder)}, port: ${await freePort()}, log });
    process.stdout.write(String(anvil.pid));
    setInterval(() => {}, 1000);`;
  const parent = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(chunk.toString());
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 3_000 }).toBe(false);
});
