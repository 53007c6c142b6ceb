import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { writeWhole } from "../write-whole.ts";

/*
 * The embedded chain's state on disk: `state.json` and, one generation older, `state.previous.json`. A reader always
 * finds a whole file: a new one is written beside them, brought to the disk, and renamed.
 */

const newest = "state.json";
const previous = "state.previous.json";

/** anvil_dumpState answers with hex of gzip of JSON. @throws when it is not. */
export function decodeDump(hex: string): Buffer {
  return gunzipSync(Buffer.from(hex.slice(2), "hex"));
}

/** Puts a state in place of the newest and keeps that one as the previous. Survives a power cut at any point. */
export async function writeState(folder: string, content: Buffer): Promise<void> {
  await writeWhole(join(folder, newest), content, () =>
    rename(join(folder, newest), join(folder, previous)).catch(ignoreMissing),
  );
}

const stateShape = z.looseObject({
  accounts: z.record(z.string(), z.unknown()),
  blocks: z.array(z.looseObject({ header: z.looseObject({ number: z.string(), timestamp: z.string() }) })),
});

/** A state as anvil dumps it; of what stands in it we look at the blocks' headers only. */
export type ChainState = z.infer<typeof stateShape>;

/** The newest state that can be read; undefined when there is none. What cannot be read is set aside and named. */
export async function newestState(
  folder: string,
  onUnreadable: (path: string, reason: string) => void,
): Promise<{ path: string; state: ChainState } | undefined> {
  for (const name of [newest, previous]) {
    const path = join(folder, name);
    if (!(await stat(path).catch(ignoreMissing))) continue;
    try {
      return { path, state: stateShape.parse(JSON.parse(await readFile(path, "utf8"))) };
    } catch (error) {
      onUnreadable(path, (error as Error).message);
      await setAside(path);
    }
  }
  return undefined;
}

/**
 * Writes the file that anvil loads. anvil makes a block 0 of its own before it loads one, and dumps both: only the one
 * with the genesis file's time goes in, or the chain would be another one after every second start.
 * @returns its path.
 */
export async function writeLoadFile(folder: string, state: ChainState, genesisTimestamp: bigint): Promise<string> {
  const isOther = ({ header }: ChainState["blocks"][number]) =>
    BigInt(header.number) === 0n && BigInt(header.timestamp) !== genesisTimestamp;
  const path = join(folder, "state.load.json");
  await writeFile(path, JSON.stringify({ ...state, blocks: state.blocks.filter((block) => !isOther(block)) }), {
    mode: 0o600,
  });
  return path;
}

/** Renames a state that is of no use, so that it can still be looked at. */
export async function setAside(path: string): Promise<void> {
  await rename(path, `${path}.unreadable`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
