import { expect, it } from "vitest";
import type { ZoneValue } from "#db/queries/fleet.ts";
import { centreRow, meter, nowMs } from "./centre.fixture.ts";
import { floorHour, hourMs } from "./hours.ts";
import { type OutlookCentre, outlook } from "./outlook.ts";
import { powerNow } from "./power-now.ts";

const value = (zone: string, series: string, ahead: number, amount: number): ZoneValue => ({
  zone,
  series,
  timeMs: floorHour(nowMs) + ahead * hourMs,
  value: amount,
  simulated: false,
  issuedAtMs: ahead > 0 ? nowMs : null,
});
const hours = Array.from({ length: 24 }, (_, index) => index + 1);
const values = [
  value("Z", "carbonLocationGPerKwh", 0, 400),
  value("Z", "priceUsdPerMwh", 0, 40),
  ...hours.map((ahead) => value("Z", "carbonLocationGPerKwh", ahead, ahead <= 12 ? 500 : 100)),
  ...hours.map((ahead) => value("Z", "priceUsdPerMwh", ahead, 40)),
  ...hours.map((ahead) => value("north", "ownSupplyW", ahead, ahead <= 12 ? 200_000 : 0)),
];
const centre: OutlookCentre = {
  ...centreRow,
  adderUsdPerMwh: 8,
  power: powerNow([meter("grid", "grid", 25_000), meter("hydro", "hydro", 75_000)], 2, nowMs),
  loadW: 100_000,
  ownCoverAtMost: 0.96,
};

it("counts own supply as the scheduler does: a dirty grid that is hardly used is the cleaner hour", () => {
  const { hours: shown, cleanest } = outlook(values, centre, nowMs);
  expect(shown[0]).toMatchObject({ gridCarbon: 500, usdPerMwh: 48 });
  expect(shown[0]?.carbon).toBeCloseTo(500 * 0.04, 9);
  expect(shown[23]).toMatchObject({ gridCarbon: 100, carbon: 100 });
  expect(cleanest?.toMs).toBeLessThanOrEqual(floorHour(nowMs) + 13 * hourMs);
});

it("says what is drawn now: the grid's part as metered", () => {
  expect(outlook(values, centre, nowMs).now).toEqual({ carbon: 100, usdPerMwh: 48 });
  const silent = powerNow([meter("grid", "grid", null, { receivedAtMs: null })], 2, nowMs);
  expect(outlook(values, { ...centre, power: silent }, nowMs).now.carbon).toBeNull();
});

it("lets the grid stand alone where no load is known", () => {
  expect(outlook(values, { ...centre, loadW: null }, nowMs).hours[0]?.carbon).toBe(500);
});
