import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, closeSync, createReadStream, mkdirSync, openSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, EngineError, type RunStatus } from "../engine.ts";
import { isAlive } from "./process-identity.ts";
import {
  type Claim,
  heartbeatFile,
  modifiedAtMs,
  outputFile,
  readClaim,
  readResult,
  readStop,
  writeSpec,
  writeStop,
} from "./run-folder.ts";

const workloadScript = fileURLToPath(new URL("./workload.ts", import.meta.url));
const claimPatienceMs = 10_000;
const endPatienceMs = 2_000;
const tailBytes = 4_096;

export type LocalEngineOptions = {
  /** Each run has a folder here; for its owner only. */
  jobsFolder: string;
  /** Processes at once; what comes beyond is refused and may come again. */
  mostRuns: number;
  /** A run that no scheduler has watched for this long ends by itself, ms. */
  orphanMs?: number;
};

/**
 * Runs jobs as processes of this machine, in their own session so that a Ctrl-C at the terminal reaches only us. Survives
 * a kill of the scheduler: the folder says which process has claimed a run, by pid and kernel start time.
 */
export function localEngine({ jobsFolder, mostRuns, orphanMs }: LocalEngineOptions): Engine {
  mkdirSync(jobsFolder, { recursive: true, mode: 0o700 });
  chmodSync(jobsFolder, 0o700);
  const children = new Map<string, ChildProcess>();
  const folderOf = (runId: string) => {
    if (!/^[a-z0-9-]{1,80}$/.test(runId)) throw new EngineError(`"${runId}" is not a run id`, false);
    return join(jobsFolder, runId);
  };
  const beat = () => {
    const file = join(jobsFolder, heartbeatFile);
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      writeFileSync(file, "");
    }
  };

  return {
    kind: "local",
    async submit(spec) {
      const folder = folderOf(spec.runId);
      const claimed = readClaim(folder);
      if (claimed) return { engineRef: refOf(claimed) };
      if (readStop(folder)) return { engineRef: neverStarted };
      if (children.size >= mostRuns && !children.has(spec.runId))
        throw new EngineError(`${mostRuns} local runs are under way, as many as there may be (LOCAL_RUNS)`, true);
      mkdirSync(folder, { recursive: true });
      beat();
      writeSpec(folder, { runId: spec.runId, jobId: spec.jobId, durationS: spec.durationS, workload: spec.workload });
      const output = openSync(join(folder, outputFile), "a");
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", workloadScript, folder], {
        detached: true,
        stdio: ["ignore", output, output],
        // Nothing of our environment: it may hold secrets.
        env: {
          PATH: process.env.PATH,
          NODE_ENV: process.env.NODE_ENV,
          HS_GPU_IDS: spec.gpuIds.join(","),
          ...(orphanMs !== undefined && { HS_ORPHAN_MS: String(orphanMs) }),
        },
      });
      closeSync(output);
      child.unref();
      let failure: Error | undefined;
      child.once("error", (error) => {
        failure = error;
      });
      children.set(spec.runId, child);
      child.once("exit", () => children.delete(spec.runId));
      const deadline = Date.now() + claimPatienceMs;
      for (;;) {
        const claim = readClaim(folder);
        if (claim) return { engineRef: refOf(claim) };
        if (readStop(folder) && child.exitCode !== null) return { engineRef: neverStarted };
        if (failure) throw new EngineError(`could not start a process: ${failure.message}`, true, failure);
        if (child.exitCode !== null)
          throw new EngineError(`the run's process ended with code ${child.exitCode} before it began`, false);
        if (Date.now() > deadline) {
          child.kill("SIGKILL");
          throw new EngineError(`the run's process did not begin within ${claimPatienceMs / 1_000} s`, true);
        }
        await pause(20);
      }
    },
    async status(runId) {
      const folder = folderOf(runId);
      const [claim, stop] = [readClaim(folder), readStop(folder)];
      if (!claim)
        return stop
          ? {
              state: "stopped",
              engineRef: neverStarted,
              startedAt: null,
              endedAt: new Date(stop.atMs),
              reason: stop.reason,
            }
          : { state: "unknown" };
      // Asked before the result is read: a process that ends in between has then left its result.
      const alive = isAlive(claim);
      return (
        ended(folder, claim) ??
        (alive
          ? { state: "running", engineRef: refOf(claim), startedAt: new Date(claim.startedAtMs) }
          : gone(folder, claim))
      );
    },
    async cancel(runId, reason) {
      const folder = folderOf(runId);
      if (readResult(folder)) return;
      mkdirSync(folder, { recursive: true });
      if (!readStop(folder)) writeStop(folder, { reason, atMs: Date.now() });
      const deadline = Date.now() + endPatienceMs;
      for (let hard = false; ; hard = Date.now() > deadline) {
        const [claim, child] = [readClaim(folder), children.get(runId)];
        const pid =
          claim && isAlive(claim)
            ? claim.pid
            : child && child.exitCode === null && child.signalCode === null
              ? child.pid
              : undefined;
        if (pid === undefined) return;
        signal(pid, hard ? "SIGKILL" : "SIGTERM");
        await pause(30);
      }
    },
    async capacity() {
      return { runs: mostRuns, gpus: null };
    },
    async keepAlive() {
      beat();
    },
  };
}

const neverStarted = "none";
const refOf = (claim: Claim) => `${claim.pid}@${claim.startTicks ?? "-"}`;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function ended(folder: string, claim: Claim): Promise<RunStatus> | undefined {
  const result = readResult(folder);
  if (!result) return undefined;
  return digest(join(folder, outputFile)).then(({ sha256, tail }) => ({
    state: "ended",
    engineRef: refOf(claim),
    startedAt: new Date(claim.startedAtMs),
    endedAt: new Date(result.endedAtMs),
    exitCode: result.exitCode,
    outputSha256: sha256,
    outputTail: tail,
  }));
}

function gone(folder: string, claim: Claim): RunStatus {
  const stop = readStop(folder);
  const base = { engineRef: refOf(claim), startedAt: new Date(claim.startedAtMs) };
  if (stop) return { ...base, state: "stopped", endedAt: new Date(stop.atMs), reason: stop.reason };
  // Its last sign of life: the output it wrote, or its start.
  const lastSignMs = Math.max(modifiedAtMs(join(folder, outputFile)) ?? 0, claim.startedAtMs);
  return { ...base, state: "lost", endedAt: new Date(lastSignMs), reason: "the process is gone and left no result" };
}

async function digest(file: string): Promise<{ sha256: string; tail: string }> {
  const hash = createHash("sha256");
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    tail = Buffer.concat([tail, chunk]).subarray(-tailBytes);
  }
  // PostgreSQL text cannot hold a zero byte.
  return { sha256: hash.digest("hex"), tail: tail.toString("utf8").replaceAll("\u0000", "") };
}
