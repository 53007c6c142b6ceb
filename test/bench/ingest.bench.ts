/* Readings a second committed by the pipeline, with everything that follows from them (newest values, dirty hours), against a bare binary COPY of the same rows into the same table. */
import { pino } from "pino";
import { Registry } from "prom-client";
import { freePort } from "#cli/embedded/ports.ts";
import { startEmbeddedPostgres } from "#cli/embedded/postgres.ts";
import { type Database, openDatabase } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { copyInto } from "#ingest/pipeline/copy-into.ts";
import { encodeReadings, readingColumns } from "#ingest/pipeline/rows.ts";
import { seedFleet } from "#ingest/pipeline/testing.ts";
import type { ReadingRow } from "#ingest/pipeline/types.ts";
import { openWriter } from "#ingest/pipeline/writer.ts";
import { temporaryFolder } from "#test/support/console-process.ts";
import { printFigures } from "./report.ts";

const points = 1_000;
const secondsOfEach = 300;
const rowsOfCaller = 20;
const rowsAtOnce = 20_000;
const rounds = 3;

const folder = await temporaryFolder();
const server = await startEmbeddedPostgres({ folder: folder.path, port: await freePort(25_432), database: "hs" });
const db = openDatabase({ url: server.url, applicationName: "hs-bench" });
try {
  await migrate(server.url, new Date());
  const devices = Array.from({ length: points / 5 }, (_, at) => ({
    id: `device-${at}`,
    points: ["energyImport", "activePower", "voltage", "current", "frequency"].map((quantity) => [quantity, quantity]),
  }));
  const ids = (await seedFleet(db, { devices })).points;
  const rows = readings(ids);
  const bare: number[] = [];
  const pipeline: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await timed(db, true, () => copyBare(db, rows)));
    pipeline.push(await timed(db, true, () => write(db, rows)));
    again.push(await timed(db, false, () => write(db, rows)));
  }
  const perSecond = (seconds: number[]) => Math.round(rows.length / middle(seconds));
  printFigures("ingest", {
    rows: rows.length,
    points,
    rowsOfCaller,
    bareCopyRowsPerSecond: perSecond(bare),
    pipelineRowsPerSecond: perSecond(pipeline),
    pipelineToBareCopy: Number((middle(bare) / middle(pipeline)).toFixed(3)),
    redeliveredRowsPerSecond: perSecond(again),
  });
} finally {
  await db.close();
  await server.stop();
  await folder.remove();
}

/** In order of arrival: every point once a second. */
function readings(ids: number[]): ReadingRow[] {
  const startUs = Math.floor(Date.now() / 1_000 - secondsOfEach) * 1_000_000;
  return Array.from({ length: secondsOfEach * points }, (_, at): ReadingRow => {
    const timeUs = startUs + Math.floor(at / points) * 1_000_000 + (at % points);
    return { pointId: ids[at % points]!, timeUs, receivedAtUs: timeUs + 1_234, value: at * 1.25, quality: "good" };
  });
}

async function copyBare({ pool }: Database, rows: ReadingRow[]): Promise<void> {
  const client = await pool.connect();
  for (let start = 0; start < rows.length; start += rowsAtOnce)
    await copyInto(client, "reading", readingColumns, encodeReadings(rows.slice(start, start + rowsAtOnce)));
  client.release();
}

async function write(database: Database, rows: ReadingRow[]): Promise<void> {
  const writer = openWriter({ db: database, log: pino({ level: "warn" }), clock: Date.now, metrics: new Registry() });
  const callers: Promise<void>[] = [];
  for (let start = 0; start < rows.length; start += rowsOfCaller)
    callers.push(writer.readings(rows.slice(start, start + rowsOfCaller)));
  await Promise.all(callers);
  await writer.close();
}

async function timed({ sql }: Database, empty: boolean, work: () => Promise<void>): Promise<number> {
  if (empty) await sql`truncate reading, point_latest, energy_dirty_hour`;
  await sql`checkpoint`.catch(() => {});
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
