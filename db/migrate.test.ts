import { getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema/index.ts";

describe("migrations", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  beforeAll(async () => {
    database = await cloneDatabase();
  });
  afterAll(() => database.drop());

  it("give every table of the drizzle schema its columns, with the same nullability", async () => {
    const rows = await database.db.sql<{ table: string; column: string; nullable: boolean }[]>`
      select table_name as table, column_name as column, is_nullable = 'YES' as nullable
      from information_schema.columns where table_schema = 'public'`;
    const actual = new Map(rows.map((row) => [`${row.table}.${row.column}`, row.nullable]));
    const tables = Object.values(schema).filter((value) => is(value, PgTable)) as PgTable[];
    expect(tables.length).toBeGreaterThan(40);
    const expected = tables.flatMap((table) =>
      Object.values(getTableColumns(table)).map(
        (column) => [`${getTableName(table)}.${column.name}`, !column.notNull] as const,
      ),
    );
    for (const [name, nullable] of expected) expect([name, actual.get(name)]).toEqual([name, nullable]);
  });

  it("apply nothing the second time", async () => {
    expect((await migrate(database.url, new Date())).applied).toEqual([]);
  });

  it("let a process of the version before go on: the key that it writes is its submitter's like any other", async () => {
    const { sql } = database.db;
    await sql`insert into job (id, name, tenant, submitted_by, submitted_at, idempotency_key, gpus, duration_s, power_per_gpu_w,
        release_at, deadline_at, policy_id, policy_version, workload, status, updated_at)
      values ('job-before', 'x', 't', 'token-1', now(), 'key-1', 1, 60, 500, now(), now() + interval '1 day', 'balanced', 1, '{}', 'queued', now())`;
    const [row] = await sql`select submission_key, allowed_centre_ids from job where id = 'job-before'`;
    expect(row).toEqual({ submission_key: "key-1", allowed_centre_ids: null });
    const again = sql`insert into job select (j).* from (select jsonb_populate_record(j, '{"id": "job-now", "idempotency_key": null}') as j from job j) as rows`;
    await expect(again).rejects.toThrow(/job_submission/);
  });

  it("keep the audit log append-only", async () => {
    const { sql } = database.db;
    await sql`insert into audit_log (at, actor, action, subject, detail) values (now(), 'a', 'b', 'c', '{}')`;
    await expect(sql`update audit_log set actor = 'x'`).rejects.toThrow("append-only");
    await expect(sql`delete from audit_log`).rejects.toThrow("append-only");
  });

  it.runIf(inject("timeSeriesKind") === "timescaledb")("make hypertables where TimescaleDB is there", async () => {
    const rows = await database.db.sql`select hypertable_name from timescaledb_information.hypertables order by 1`;
    expect(rows.map((row) => row.hypertable_name)).toEqual(["gpu_sample", "reading"]);
  });
});
