import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { type Database, openDatabase } from "./client.ts";

/* An exception that a driver throws from a callback fails the run, whatever the test expects. */
describe("a connection that the database ends", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let db: Database;
  beforeAll(async () => {
    database = await cloneDatabase();
    db = openDatabase({ url: database.url, applicationName: "hs-victim", relationalConnections: 4 });
  });
  afterAll(async () => {
    const begun = performance.now();
    await db.close();
    expect(performance.now() - begun, "an ordinary end takes no time").toBeLessThan(500);
    await database.drop();
  });
  const endAll = () =>
    database.db
      .sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name like 'hs-victim%'`;
  const works = async () => {
    const end = Date.now() + 5_000;
    for (;;) {
      try {
        return (await db.sql`select 1 as one`)[0];
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };

  it.each([0, 5, 200])(
    "%d ms before a transaction's next word fails the transaction, and nothing else",
    async (waitMs) => {
      const lost = db.sql.begin(async (sql) => {
        await sql`select 1`;
        await endAll();
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        await sql`select 2`;
      });
      await expect(lost).rejects.toThrow(/connection|terminat|CONNECTION/i);
      expect(await works()).toEqual({ one: 1 });
    },
  );

  it("in the middle of a transaction of drizzle fails it", async () => {
    const lost = db.orm.transaction(async (tx) => {
      await tx.execute("select 1");
      await Promise.all([tx.execute("select pg_sleep(5)"), endAll()]);
    });
    await expect(lost).rejects.toThrow();
    expect(await works()).toEqual({ one: 1 });
  });

  it("while many ask is an error of theirs, and then all works again", async () => {
    const asking = Array.from({ length: 200 }, (_, at) => db.sql`select ${at}::int as at, pg_sleep(0.001)`);
    await endAll();
    const results = await Promise.allSettled(asking);
    expect(results.some(({ status }) => status === "rejected")).toBe(true);
    expect(await works()).toEqual({ one: 1 });
    const all = await Promise.all(Array.from({ length: 50 }, () => works()));
    expect(all).toHaveLength(50);
  });

  it("that listens is made anew", async () => {
    const heard: unknown[] = [];
    let again = 0;
    const subscription = await db.listen(
      "hs_fleet",
      (payload) => heard.push(payload),
      () => again++,
    );
    await endAll();
    const end = Date.now() + 8_000;
    while (again === 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(again).toBe(1);
    await database.db.notify("hs_fleet", { a: 1 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(heard).toEqual([{ a: 1 }]);
    await subscription.stop();
  });
});
