import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "#db/client.ts";

/** A fresh migrated database for one suite, dropped by `drop`. */
export async function cloneDatabase(): Promise<{ db: Database; url: string; drop(): Promise<void> }> {
  const adminUrl = inject("adminUrl");
  const name = `hs_${randomBytes(6).toString("hex")}`;
  await administer(adminUrl, `create database ${name} template hs_template`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const db = openDatabase({ url: url.href, applicationName: "hs-test" });
  return {
    db,
    url: url.href,
    async drop() {
      await db.close();
      await administer(adminUrl, `drop database ${name} with (force)`);
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Another suite may be cloning the template at this moment: wait for it.
    for (let attempt = 0; ; attempt++) {
      try {
        await client.query(statement);
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== "55006" || attempt > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    await client.end();
  }
}
