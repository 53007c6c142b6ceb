import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { prepareTimeSeries, type TimeSeriesKind } from "./timeseries/ddl.ts";

const folder = new URL("./migrations/", import.meta.url);
/** Any constant: two processes that start together migrate one after the other. */
const lockKey = 4_851_001;

export type MigrationResult = { applied: string[]; timeSeries: TimeSeriesKind };

/**
 * Brings the schema to the newest version. Numbered SQL files run once each, every one in its own transaction; then the
 * time-series tables are made or brought up to date. Safe to call from many processes at once.
 */
export async function migrate(url: string, now: Date): Promise<MigrationResult> {
  const client = new pg.Client({ connectionString: url, application_name: "hs-migrate", options: "-c TimeZone=UTC" });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [lockKey]);
    await client.query(
      "create table if not exists schema_migration (name text primary key, applied_at timestamptz not null)",
    );
    const done = new Set(
      (await client.query("select name from schema_migration")).rows.map((row) => row.name as string),
    );
    const applied: string[] = [];
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort()) {
      if (done.has(name)) continue;
      await client.query("begin");
      try {
        await client.query(await readFile(new URL(name, folder), "utf8"));
        await client.query("insert into schema_migration values ($1, $2)", [name, now]);
        await client.query("commit");
      } catch (cause) {
        await client.query("rollback");
        throw new Error(`migration ${name} failed and was rolled back`, { cause });
      }
      applied.push(name);
    }
    const timeSeries = await prepareTimeSeries(client, now);
    await grantDashboards(client);
    return { applied, timeSeries };
  } finally {
    await client.end();
  }
}

/** Lets Grafana's user, where there is one, read the figures: nothing of people, sessions, tokens or payloads. */
async function grantDashboards(client: pg.Client): Promise<void> {
  const role = await client.query("select 1 from pg_roles where rolname = 'hs_grafana'");
  if (!role.rowCount) return;
  await client.query(`grant select on centre, hall, rack, device, point, gpu, reading, gpu_sample, point_latest, gpu_latest, zone_series,
    forecast, energy_ledger, centre_hour, evidence_root, alarm, source_health, job_run, chain_settlement, token_flow to hs_grafana`);
}
