import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Logger } from "pino";
import { type Address, createPublicClient, type Hex, http, type PublicClient } from "viem";
import { english, generateMnemonic, mnemonicToAccount } from "viem/accounts";
import { z } from "zod";
import { writeWhole } from "../write-whole.ts";
import { decodeDump, newestState, setAside, writeLoadFile, writeState } from "./anvil-state.ts";

export type EmbeddedAnvil = {
  url: string;
  pid: number;
  /** Hash of block 0: which chain this is. */
  genesisHash: Hex;
  /** Writes the state, then ends the process; calling it twice is harmless. */
  stop(): Promise<void>;
};

export type EmbeddedAnvilOptions = {
  /** Folder of the chain's mnemonic and state; made if missing. */
  folder: string;
  port: number;
  log: Logger;
  /** Milliseconds between two dumps while blocks come. */
  dumpEveryMs?: number;
  /** The chain ended and nobody had asked it to. */
  onLost?: (what: string) => void;
};

const chainId = 31_337;
/** The first accounts of the mnemonic that get gas at genesis: owner, settler, client and a few to spare. */
const fundedAccounts = 10;
const fundedWei = 10_000n * 10n ** 18n;

/**
 * Starts the native anvil of the npm package `@foundry-rs/anvil-<platform>` on loopback.
 *
 * A block is mined for every transaction and at no other time: a chain at rest stays as small as it is. anvil holds no
 * key: the accounts of our own mnemonic are funded by the genesis file. Its own dump can be truncated by a kill, so the
 * state is dumped here, atomically, with two generations kept; what the chain did since the last dump is lost with a
 * `kill -9`, and the indexer and the settlement repair that. anvil dies with this process.
 */
export async function startEmbeddedAnvil(options: EmbeddedAnvilOptions): Promise<EmbeddedAnvil> {
  const { folder, log } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mnemonic = await readOrCreateMnemonic(join(folder, "mnemonic"));
  const url = `http://127.0.0.1:${options.port}`;
  const client = createPublicClient({ transport: http(url, { timeout: 20_000, retryCount: 0 }) });

  const genesisPath = join(folder, "genesis.json");
  const genesisTimestamp = await readOrCreateGenesis(genesisPath, mnemonic);
  let child: ChildProcess | undefined;
  while (!child) {
    const found = await newestState(folder, (path, reason) =>
      log.warn({ path, reason }, "chain state is not readable"),
    );
    const source = found
      ? ["--load-state", await writeLoadFile(folder, found.state, genesisTimestamp)]
      : ["--init", genesisPath];
    try {
      child = await launch(options.port, source, client, accountOf(mnemonic, 0));
    } catch (error) {
      // A state that anvil itself refuses: the older generation, or a new chain, is better than none.
      if (!found || !(error instanceof AnvilEndedError) || !/state/i.test(error.message)) throw error;
      log.warn({ path: found.path, err: error }, "anvil refused its state: going on with the one before it");
      await setAside(found.path);
    }
  }
  const genesis = await client.getBlock({ blockNumber: 0n });
  const running = child;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  running.once("exit", (code, signal) => {
    if (stopping) return;
    // Nothing is left to dump: the newest state on disk is what the next one starts with.
    stopping = true;
    clearInterval(timer);
    options.onLost?.(`The chain ended (${signal ?? `exit code ${code}`})`);
  });

  let dumpedHash: Hex | undefined;
  let dumping: Promise<void> = Promise.resolve();
  const dump = () => {
    dumping = dumping.then(async () => {
      const head = await client.getBlock();
      if (head.hash === dumpedHash) return;
      const compressed = (await client.request({ method: "anvil_dumpState" as never, params: [] as never })) as Hex;
      await writeState(folder, decodeDump(compressed));
      dumpedHash = head.hash;
    });
    return dumping;
  };
  const tryDump = () =>
    dump().catch((error: unknown) => {
      dumping = Promise.resolve();
      if (!stopping) log.warn({ err: error }, "the chain's state could not be written; it is tried again");
    });
  // At once: a chain that is killed in its first seconds comes back with the same genesis.
  await dump();
  if (!stopping) timer = setInterval(tryDump, options.dumpEveryMs ?? 10_000);

  let stopped: Promise<void> | undefined;
  return {
    url,
    pid: running.pid!,
    genesisHash: genesis.hash,
    stop() {
      stopped ??= (async () => {
        stopping = true;
        clearInterval(timer);
        if (running.exitCode === null && running.signalCode === null) {
          await dump().catch((error: unknown) =>
            log.error({ err: error }, "the chain's last state could not be written"),
          );
          await end(running);
        }
      })();
      return stopped;
    },
  };
}

