import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "#db/client.ts";
import { ensureFirstAdmin } from "#db/queries/people.ts";

/** While nobody has signed in yet: a fresh one-time link on the terminal and, mode 600, in the data folder. */
export async function announceFirstAdmin(
  db: Database,
  folder: string,
  consoleUrl: string,
  say: (line: string) => void,
): Promise<void> {
  const path = join(folder, "first-sign-in.txt");
  const first = await ensureFirstAdmin(db, new Date());
  if (!first) {
    await rm(path, { force: true });
    return;
  }
  const link = `${consoleUrl}/sign-in/link/${first.token}`;
  await writeFile(path, `${link}\n`, { mode: 0o600 });
  say(`First sign-in (once, also in ${path}): ${link}`);
}
