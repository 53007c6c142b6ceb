/* kill -9 of the whole console, again and again, at random moments, while jobs run and settle: nothing lost, nothing twice. */
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRunning } from "#cli/data-folder.ts";
import {
  type ConsoleProcess,
  processesOf,
  startConsole,
  temporaryFolder,
  waitUntil,
} from "#test/support/console-process.ts";
import { hs } from "#test/support/hs.ts";
import { randomFrom, seedOfRun } from "#test/support/random.ts";

const rounds = Number(process.env.KILL_ROUNDS ?? 5);
const random = randomFrom(seedOfRun("kill"));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ConsoleProcess;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await server?.interrupt();
  await folder?.remove();
});

async function query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: (await readRunning(folder.path))!.databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
const one = async (text: string) => Number(Object.values((await query(text))[0]!)[0]);

it(`${rounds} rounds of kill -9`, async () => {
  const settings = { SIM_HISTORY_DAYS: "1" };
  server = await startConsole(folder.path, settings);
  const token = await hs(["token", "create", "--role", "scheduling"], { DATA_DIR: folder.path });
  const submit = (name: string) =>
    fetch(`${server.url}/api/v1/jobs`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": name },
      body: JSON.stringify({ name, gpus: 8, durationS: 10, deadlineInS: 7_200, policy: "fastest" }),
    });
  const down: { from: number; to: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Twice with one key: a client that heard no answer asks again.
    for (const name of [`a-${round}`, `b-${round}`, `a-${round}`])
      expect((await submit(name)).status).toBeLessThan(300);
    await pause(random() * 30_000);
    await server.kill();
    const from = Date.now();
    // Sometimes at once, while the former servers are on their way out.
    if (random() < 0.5) {
      await waitUntil(
        () => processesOf(folder.path).every((line) => line.includes("workload.ts")),
        10_000,
        () => `only jobs may be left: ${processesOf(folder.path).join("; ")}`,
      );
    }
    server = await startConsole(folder.path, settings);
    down.push({ from, to: Date.now() });
    console.log(`round ${round + 1}: up again after ${((Date.now() - from) / 1_000).toFixed(1)} s`);
  }

  const jobs = 2 * rounds;
  expect(await one("select count(*) from job")).toBe(jobs);
  await waitUntil(
    async () =>
      (await one(
        "select count(*) from settlement s join chain_settlement c on c.job_hash = s.job_hash and c.amount_wei = s.amount_wei where s.status = 'confirmed'",
      )) === jobs,
    600_000,
    "every job to be settled",
  );
  expect(await query("select job_id from job_run where exit_code = 0 group by 1 having count(*) > 1")).toEqual([]);
  expect(
    await query(
      "select gpu from (select unnest(gpu_ids) as gpu from placement where status = 'committed') held group by 1 having count(*) > 1",
    ),
  ).toEqual([]);
  expect(await query("select point_id, time from reading group by 1, 2 having count(*) > 1")).toEqual([]);
  expect(
    await one(
      `select count(*) from (select value - lag(value) over (partition by point_id order by time) as step
         from reading r join point p on p.id = r.point_id where p.kind = 'counter' and r.time > now() - interval '30 minutes') s where step < 0`,
    ),
  ).toBe(0);
  // No gap of a live point reaches beyond a downtime and two of its intervals.
  const gaps = await query(
    `select d.id, d.interval_s, extract(epoch from before)::float8 * 1000 as from_ms, extract(epoch from time)::float8 * 1000 as to_ms from (
       select point_id, time, lag(time) over (partition by point_id order by time) as before from reading
       where time > to_timestamp($1::float8 / 1000) - interval '1 minute' and quality = 0) g
     join point p on p.id = g.point_id join device d on d.id = p.device_id
     where time - before > make_interval(secs => 2 * d.interval_s + 2)`,
    [down[0]!.from],
  );
  for (const gap of gaps) {
    const slackMs = (2 * Number(gap.interval_s) + 2) * 1_000;
    const explained = down.some(
      ({ from, to }) => Number(gap.from_ms) >= from - slackMs && Number(gap.to_ms) <= to + slackMs,
    );
    expect([gap.id, explained]).toEqual([gap.id, true]);
  }
});
