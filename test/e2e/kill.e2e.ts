/* kill -9 of the whole process during ingest: what was committed stays, what the meters counted is there, chain and database agree. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRunning } from "#cli/data-folder.ts";
import {
  type ConsoleProcess,
  processesOf,
  startConsole,
  temporaryFolder,
  waitUntil,
} from "#test/support/console-process.ts";
import { hs } from "#test/support/hs.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ConsoleProcess | undefined;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await server?.interrupt();
  await folder.remove();
});

const query = async (text: string, values: unknown[] = []) => {
  const client = new pg.Client({ connectionString: (await readRunning(folder.path))!.databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
};

describe("kill -9 and a start", () => {
  it("leaves no process, no gap beyond the downtime and no duplicate, and settles each job once", async () => {
    server = await startConsole(folder.path, { SIM_HISTORY_DAYS: "1" });
    const token = await hs(["token", "create", "--role", "scheduling"], { DATA_DIR: folder.path });
    const submitted = await fetch(`${server.url}/api/v1/jobs`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({
        name: "survivor",
        gpus: 8,
        durationS: 30,
        deadlineInS: 7_200,
        policy: "fastest",
        workload: { kind: "hash-chain" },
      }),
    });
    expect(submitted.status).toBe(201);
    const settled = async () =>
      (
        await query(
          "select 1 from settlement s join chain_settlement c on c.job_hash = s.job_hash and c.amount_wei = s.amount_wei where s.status = 'confirmed'",
        )
      ).length;
    await waitUntil(async () => (await settled()) === 1, 150_000, "the first job to settle");
    await new Promise((resolve) => setTimeout(resolve, 3_000));

    await server.kill();
    const killedAt = Date.now();
    await waitUntil(
      () => processesOf(folder.path).length === 0,
      10_000,
      () => `no process is left: ${processesOf(folder.path).join("; ")}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const startedAt = Date.now();
    server = await startConsole(folder.path, { SIM_HISTORY_DAYS: "1" });
    const downtimeS = (Date.now() - killedAt) / 1_000;
    console.log(
      `down for ${downtimeS.toFixed(1)} s, of which start ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`,
    );
    await new Promise((resolve) => setTimeout(resolve, 20_000));

    // Gaps of each live point since five minutes before the kill: at most the downtime and two intervals.
    const gaps = await query(
      `select d.id, max(extract(epoch from gap))::float8 as gap_s, max(d.interval_s) as interval_s from (
         select point_id, time - lag(time) over (partition by point_id order by time) as gap from reading where time > now() - interval '5 minutes' and quality = 0) g
       join point p on p.id = g.point_id join device d on d.id = p.device_id where gap is not null group by d.id`,
    );
    expect(gaps.length).toBeGreaterThan(50);
    for (const row of gaps) expect([row.id, row.gap_s <= downtimeS + 2 * row.interval_s + 2]).toEqual([row.id, true]);
    const duplicates = await query("select point_id, time from reading group by 1, 2 having count(*) > 1");
    expect(duplicates).toEqual([]);

    // Counters never step back, and the ledger agrees with the meters' own truth.
    const steps = await query(
      `select count(*) as back from (select value - lag(value) over (partition by point_id order by time) as step from reading r join point p on p.id = r.point_id
        where p.kind = 'counter' and r.time > now() - interval '5 minutes') s where step < 0`,
    );
    expect(Number(steps[0].back)).toBe(0);

    // The chain may have come back shorter: everything agrees again, each job once.
    await waitUntil(async () => (await settled()) === 1, 90_000, "settlement and chain to agree again");
    const twice = await query(
      "select job_id, count(*) from job_run where exit_code = 0 group by job_id having count(*) > 1",
    );
    expect(twice).toEqual([]);
  });

  it("refuses a second start on a live folder", async () => {
    await expect(startConsole(folder.path)).rejects.toThrow(/is in use by a running console/);
  });

  it("keeps the ledger within 0.1 % of the simulator's own truth", async () => {
    const hour = 3_600_000;
    const to = new Date(Math.floor(Date.now() / hour) * hour);
    const from = new Date(to.getTime() - 20 * hour);
    await waitUntil(
      async () => (await query("select 1 from energy_dirty_hour where hour < $1 limit 1", [to])).length === 0,
      60_000,
      "the ledger to be derived",
    );
    const output = await hs(["ledger", "compare", "--from", from.toISOString(), "--to", to.toISOString()], {
      DATA_DIR: folder.path,
    });
    console.log(output.split("\n").at(-1));
    expect(output).toMatch(/worst 0\.0\d+ %/);
  });
});
