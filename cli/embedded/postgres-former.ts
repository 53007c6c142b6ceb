import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** A fast shutdown writes a checkpoint first; after this long the former server is told to leave at once, ms. */
const shutdownPatienceMs = 20_000;

/**
 * Makes way for a new server on a cluster that no other process of ours may use: waits for one that a kill of its parent
 * left shutting down, and takes away the note of one that is gone. PostgreSQL itself would take any process that has the
 * old number by now (after a reboot, in a container) for a running server, and refuse.
 */
export async function awaitFormerServer(data: string): Promise<void> {
  const note = join(data, "postmaster.pid");
  const begun = Date.now();
  for (let told = false; ; ) {
    const pid = Number((await readFile(note, "utf8").catch(() => "")).split("\n")[0]);
    if (!Number.isInteger(pid) || pid <= 0) return;
    if (!(await isServerOf(pid, data))) {
      await rm(note, { force: true });
      return;
    }
    const waitedMs = Date.now() - begun;
    if (waitedMs > shutdownPatienceMs + 5_000)
      throw new Error(`A PostgreSQL server (process ${pid}) still runs on ${data} and does not end.`);
    if (waitedMs > shutdownPatienceMs && !told) {
      told = true;
      // Immediate: what was committed stands in its log and is replayed.
      process.kill(pid, "SIGQUIT");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
  return words[words.indexOf("-D") + 1] === data;
}
