import { open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

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
  const draft = join(folder, `${newest}.draft`);
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(folder, newest), join(folder, previous)).catch(ignoreMissing);
  await rename(draft, join(folder, newest));
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Path of the newest state that can be read; undefined when there is none. What cannot be read is set aside and named. */
export async function newestState(
  folder: string,
  onUnreadable: (path: string, reason: string) => void,
): Promise<string | undefined> {
  for (const name of [newest, previous]) {
    const path = join(folder, name);
    if (!(await stat(path).catch(ignoreMissing))) continue;
    const reason = await problemOf(path);
    if (!reason) return path;
    onUnreadable(path, reason);
    await setAside(path);
  }
  return undefined;
}

/** Renames a state that is of no use, so that it can still be looked at. */
export async function setAside(path: string): Promise<void> {
  await rename(path, `${path}.unreadable`);
}

async function problemOf(path: string): Promise<string | undefined> {
  try {
    const state: unknown = JSON.parse(await readFile(path, "utf8"));
    const whole = typeof state === "object" && state !== null && "accounts" in state && "blocks" in state;
    return whole ? undefined : "it holds no accounts and blocks";
  } catch (error) {
    return (error as Error).message;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
