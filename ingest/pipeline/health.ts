import type { Database } from "#db/client.ts";

/** What was heard of a device since the last flush. Instants in microseconds. */
type Heard = {
  seenUs: number | null;
  errorUs: number | null;
  error: string | null;
  messages: number;
  errors: number;
  clockOffsetMs: number | null;
};

/** Collects what is heard of devices; `flush` adds it to source_health in one statement. */
export class HealthBook {
  readonly #db: Database;
  #heard = new Map<string, Heard>();

  constructor(db: Database) {
    this.#db = db;
  }

  seen(deviceId: string, atUs: number, clockOffsetMs?: number): void {
    const heard = this.#of(deviceId);
    heard.seenUs = Math.max(heard.seenUs ?? atUs, atUs);
    heard.messages++;
    if (clockOffsetMs !== undefined) heard.clockOffsetMs = clockOffsetMs;
  }

  failed(deviceId: string, atUs: number, error: string): void {
    const heard = this.#of(deviceId);
    heard.errorUs = Math.max(heard.errorUs ?? atUs, atUs);
    heard.error = error.slice(0, 500).replaceAll("\0", "\ufffd");
    heard.errors++;
  }

  /** A device that was seen is live again. What cannot be written now is kept for the next flush. */
  async flush(): Promise<void> {
    if (this.#heard.size === 0) return;
    const flushed = this.#heard;
    this.#heard = new Map();
    try {
      await this.#write([...flushed].sort(([a], [b]) => (a < b ? -1 : 1)));
    } catch (error) {
      this.#putBack(flushed);
      throw error;
    }
  }

  async #write(entries: [string, Heard][]): Promise<void> {
    const column = <Value>(pick: (heard: Heard) => Value) => entries.map(([, heard]) => pick(heard));
    await this.#db.pool.query({
      name: "hs-source-health",
      text: `insert into source_health as h (device_id, last_seen_at, last_error_at, last_error, messages, errors, clock_offset_ms, stale)
        select device_id, to_timestamp(seen_us / 1000000), to_timestamp(error_us / 1000000), error, messages, errors, clock_offset_ms, false
        from unnest($1::text[], $2::float8[], $3::float8[], $4::text[], $5::bigint[], $6::bigint[], $7::float8[])
          as i(device_id, seen_us, error_us, error, messages, errors, clock_offset_ms)
        on conflict (device_id) do update set last_seen_at = greatest(h.last_seen_at, excluded.last_seen_at),
          last_error_at = greatest(h.last_error_at, excluded.last_error_at), last_error = coalesce(excluded.last_error, h.last_error),
          messages = h.messages + excluded.messages, errors = h.errors + excluded.errors,
          clock_offset_ms = coalesce(excluded.clock_offset_ms, h.clock_offset_ms), stale = h.stale and excluded.last_seen_at is null`,
      values: [
        entries.map(([deviceId]) => deviceId),
        column(({ seenUs }) => seenUs),
        column(({ errorUs }) => errorUs),
        column(({ error }) => error),
        column(({ messages }) => messages),
        column(({ errors }) => errors),
        column(({ clockOffsetMs }) => clockOffsetMs),
      ],
    });
  }

  #of(deviceId: string): Heard {
    let heard = this.#heard.get(deviceId);
    if (!heard) {
      heard = { seenUs: null, errorUs: null, error: null, messages: 0, errors: 0, clockOffsetMs: null };
      this.#heard.set(deviceId, heard);
    }
    return heard;
  }

  #putBack(earlier: Map<string, Heard>): void {
    for (const [deviceId, before] of earlier) {
      const now = this.#of(deviceId);
      now.seenUs ??= before.seenUs;
      now.errorUs ??= before.errorUs;
      now.error ??= before.error;
      now.clockOffsetMs ??= before.clockOffsetMs;
      now.messages += before.messages;
      now.errors += before.errors;
    }
  }
}

/** A device is stale when it says nothing for three of its intervals, and for at least 5 s (telemetry.md, "MQTT"). */
export const staleAfterSql = (interval: string): string => `greatest(3 * ${interval}, 5)`;
export const staleAfterMs = (intervalS: number): number => Math.max(3_000 * intervalS, 5_000);

/**
 * Marks devices that fell silent; what was not heard before `sinceMs`, when we began to listen, counts from then.
 * @returns how many live devices of the fleet are stale now.
 */
export async function markStale(db: Database, sinceMs: number, nowMs: number): Promise<number> {
  await db.pool.query({
    name: "hs-mark-stale",
    text: `insert into source_health (device_id, stale)
      select d.id, true from device d left join source_health h on h.device_id = d.id
      where d.retired_at is null and h.stale is distinct from true
        and $1::float8 - greatest(extract(epoch from h.last_seen_at)::float8, $2::float8) > ${staleAfterSql("d.interval_s")}
      order by d.id
      on conflict (device_id) do update set stale = true`,
    values: [nowMs / 1_000, sinceMs / 1_000],
  });
  const { rows } = await db.pool.query<{ stale: number }>({
    name: "hs-count-stale",
    text: `select count(*)::int as stale from source_health h join device d on d.id = h.device_id where h.stale and d.retired_at is null`,
  });
  return rows[0]!.stale;
}
