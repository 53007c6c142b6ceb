import type pg from "pg";

export type TimeSeriesKind = "timescaledb" | "postgresql";

const dayMs = 86_400_000;

/** The tables that grow with time; columns as in db/schema/telemetry.ts. Retention is of raw rows: ledger and hours stay. */
export const timeSeriesTables = [
  {
    name: "reading",
    key: "point_id",
    retentionDays: 400,
    columns: `point_id integer not null, time timestamptz not null, received_at timestamptz not null,
      value double precision, quality smallint not null`,
  },
  {
    name: "gpu_sample",
    key: "gpu_id",
    retentionDays: 3,
    columns: `gpu_id integer not null, time timestamptz not null, received_at timestamptz not null, quality smallint not null,
      power_w real, power_instant_w real, energy_j double precision, power_limit_w real, temperature_c real,
      memory_temperature_c real, utilization_percent real, memory_copy_percent real, sm_active real, tensor_active real,
      dram_active real, frame_buffer_used_mb real, frame_buffer_total_mb real, sm_clock_mhz real, memory_clock_mhz real,
      clock_event_mask bigint, power_violation_ns double precision, thermal_violation_ns double precision,
      ecc_single_volatile double precision, ecc_double_volatile double precision, rows_remapped_pending smallint,
      rows_remapped_failed smallint, pcie_replay double precision, nvlink_crc_flit double precision`,
  },
] as const;

/**
 * Makes `reading` and `gpu_sample`: hypertables with compression and retention where TimescaleDB is there, tables
 * partitioned by UTC day elsewhere. The only place where the two kinds of database differ in DDL.
 */
export async function prepareTimeSeries(client: pg.ClientBase, now: Date): Promise<TimeSeriesKind> {
  const kind = await enableTimescale(client);
  for (const table of timeSeriesTables) {
    const exists = (await client.query("select to_regclass($1) is not null as yes", [table.name])).rows[0]
      .yes as boolean;
    if (kind === "timescaledb") {
      if (!exists) {
        await client.query(`create table ${table.name} (${table.columns}, primary key (${table.key}, time))`);
        await client.query(`select create_hypertable($1, by_range('time', interval '1 day'))`, [table.name]);
        await client.query(
          `alter table ${table.name} set (timescaledb.compress, timescaledb.compress_segmentby = '${table.key}', timescaledb.compress_orderby = 'time')`,
        );
        await client.query(`select add_compression_policy($1, interval '3 days')`, [table.name]);
        await client.query(`select add_retention_policy($1, interval '${table.retentionDays} days')`, [table.name]);
      }
    } else {
      if (!exists) {
        await client.query(
          `create table ${table.name} (${table.columns}, primary key (${table.key}, time)) partition by range (time)`,
        );
        // Rows outside the daily partitions (far future, old history before its partition is made) are kept, never refused.
        await client.query(`create table ${table.name}_rest partition of ${table.name} default`);
      }
    }
  }
  if (kind === "postgresql")
    await ensurePartitions(client, new Date(now.getTime() - 31 * dayMs), new Date(now.getTime() + 3 * dayMs));
  return kind;
}

/** Creates missing daily partitions over [from, to], none that retention would drop at once; moves rows that waited in the rest partition. */
export async function ensurePartitions(client: pg.ClientBase, from: Date, to: Date): Promise<void> {
  for (const table of timeSeriesTables) {
    const kept = Math.floor(to.getTime() / dayMs) - table.retentionDays;
    for (let day = Math.max(kept, Math.floor(from.getTime() / dayMs)); day <= Math.floor(to.getTime() / dayMs); day++) {
      const start = new Date(day * dayMs);
      const end = new Date((day + 1) * dayMs);
      const name = `${table.name}_${start.toISOString().slice(0, 10).replaceAll("-", "")}`;
      const exists = async () =>
        (await client.query("select to_regclass($1) is not null as yes", [name])).rows[0].yes as boolean;
      if (await exists()) continue;
      await client.query("begin");
      try {
        // One at a time, and only then the question again: a lock on a table is what makes others' changes of it seen.
        await client.query(`lock table ${table.name} in share update exclusive mode`);
        if (await exists()) {
          await client.query("commit");
          continue;
        }
        // Nobody writes a row of that day into the rest between its move and the partition's coming.
        await client.query(`lock table ${table.name}_rest in access exclusive mode`);
        await client.query(`create table ${name} (like ${table.name} including all)`);
        await client.query(
          `with moved as (delete from ${table.name}_rest where time >= $1 and time < $2 returning *) insert into ${name} select * from moved`,
          [start, end],
        );
        await client.query(
          `alter table ${table.name} attach partition ${name} for values from ('${start.toISOString()}') to ('${end.toISOString()}')`,
        );
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    }
  }
}

/** Drops daily partitions older than each table's retention. TimescaleDB does this by its own policy. */
export async function dropOldPartitions(client: pg.ClientBase, now: Date): Promise<string[]> {
  const dropped: string[] = [];
  for (const table of timeSeriesTables) {
    const oldest = new Date(now.getTime() - table.retentionDays * dayMs).toISOString().slice(0, 10).replaceAll("-", "");
    const { rows } = await client.query(
      `select child.relname as name from pg_inherits join pg_class child on child.oid = inhrelid
       join pg_class parent on parent.oid = inhparent where parent.relname = $1`,
      [table.name],
    );
    for (const { name } of rows as { name: string }[]) {
      const day = name.slice(table.name.length + 1);
      if (/^\d{8}$/.test(day) && day < oldest) {
        await client.query(`drop table ${name}`);
        dropped.push(name);
      }
    }
  }
  return dropped;
}

async function enableTimescale(client: pg.ClientBase): Promise<TimeSeriesKind> {
  const installed = await client.query("select 1 from pg_extension where extname = 'timescaledb'");
  if (installed.rowCount) return "timescaledb";
  const available = await client.query("select 1 from pg_available_extensions where name = 'timescaledb'");
  if (!available.rowCount) return "postgresql";
  // On the disk but not loaded by the server: creating it would end the connection. Who may not see the setting tries.
  const preload = await client.query("select setting from pg_settings where name = 'shared_preload_libraries'");
  const loaded = (preload.rows[0]?.setting as string | undefined) ?? "timescaledb";
  if (!loaded.includes("timescaledb")) return "postgresql";
  await client.query("create extension if not exists timescaledb");
  return "timescaledb";
}
