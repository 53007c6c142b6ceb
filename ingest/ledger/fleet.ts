import type postgres from "postgres";
import { countedQuantities, type EnergyRole, isEnergyRole } from "#domain/indicators/roles.ts";

export type Sql = postgres.Sql | postgres.TransactionSql;

/** A point from which energy is derived. */
export type LedgerPoint = { id: number; name: string; quantity: string; rolloverAtWh: number | null };

/** A device in the energy balance, with the points that can give its energy. */
export type LedgerDevice = {
  id: string;
  centreId: string;
  role: EnergyRole;
  supply: string | null;
  intervalS: number;
  ratedPowerW: number | null;
  simulated: boolean;
  retiredAtMs: number | null;
  counters: LedgerPoint[];
  /** Integrated in hours in which no counter gives energy. */
  power: LedgerPoint | null;
};

export type LedgerCentre = {
  id: string;
  gridZone: string;
  pueCategory: number;
  adderUsdPerMwh: number;
  ownSupplyUsdPerMwh: number;
  simulated: boolean;
  retired: boolean;
};

export type LedgerFleet = {
  centres: Map<string, LedgerCentre>;
  devices: LedgerDevice[];
  deviceOfPoint: Map<number, LedgerDevice>;
};

type Row = Omit<LedgerDevice, "role" | "counters" | "power"> & {
  role: string;
  points: (LedgerPoint & { kind: string; unit: string })[];
};

/** The fleet as the ledger sees it: retired devices too, since their hours stay. */
export async function readLedgerFleet(sql: Sql): Promise<LedgerFleet> {
  const centres = await sql<LedgerCentre[]>`
    select id, grid_zone as "gridZone", pue_category as "pueCategory", (tariff->>'adderUsdPerMwh')::float8 as "adderUsdPerMwh",
      coalesce((tariff->>'ownSupplyUsdPerMwh')::float8, 0) as "ownSupplyUsdPerMwh",
      simulated, retired_at is not null as retired from centre order by id`;
  const rows = await sql<Row[]>`
    select d.id, d.centre_id as "centreId", d.role, d.supply, d.interval_s as "intervalS", d.rated_power_w as "ratedPowerW", d.simulated,
      (extract(epoch from d.retired_at) * 1000)::float8 as "retiredAtMs",
      jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'quantity', p.quantity, 'kind', p.kind, 'unit', p.unit, 'rolloverAtWh', p.rollover_at) order by p.id) as points
    from device d join point p on p.device_id = d.id and p.retired_at is null
    group by d.id order by d.id`;
  const devices = rows.flatMap(({ points, role, ...row }): LedgerDevice[] => {
    if (!isEnergyRole(role)) return [];
    const counting = points.filter(({ kind, unit }) => kind === "counter" && unit === "Wh");
    const wanted = countedQuantities(
      role,
      counting.map(({ quantity }) => quantity),
    );
    const power = points.find(({ quantity, unit }) => quantity === "activePower" && unit === "W") ?? null;
    return [{ ...row, role, counters: counting.filter(({ quantity }) => wanted.includes(quantity)), power }];
  });
  return {
    centres: new Map(centres.map((centre) => [centre.id, centre])),
    devices,
    deviceOfPoint: new Map(
      devices.flatMap((device) =>
        [...device.counters, ...(device.power ? [device.power] : [])].map((p) => [p.id, device]),
      ),
    ),
  };
}
