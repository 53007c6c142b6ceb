import { linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/*
 * A run's folder is the truth of it, shared by the engine and the process: spec.json (what to run), claim.json (the one
 * process that runs it), output.log, stop.json (we ended it), result.json (how it ended). Each appears whole or not at all.
 */

const spec = z.object({
  runId: z.string(),
  jobId: z.string(),
  durationS: z.number(),
  workload: z.looseObject({ kind: z.string() }),
});
const claim = z.object({ pid: z.int().positive(), startTicks: z.string().nullable(), startedAtMs: z.number() });
const stop = z.object({ reason: z.string(), atMs: z.number() });
const result = z.object({ exitCode: z.int(), endedAtMs: z.number() });
export type LocalSpec = z.infer<typeof spec>;
export type Claim = z.infer<typeof claim>;

export const outputFile = "output.log";
/** Touched while a scheduler watches; beside the run folders. */
export const heartbeatFile = "heartbeat";

export const readSpec = (folder: string) => read(join(folder, "spec.json"), spec);
export const readClaim = (folder: string) => read(join(folder, "claim.json"), claim);
export const readStop = (folder: string) => read(join(folder, "stop.json"), stop);
export const readResult = (folder: string) => read(join(folder, "result.json"), result);

export const writeSpec = (folder: string, value: LocalSpec) => writeWhole(folder, "spec.json", value);
export const writeStop = (folder: string, value: z.infer<typeof stop>) => writeWhole(folder, "stop.json", value);
export const writeResult = (folder: string, value: z.infer<typeof result>) => writeWhole(folder, "result.json", value);

/** Takes the run for this process. A link to a finished file either is there or is not: of two claims one wins. */
export function tryClaim(folder: string, value: Claim): boolean {
  const temporary = join(folder, `claim.${value.pid}.tmp`);
  writeFileSync(temporary, JSON.stringify(value), { flush: true });
  try {
    linkSync(temporary, join(folder, "claim.json"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** When the file was last written, ms; undefined: it is not there. */
export function modifiedAtMs(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function writeWhole(folder: string, name: string, value: unknown): void {
  const temporary = join(folder, `${name}.${process.pid}.tmp`);
  writeFileSync(temporary, JSON.stringify(value), { flush: true });
  renameSync(temporary, join(folder, name));
}

/** undefined: not there or not what we write. */
function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
