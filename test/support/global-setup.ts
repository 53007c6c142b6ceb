import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "#cli/embedded/postgres.ts";
import { migrate } from "#db/migrate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Administrator's URL of the server whose database `hs_template` every suite clones. */
    adminUrl: string;
    timeSeriesKind: "timescaledb" | "postgresql";
  }
}

/**
 * One migrated template database for the whole run. DATABASE_URL (a superuser's) runs the suite on that server, for
 * instance TimescaleDB; otherwise an embedded one is started in a temporary folder.
 */
export default async function setup(project: TestProject) {
  const external = process.env.DATABASE_URL;
  let stop = async () => {};
  let adminUrl: string;
  if (external) {
    adminUrl = external;
  } else {
    const folder = await mkdtemp(join(tmpdir(), "hs-test-"));
    const server = await startEmbeddedPostgres({
      folder,
      port: await freePort(),
      database: "hs",
      settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
    });
    adminUrl = server.adminUrl;
    stop = async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
  }
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query("drop database if exists hs_template with (force)");
  await admin.query("create database hs_template");
  await admin.end();
  const url = new URL(adminUrl);
  url.pathname = "/hs_template";
  const { timeSeries } = await migrate(url.href, new Date());
  if (timeSeries === "postgresql")
    console.log(
      "Database: plain PostgreSQL. Tests of hypertables are skipped; set DATABASE_URL to a TimescaleDB to run them.",
    );
  project.provide("adminUrl", adminUrl);
  project.provide("timeSeriesKind", timeSeries);
  return stop;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
