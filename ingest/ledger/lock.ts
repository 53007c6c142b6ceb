import type { Sql } from "./fleet.ts";

/** Any constant, its own among the application's advisory locks. */
const ledgerLock = 4_851_002;

/** Makes this transaction the only one that writes the ledger; false when another is. */
export async function takeTurn(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${ledgerLock}) as mine`;
  return row?.mine ?? false;
}

/** Waits for the turn. */
export async function awaitTurn(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ledgerLock})`;
}
