import { createHash } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";

const runningFile = z.object({ pid: z.number(), databaseUrl: z.string(), consoleUrl: z.string().optional() });
export type RunningInfo = z.infer<typeof runningFile>;

export class FolderInUseError extends Error {
  readonly code = "DATA_DIR_IN_USE";
}

export type DataFolder = { path: string; announce(info: RunningInfo): Promise<void>; release(): Promise<void> };

/**
 * Takes the data folder for this process. The lock is an abstract socket named after the folder: the kernel frees it
 * when the process ends in any way, so a crash leaves nothing to clean up.
 * @throws FolderInUseError when another process holds it.
 */
export async function takeDataFolder(path: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const real = await realpath(path);
  const name = lockName(real);
  // Whoever asks whether we live gets a connection and its end.
  const server = createServer((socket) => socket.on("error", () => {}).destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") return reject(error);
      const running = await readRunning(real);
      const who = running ? ` (process ${running.pid}${running.consoleUrl ? `, ${running.consoleUrl}` : ""})` : "";
      reject(
        new FolderInUseError(
          `${real} is in use by a running console${who}. Stop it first, or set DATA_DIR to another folder.`,
        ),
      );
    });
    server.listen(name, () => resolve());
  });
  server.unref();
  return {
    path: real,
    async announce(info) {
      const draft = join(real, "running.json.new");
      await writeFile(draft, JSON.stringify(info), { mode: 0o600 });
      await rename(draft, join(real, "running.json"));
    },
    async release() {
      await rm(join(real, "running.json"), { force: true });
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * What the process that runs on this folder says of itself; undefined when none does, or its file is left from a crash.
 * Its lock tells, not its number, which may be another process's by now.
 */
export async function readRunning(path: string): Promise<RunningInfo | undefined> {
  try {
    const real = await realpath(path);
    const info = runningFile.parse(JSON.parse(await readFile(join(real, "running.json"), "utf8")));
    return (await isHeld(lockName(real))) ? info : undefined;
  } catch {
    return undefined;
  }
}

const lockName = (real: string) => `\0hs-console-${createHash("sha256").update(real).digest("hex").slice(0, 32)}`;

function isHeld(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(name, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
