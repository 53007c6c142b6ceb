import type { Database } from "#db/client.ts";
import { channels } from "#db/notify.ts";
import type { Decided } from "./debounce.ts";
import { type Finding, type RuleName, ruleNames } from "./types.ts";

export type OpenAlarm = { id: number; cause: string; rule: RuleName; severity: string; key: string; seenMs: number };

/** An alarm that goes on is written again this often, with its newest values. */
const refreshMs = 10_000;

/** Open alarms of our rules; others keep their own. */
export async function readOpenAlarms({ sql }: Database): Promise<OpenAlarm[]> {
  return sql<OpenAlarm[]>`
    select id::int as id, cause, rule, severity, message->>'key' as key, (extract(epoch from last_seen_at) * 1000)::float8 as "seenMs"
    from alarm where closed_at is null and rule = any(${[...ruleNames]})`;
}

/**
 * Writes what was decided, and tells `channels.alarm` what a person should hear of: opened, closed, or now of another
 * severity. Two alarm roles that decide the same open one alarm: the database knows one open alarm a cause.
 * @returns how many alarms were opened and closed here.
 */
export async function applyDecided(
  db: Database,
  { open, keep, close }: Decided,
  known: OpenAlarm[],
  nowMs: number,
): Promise<{ opened: number; closed: number }> {
  const { sql } = db;
  const now = new Date(nowMs).toISOString();
  const tell = (alarmId: number, centreId: string) => db.notify(channels.alarm, { alarmId, centreId });
  let [opened, closed] = [0, 0];
  for (const { cause, rule, severity, centreId, deviceId, message } of open) {
    const [row] = await sql<{ id: number; made: boolean }[]>`
      insert into alarm as a (cause, rule, severity, centre_id, device_id, message, opened_at, last_seen_at)
      values (${cause}, ${rule}, ${severity}, ${centreId}, ${deviceId ?? null}, ${JSON.stringify(message)}::text::jsonb, ${now}, ${now})
      on conflict (cause) where closed_at is null do update set last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at)
      returning id::int as id, xmax = 0 as made`;
    if (!row?.made) continue;
    opened++;
    await tell(row.id, centreId);
  }
  const byCause = new Map(known.map((alarm) => [alarm.cause, alarm]));
  for (const finding of keep) {
    const alarm = byCause.get(finding.cause);
    if (!alarm || !isNews(finding, alarm, nowMs)) continue;
    const rows = await sql`
      update alarm set severity = ${finding.severity}, device_id = ${finding.deviceId ?? null},
        message = ${JSON.stringify(finding.message)}::text::jsonb, last_seen_at = ${now} where id = ${alarm.id} and closed_at is null returning 1`;
    if (rows.length && alarm.severity !== finding.severity) await tell(alarm.id, finding.centreId);
  }
  for (const cause of close) {
    const [row] = await sql<{ id: number; centreId: string }[]>`
      update alarm set closed_at = ${now} where id = ${byCause.get(cause)?.id ?? -1} and closed_at is null
      returning id::int as id, centre_id as "centreId"`;
    if (!row) continue;
    closed++;
    await tell(row.id, row.centreId);
  }
  return { opened, closed };
}

const isNews = ({ severity, message }: Finding, alarm: OpenAlarm, nowMs: number) =>
  severity !== alarm.severity || message.key !== alarm.key || nowMs - alarm.seenMs >= refreshMs;
