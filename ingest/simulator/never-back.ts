import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import type { Simulation } from "./simulation.ts";

/**
 * Lifts counters to what the database has read of them. A kill never needs it, since the state is saved before it is
 * shown; a power cut or a lost data folder may take newer state than the database lost.
 */
export async function neverBack({ sql }: Database, simulation: Simulation, log: Logger): Promise<void> {
  const rows = await sql<{ key: string; value: number }[]>`
    select p.device_id || '/' || p.name as key, l.value from point_latest l join point p on p.id = l.point_id join device d on d.id = p.device_id
    where d.simulated and p.retired_at is null and p.kind = 'counter' and l.value is not null`;
  const read = new Map(rows.map(({ key, value }) => [key, Math.ceil(value * 1_000)]));
  const lifted: string[] = [];
  for (const centre of simulation.centres) {
    for (const [key, meter] of centre.meters) {
      const least = read.get(key) ?? 0;
      if (meter.whole >= least) continue;
      meter.whole = least;
      lifted.push(key);
    }
  }
  if (lifted.length)
    log.warn(
      { counters: lifted.length, first: lifted[0] },
      "simulated counters were behind their readings and were lifted",
    );
}
