import { and, eq, isNull, notInArray, sql } from "drizzle-orm";
import type { Database } from "#db/client.ts";
import { channels } from "#db/notify.ts";
import { alarm } from "#db/schema/work.ts";
import type { Mismatch } from "./compare.ts";

const rule = "chain-mismatch";

/** Opens an alarm for each mismatch, once, and closes those whose mismatch is gone (a reorganisation took it back). */
export async function raiseMismatches(db: Database, mismatches: Mismatch[], now: Date): Promise<void> {
  for (const { cause, centreId, field, ours, onChain } of mismatches) {
    const [row] = await db.orm
      .insert(alarm)
      .values({
        cause,
        rule,
        severity: "act",
        centreId,
        message: { key: "chainMismatch", values: { field, ours, onChain } },
        openedAt: now,
        lastSeenAt: now,
      })
      .onConflictDoUpdate({ target: alarm.cause, targetWhere: sql`closed_at is null`, set: { lastSeenAt: now } })
      .returning({ id: alarm.id, openedAt: alarm.openedAt });
    if (row?.openedAt.getTime() === now.getTime()) await db.notify(channels.alarm, { alarmId: row.id, centreId });
  }
  const open = mismatches.map(({ cause }) => cause);
  const closed = await db.orm
    .update(alarm)
    .set({ closedAt: now })
    .where(and(eq(alarm.rule, rule), isNull(alarm.closedAt), open.length ? notInArray(alarm.cause, open) : undefined))
    .returning({ id: alarm.id, centreId: alarm.centreId });
  for (const { id, centreId } of closed) await db.notify(channels.alarm, { alarmId: id, centreId });
}
