import type pg from "pg";
import { copyInto } from "./copy-into.ts";
import { isUniqueViolation } from "./errors.ts";
import { noteGpuSamples } from "./gpu-state.ts";
import { type Merged, mergeGpuSamples, mergeReadings } from "./merge.ts";
import { keepSuspects, noteReadings } from "./newest.ts";
import { encodeGpuSamples, encodeReadings, gpuSampleColumns, readingColumns } from "./rows.ts";
import type { GpuSampleRow, ReadingRow } from "./types.ts";

/** Checked rows of many callers. Readings of quality `clock_suspect` stand apart: their key is another. */
export type Batch = { readings: ReadingRow[]; suspects: ReadingRow[]; gpuSamples: GpuSampleRow[] };
export type Committed = { corrected: number; repeated: number };

/**
 * Commits a batch in one transaction, with everything that follows from it. Plain binary COPY first; only when it meets a
 * key that is there already is the transaction taken back and done again by merging.
 */
export async function commitBatch(client: pg.ClientBase, batch: Batch, nowMs: number): Promise<Committed> {
  try {
    return await inTransaction(client, async () => {
      if (batch.readings.length) {
        await copyInto(client, "reading", readingColumns, encodeReadings(batch.readings));
      }
      if (batch.gpuSamples.length) {
        await copyInto(client, "gpu_sample", gpuSampleColumns, encodeGpuSamples(batch.gpuSamples));
      }
      await note(client, batch, nowMs);
      return { corrected: 0, repeated: 0 };
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  return inTransaction(client, async () => {
    const none: Merged = { inserted: 0, corrected: 0 };
    const { readings, gpuSamples } = batch;
    const points = readings.length ? await mergeReadings(client, readings, Math.floor(nowMs) * 1_000) : none;
    const gpus = gpuSamples.length ? await mergeGpuSamples(client, gpuSamples) : none;
    await note(client, batch, nowMs);
    const written = points.inserted + points.corrected + gpus.inserted + gpus.corrected;
    return { corrected: points.corrected, repeated: readings.length + gpuSamples.length - written };
  });
}

async function note(client: pg.ClientBase, batch: Batch, nowMs: number): Promise<void> {
  if (batch.readings.length) await noteReadings(client, batch.readings, nowMs);
  if (batch.suspects.length) await keepSuspects(client, batch.suspects);
  if (batch.gpuSamples.length) await noteGpuSamples(client, batch.gpuSamples);
}

async function inTransaction<Result>(client: pg.ClientBase, work: () => Promise<Result>): Promise<Result> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    // Where the connection itself is gone, so is the transaction.
    await client.query("rollback").catch(() => {});
    throw error;
  }
}
