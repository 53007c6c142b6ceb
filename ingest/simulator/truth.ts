import type { Database } from "#db/client.ts";
import { hourMs } from "./physics/units.ts";
import type { HourLine } from "./simulation.ts";
import { readHours } from "./state-folder.ts";

export type TruthRow = {
  deviceId: string;
  /** Point of the counter: a grid meter has two. */
  point: string;
  /** What the simulated meter counted. */
  truthWh: number;
  /** What the ledger says of the same hours. */
  ledgerWh: number;
  /** (ledger − truth) / truth; 0 where both are 0. */
  deviation: number;
};

/**
 * Compares the ledger with what the simulated meters counted, over the whole hours of [from, to) that the simulator's
 * record in `dataDir` knows.
 * @throws Error when it knows none of them.
 */
export async function compareTruth(db: Database, dataDir: string, from: Date, to: Date): Promise<TruthRow[]> {
  const hours = readHours(dataDir, Math.ceil(from.getTime() / hourMs) * hourMs, to.getTime());
  const [first, last] = [hours[0], hours.at(-1)];
  if (!first || !last || first === last)
    throw new Error(
      `The simulator's record in ${dataDir} holds no whole hour between ${from.toISOString()} and ${to.toISOString()}.`,
    );
  const rows = await db.sql<{ deviceId: string; point: string; hourMs: number; milliWh: string }[]>`
    select p.device_id as "deviceId", p.name as point, extract(epoch from l.hour)::float8 * 1000 as "hourMs", sum(l.energy_milli_wh)::text as "milliWh"
    from point p join device d on d.id = p.device_id
      left join energy_ledger l on l.point_id = p.id and l.hour >= ${iso(first.hourMs)} and l.hour < ${iso(last.hourMs)}
    where d.simulated and p.retired_at is null and p.kind = 'counter' and p.unit = 'Wh'
    group by p.device_id, p.name, l.hour order by p.device_id, p.name`;
  const compared = new Map<string, TruthRow>();
  for (const { deviceId, point, hourMs: atMs, milliWh } of rows) {
    const known = spanOf(hours, deviceId, point);
    if (!known) continue;
    const key = `${deviceId}/${point}`;
    const row = compared.get(key) ?? { deviceId, point, truthWh: known.wh, ledgerWh: 0, deviation: 0 };
    if (atMs >= known.fromMs && atMs < known.toMs) row.ledgerWh += Number(milliWh) / 1_000;
    compared.set(key, row);
  }
  return [...compared.values()].map((row) => ({ ...row, deviation: deviationOf(row) }));
}

/** The counter's first and last hour in the record: a meter may have joined the fleet, or left it, in between. */
function spanOf(
  hours: HourLine[],
  deviceId: string,
  point: string,
): { fromMs: number; toMs: number; wh: number } | undefined {
  const counted = (line: HourLine) => line.values[deviceId]?.[point] ?? null;
  const first = hours.find((line) => counted(line) !== null);
  const last = hours.findLast((line) => counted(line) !== null);
  if (!first || !last || first === last) return undefined;
  return { fromMs: first.hourMs, toMs: last.hourMs, wh: counted(last)! - counted(first)! };
}

function deviationOf({ truthWh, ledgerWh }: TruthRow): number {
  if (truthWh === ledgerWh) return 0;
  return truthWh === 0 ? Number.POSITIVE_INFINITY : (ledgerWh - truthWh) / truthWh;
}

const iso = (timeMs: number) => new Date(timeMs).toISOString();
