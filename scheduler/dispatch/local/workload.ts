import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { startTicks } from "./process-identity.ts";
import {
  heartbeatFile,
  modifiedAtMs,
  readResult,
  readSpec,
  readStop,
  tryClaim,
  writeResult,
  writeStop,
} from "./run-folder.ts";

/*
 * The process of one local run: `workload.ts FOLDER`. It claims the run by itself, so that of two processes started for
 * it only one works; prints its progress and a result line; writes result.json when it ends. Exit code 75: another has it.
 */

/** Without a scheduler that watches, a run ends after this long: nothing is left behind by a crash. */
const orphanMs = Number(process.env.HS_ORPHAN_MS ?? 60_000);
const sliceMs = 100;

const folder = process.argv[2];
if (!folder) {
  process.stderr.write("usage: workload.ts FOLDER\n");
  process.exit(64);
}
const spec = readSpec(folder);
if (!spec) {
  process.stderr.write(`${folder}: no readable spec.json\n`);
  process.exit(66);
}
const startedAtMs = Date.now();
if (
  readStop(folder) ||
  readResult(folder) ||
  !tryClaim(folder, { pid: process.pid, startTicks: startTicks(process.pid), startedAtMs })
)
  process.exit(75);

// Stopped between the first look and the claim: whoever stopped it may not have seen the claim yet.
if (readStop(folder)) process.exit(75);

let unwatchedSinceMs: number | undefined;
const say = (line: string) => process.stdout.write(`${line}\n`);
/** stop.json already says why we end. */
process.on("SIGTERM", () => process.exit(143));

const exitCode = await run(spec.workload);
writeResult(folder, { exitCode, endedAtMs: Date.now() });
process.exit(exitCode);

async function run(workload: { kind: string } & Record<string, unknown>): Promise<number> {
  say(`run ${spec!.runId} of job ${spec!.jobId}: ${workload.kind} for ${spec!.durationS} s`);
  if (workload.kind === "hash-chain")
    return hashChain(String(workload.seed ?? "hs"), Number(workload.dutyPercent ?? 5));
  if (workload.kind === "sleep") {
    await forDuration(() => {});
    say("result: slept");
    return Number(workload.exitCode ?? 0);
  }
  say(`unknown workload ${workload.kind}; known: hash-chain, sleep`);
  return 64;
}

/** h₀ = SHA-256(seed), hₙ₊₁ = SHA-256(hₙ): real work that anyone can repeat from the seed and the number of links. */
async function hashChain(seed: string, dutyPercent: number): Promise<number> {
  let hash = createHash("sha256").update(seed).digest();
  let links = 1;
  await forDuration(() => {
    const until = performance.now() + (sliceMs * dutyPercent) / 100;
    do {
      for (let i = 0; i < 50; i++) hash = createHash("sha256").update(hash).digest();
      links += 50;
    } while (performance.now() < until);
  });
  say(`result: ${links} links ${hash.toString("hex")}`);
  return 0;
}

/** Calls `work` every slice until the duration is over, and says how far it is ten times on the way. */
async function forDuration(work: () => void): Promise<void> {
  const durationMs = spec!.durationS * 1_000;
  let told = 0;
  for (let elapsed = 0; elapsed < durationMs; elapsed = Date.now() - startedAtMs) {
    work();
    const tenth = Math.floor((elapsed / durationMs) * 10);
    if (tenth > told) {
      told = tenth;
      say(`progress ${tenth * 10} %`);
    }
    endIfAbandoned();
    await new Promise((resolve) => setTimeout(resolve, Math.min(sliceMs, Math.max(1, durationMs - elapsed))));
  }
}

/** Two looks some time apart: after a sleep of the whole machine the scheduler gets its turn first. */
function endIfAbandoned(): void {
  if (!existsSync(folder!)) process.exit(1);
  const beat = modifiedAtMs(join(dirname(folder!), heartbeatFile)) ?? startedAtMs;
  if (Date.now() - Math.max(beat, startedAtMs) <= orphanMs) {
    unwatchedSinceMs = undefined;
    return;
  }
  unwatchedSinceMs ??= performance.now();
  if (performance.now() - unwatchedSinceMs < Math.min(5_000, orphanMs)) return;
  writeStop(folder!, { reason: "no scheduler watched it", atMs: Date.now() });
  process.exit(70);
}
