/** What an engine is asked to run. `runId` is unique for ever: submitting it twice starts it once. */
export type RunSpec = {
  runId: string;
  jobId: string;
  gpuIds: number[];
  durationS: number;
  workload: { kind: string } & Record<string, unknown>;
};

export type RunStatus =
  /** The engine has never started it. */
  | { state: "unknown" }
  | { state: "running"; engineRef: string; startedAt: Date }
  | {
      state: "ended";
      engineRef: string;
      startedAt: Date;
      endedAt: Date;
      exitCode: number;
      /** SHA-256 of the run's whole output, hex. */
      outputSha256: string;
      outputTail: string;
    }
  /** Ended by us before its time, or gone without a result. */
  | { state: "stopped" | "lost"; engineRef: string; startedAt: Date | null; endedAt: Date; reason: string };

/** A compute engine: local processes, Slurm, Kubernetes. Every implementation passes engine.behavior.ts. */
export type Engine = {
  kind: "local" | "slurm" | "kubernetes";
  /**
   * Starts a run exactly once, whatever crashes between a first and a second call; a run that was cancelled before does
   * not start, and `status` says so. @throws EngineError
   */
  submit(spec: RunSpec): Promise<{ engineRef: string }>;
  status(runId: string): Promise<RunStatus>;
  /**
   * Ends a run and resolves when nothing of it runs any more; harmless when it has ended. A run that was never submitted
   * is closed for good: a submission that comes late, of a scheduler that was killed or cut off, starts nothing.
   */
  cancel(runId: string, reason: string): Promise<void>;
  /** Runs that it carries at once, and GPUs that it can give itself; null: it does not limit them. */
  capacity(): Promise<{ runs: number | null; gpus: number | null }>;
  /** Tells the runs that they are still watched; call it every few seconds. */
  keepAlive(): Promise<void>;
};

/** `retryable`: the same call may succeed later; else another centre must take the job. */
export class EngineError extends Error {
  readonly code = "ENGINE_FAILED";
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean, cause?: unknown) {
    super(message, { cause });
    this.retryable = retryable;
  }
}