class AnvilEndedError extends Error {
  readonly code = "ANVIL_ENDED";
}

/** A phrase of 12 words of our own, made once, readable by the owner only; anvil's well-known test phrase is never used. */
async function readOrCreateMnemonic(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const mnemonic = generateMnemonic(english);
  await writeWhole(path, `${mnemonic}\n`);
  return mnemonic;
}

/**
 * The genesis file gives gas to our accounts; the time in it makes every new data folder another chain.
 * @returns that time, seconds since 1970.
 */
async function readOrCreateGenesis(path: string, mnemonic: string): Promise<bigint> {
  if (existsSync(path)) return BigInt(genesisShape.parse(JSON.parse(await readFile(path, "utf8"))).timestamp);
  const timestamp = `0x${Math.floor(Date.now() / 1000).toString(16)}`;
  const genesis = {
    config: { chainId, shanghaiTime: 0, cancunTime: 0 },
    nonce: "0x0",
    timestamp,
    extraData: "0x",
    gasLimit: "0x1c9c380",
    difficulty: "0x0",
    alloc: Object.fromEntries(
      Array.from({ length: fundedAccounts }, (_, index) => [
        accountOf(mnemonic, index),
        { balance: `0x${fundedWei.toString(16)}` },
      ]),
    ),
  };
  await writeWhole(path, JSON.stringify(genesis, null, 1));
  return BigInt(timestamp);
}

const accountOf = (mnemonic: string, addressIndex: number) => mnemonicToAccount(mnemonic, { addressIndex }).address;

const genesisShape = z.object({ timestamp: z.string().regex(/^0x[0-9a-f]+$/) });

async function launch(port: number, source: string[], client: PublicClient, own: Address): Promise<ChildProcess> {
  const args = [
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--chain-id",
    String(chainId),
    "--accounts",
    "0",
    "--hardfork",
    "cancun",
    // States of old blocks are not kept: nothing asks for a balance of the past.
    "--prune-history",
    "256",
    "--no-cors",
    ...source,
  ];
  const guard =
    spawnSync("setpriv", ["--pdeathsig", "KILL", "true"]).status === 0 ? ["setpriv", "--pdeathsig", "KILL"] : [];
  const [file, ...rest] = [...guard, nativeAnvil(), ...args];
  // Its own process group: a Ctrl-C in the terminal reaches us alone, so that the state is written before it ends.
  const environment = { NODE_ENV: process.env.NODE_ENV, PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(file!, rest, { stdio: ["ignore", "ignore", "pipe"], detached: true, env: environment });
  let output = "";
  let failure: Error | undefined;
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    output = (output + chunk).slice(-4_000);
  });
  child.once("error", (error) => {
    failure = error;
  });
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new AnvilEndedError(`anvil ended while it was starting: ${output.trim() || `exit code ${child.exitCode}`}`);
    const balance = await client.getBalance({ address: own }).catch(() => 0n);
    // Another chain may sit on the port and answer while ours is about to give up: only ours has funded our account.
    if (balance > 0n && child.exitCode === null) return child;
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`anvil did not answer on port ${port} within 30 s: ${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The binary itself, not npm's JavaScript wrapper: a signal then reaches anvil, and it dies with us. */
function nativeAnvil(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const packageName = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const require = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
  try {
    const path = require.resolve(`${packageName}/bin/anvil`);
    if (existsSync(path)) return path;
  } catch (cause) {
    throw new Error(`No embedded chain for ${process.platform}-${process.arch}: set RPC_URL to a chain of your own.`, {
      cause,
    });
  }
  throw new Error(`${packageName} is installed without its binary: run npm install again, or set RPC_URL.`);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), 2_000);
  await ended;
  clearTimeout(timer);
}
