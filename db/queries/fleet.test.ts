import { afterAll, beforeAll, expect, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { addCentre } from "#test/support/ledger-world.ts";
import { centreHour } from "../schema/energy.ts";
import { forecast } from "../schema/fleet.ts";
import { ownCoverSeen } from "./capacity.ts";
import { hoursAboveTarget } from "./fleet.ts";

const hourMs = 3_600_000;
const now = new Date("2026-11-25T12:00:00Z");
const at = (ago: number) => new Date(now.getTime() - ago * hourMs);

let database: Awaited<ReturnType<typeof cloneDatabase>>;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

type Row = typeof centreHour.$inferInsert;
/** Hours of a centre by how long ago they began; the target is 1.20. */
async function hours(centreId: string, rows: (Pick<Row, "pue"> & { ago: number } & Partial<Row>)[]): Promise<void> {
  await addCentre(database.db, centreId, "Z");
  await database.db.orm.insert(centreHour).values(
    rows.map(({ ago, ...row }) => ({
      centreId,
      hour: at(ago),
      parts: {},
      facilityMilliWh: 120e6,
      itMilliWh: 100e6,
      pueCategory: 2,
      coverage: 1,
      estimatedShare: 0,
      simulated: true,
      derivedAt: now,
      ...row,
    })),
  );
}
const above = async (most: number) =>
  Object.fromEntries(
    (await hoursAboveTarget(database.db, null, now, most)).map(({ centreId, hours: count, atLeast }) => [
      centreId,
      `${atLeast ? "at least " : ""}${count}`,
    ]),
  );
const bad = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ ago: from + index, pue: 1.3 }));

it("counts the hours above the target back to the last that met it, however long a page's range is", async () => {
  await hours("five", [...bad(1, 5), { ago: 6, pue: 1.2 }, ...bad(7, 20)]);
  await hours("gap", [...bad(1, 3), { ago: 4, pue: null, facilityMilliWh: null }, ...bad(5, 9)]);
  await hours("hole", [...bad(1, 2), ...bad(4, 9)]);
  await hours("always", bad(1, 60));
  await hours("good", [{ ago: 1, pue: 1.19 }, ...bad(2, 9)]);
  await hours("old", bad(5, 9));
  // The newest hour may still be on its way.
  await hours("late", [...bad(2, 4), { ago: 6, pue: 1 }]);
  expect(await above(48)).toEqual({ five: "5", gap: "3", hole: "2", always: "at least 48", late: "4" });
  expect((await above(60)).always).toBe("at least 60");
  expect((await above(61)).always).toBe("60");
  expect(await hoursAboveTarget(database.db, ["good", "five"], now, 48)).toHaveLength(1);
});

it("learns how much of its load own supply carries where it was foretold to carry all", async () => {
  const carried = (ago: number, hydro: number, wind: number) => ({ ago, pue: 1.2, parts: { hydro, wind } });
  await hours("hydro", [carried(2, 117e6, 0), carried(3, 60e6, 57e6), carried(4, 50e6, 0)]);
  await database.db.orm.insert(forecast).values(
    // Enough for the 120 kW in hours 2 and 3, not in hour 4.
    [
      [2, 130_000],
      [3, 125_000],
      [4, 50_000],
    ].map(([ago, value]) => ({
      key: "hydro",
      series: "ownSupplyW",
      issuedAt: at(ago! + 1),
      time: at(ago!),
      value: value!,
      source: "test",
      simulated: true,
    })),
  );
  const seen = await ownCoverSeen(database.db, ["hydro", "five"], now);
  expect(seen.get("hydro")).toBeCloseTo(234 / 240, 9);
  // Without a forecast nothing is learnt.
  expect(seen.has("five")).toBe(false);
});
