import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Engine, RunSpec, RunStatus } from "./engine.ts";

/** What a suite gives: an engine, a second one on the same state as after a restart, and the whole output of a run. */
export type EngineUnderTest = { engine: Engine; restarted(): Engine; outputOf(runId: string): Promise<Buffer> };

/** The behaviour that every engine has; an implementation's test calls this. */
export function behavesLikeAnEngine(name: string, setUp: () => EngineUnderTest): void {
  let counter = 0;
  const spec = (over: Partial<RunSpec> = {}): RunSpec => ({
    runId: `run-${name}-${process.pid}-${counter++}`,
    jobId: "job-behaviour",
    gpuIds: [1, 2],
    durationS: 1,
    workload: { kind: "hash-chain", seed: "behaviour", dutyPercent: 2 },
    ...over,
  });

  describe(`engine ${name}`, () => {
    it("runs a job to its end, with exit code and the hash of its output", async () => {
      const { engine, outputOf } = setUp();
      const run = spec();
      const { engineRef } = await engine.submit(run);
      expect(await engine.status(run.runId)).toMatchObject({ state: "running", engineRef });
      const status = await ended(engine, run.runId);
      if (status.state !== "ended") throw new Error(`expected an end, got ${JSON.stringify(status)}`);
      expect(status.exitCode).toBe(0);
      expect(status.endedAt.getTime() - status.startedAt.getTime()).toBeGreaterThanOrEqual(990);
      expect(status.outputSha256).toBe(
        createHash("sha256")
          .update(await outputOf(run.runId))
          .digest("hex"),
      );
      expect(status.outputTail).toMatch(/result: \d+ links [0-9a-f]{64}\n$/);
    });

    it("reports a failing job's exit code", async () => {
      const { engine } = setUp();
      const run = spec({ workload: { kind: "sleep", exitCode: 3 } });
      await engine.submit(run);
      expect(await ended(engine, run.runId)).toMatchObject({ state: "ended", exitCode: 3 });
    });

    it("starts a run once, however often and by whomever it is submitted", async () => {
      const { engine, restarted, outputOf } = setUp();
      const run = spec();
      const refs = await Promise.allSettled([engine.submit(run), restarted().submit(run), engine.submit(run)]);
      const again = await restarted().submit(run);
      for (const ref of refs) if (ref.status === "fulfilled") expect(ref.value).toEqual(again);
      expect(refs.some((ref) => ref.status === "fulfilled")).toBe(true);
      await ended(engine, run.runId);
      expect((await outputOf(run.runId)).toString().match(/^run /gm)).toHaveLength(1);
    });

    it("finds a run again after a restart", async () => {
      const { engine, restarted } = setUp();
      const run = spec({ durationS: 2 });
      const { engineRef } = await engine.submit(run);
      expect(await restarted().status(run.runId)).toMatchObject({ state: "running", engineRef });
      expect(await ended(restarted(), run.runId)).toMatchObject({ state: "ended", exitCode: 0 });
    });

    it("cancels a run, leaves nothing running, and does not start it again", async () => {
      const { engine, restarted } = setUp();
      const run = spec({ durationS: 600 });
      await engine.submit(run);
      await restarted().cancel(run.runId, "behaviour");
      expect(await engine.status(run.runId)).toMatchObject({ state: "stopped", reason: "behaviour" });
      await engine.submit(run);
      expect(await engine.status(run.runId)).toMatchObject({ state: "stopped" });
      await engine.cancel(run.runId, "twice");
    });

    it("does not know a run that was never submitted", async () => {
      expect(await setUp().engine.status("run-never")).toEqual({ state: "unknown" });
    });

    it("a run that was cancelled before it was submitted does not start any more", async () => {
      const { engine, restarted } = setUp();
      const run = spec({ durationS: 600 });
      await engine.cancel(run.runId, "early");
      expect(await engine.status(run.runId)).toMatchObject({ state: "stopped", startedAt: null, reason: "early" });
      await restarted().submit(run);
      expect(await engine.status(run.runId)).toMatchObject({ state: "stopped", startedAt: null, reason: "early" });
    });

    it("leaves nothing running when submit and cancel meet", async () => {
      const { engine, restarted } = setUp();
      for (const delayMs of [0, 60, 120, 180, 240, 300, 360]) {
        const run = spec({ durationS: 600 });
        const submitted = engine.submit(run).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await restarted().cancel(run.runId, "race");
        await submitted;
        await engine.cancel(run.runId, "race");
        expect(await engine.status(run.runId)).toMatchObject({ state: "stopped", reason: "race" });
      }
    });
  });
}

async function ended(engine: Engine, runId: string): Promise<RunStatus> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const status = await engine.status(runId);
    if (status.state !== "running") return status;
    if (Date.now() > deadline) throw new Error(`run ${runId} does not end`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
