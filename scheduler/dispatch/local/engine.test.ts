import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { behavesLikeAnEngine } from "../engine.behavior.ts";
import { localEngine } from "./engine.ts";
import { isAlive } from "./process-identity.ts";
import { readClaim } from "./run-folder.ts";

const mostRuns = 100;
const root = mkdtempSync(join(tmpdir(), "hs-engine-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

behavesLikeAnEngine("local", () => ({
  engine: localEngine({ jobsFolder: root, mostRuns }),
  restarted: () => localEngine({ jobsFolder: root, mostRuns }),
  outputOf: (runId) => readFile(join(root, runId, "output.log")),
}));

const spec = { jobId: "job-1", gpuIds: [1], durationS: 600, workload: { kind: "sleep" } };

it("tells a run whose process was killed from one that ended", async () => {
  const engine = localEngine({ jobsFolder: root, mostRuns });
  await engine.submit({ ...spec, runId: "run-killed" });
  const claim = readClaim(join(root, "run-killed"))!;
  process.kill(claim.pid, "SIGKILL");
  await gone(claim);
  expect(await engine.status("run-killed")).toMatchObject({
    state: "lost",
    reason: expect.stringContaining("left no result"),
  });
});

it("does not take another process with the same pid for the run", async () => {
  const claim = { pid: process.pid, startTicks: "1" };
  expect(isAlive(claim)).toBe(false);
});

it("ends a run by itself when nobody watches any more", async () => {
  const folder = join(root, "unwatched");
  const engine = localEngine({ jobsFolder: folder, mostRuns, orphanMs: 300 });
  await engine.submit({ ...spec, runId: "run-orphan" });
  const claim = readClaim(join(folder, "run-orphan"))!;
  await gone(claim);
  expect(await engine.status("run-orphan")).toMatchObject({ state: "stopped", reason: "no scheduler watched it" });
});

it("keeps its folder for its owner, and runs no more processes at once than it may", async () => {
  const folder = join(root, "narrow");
  mkdirSync(folder, { mode: 0o755 });
  const engine = localEngine({ jobsFolder: folder, mostRuns: 2 });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(await engine.capacity()).toEqual({ runs: 2, gpus: null });
  await engine.submit({ ...spec, runId: "run-1" });
  await engine.submit({ ...spec, runId: "run-2" });
  await expect(engine.submit({ ...spec, runId: "run-3" })).rejects.toMatchObject({ retryable: true });
  expect(await engine.status("run-3")).toEqual({ state: "unknown" });
  expect(await engine.submit({ ...spec, runId: "run-2" })).toBeDefined();
  await engine.cancel("run-1", "test");
  await expect.poll(() => engine.submit({ ...spec, runId: "run-3" }).then(() => "runs", String)).toBe("runs");
  for (const runId of ["run-2", "run-3"]) await engine.cancel(runId, "test");
});

it("refuses a run id that could leave its folder", async () => {
  await expect(localEngine({ jobsFolder: root, mostRuns }).submit({ ...spec, runId: "../elsewhere" })).rejects.toThrow(
    "not a run id",
  );
});

async function gone(claim: { pid: number; startTicks: string | null }): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (isAlive(claim)) {
    if (Date.now() > deadline) throw new Error(`process ${claim.pid} does not end`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
