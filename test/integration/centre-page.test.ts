import type { AppLoadContext } from "@remix-run/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serverI18n } from "#app/i18n/texts.server.ts";
import { presentCentre } from "#app/presenters/centre.server.ts";
import { hourMs } from "#app/presenters/hours.ts";
import { makeFormat } from "#app/use-format.ts";
import { profilePoints } from "#cli/profiles.ts";
import { applyFleet } from "#db/config/apply-fleet.ts";
import { parseFleetFile } from "#db/config/fleet-file.ts";
import { cloneDatabase } from "#test/support/database.ts";

const nowMs = Date.UTC(2026, 10, 25, 12, 30);
const view = {
  fromMs: nowMs - 24 * hourMs,
  toMs: nowMs,
  range: "now-24h" as const,
  zoneChoice: "UTC",
  refresh: "live" as const,
};
const say = { t: serverI18n("en").t, format: makeFormat("en", "UTC", nowMs) };
const meter = (id: string, role: string, unitId: number) =>
  `{ id: ${id}, role: ${role}, protocol: modbus-tcp, profile: generic-meter-float32, address: { gateway: g, unitId: ${unitId} }, intervalS: 1 }`;
const fleet = `version: 1
centres:
  - id: plant
    name: { en: Plant, zh-Hant: 廠房, zh-Hans: 厂房 }
    locality: { en: Somewhere, zh-Hant: 某地, zh-Hans: 某地 }
    country: DE
    jurisdiction: EU
    place: { latitude: 50.1, longitude: 8.7 }
    timeZone: Europe/Berlin
    gridZone: DE
    tier: regional
    pueCategory: 2
    powerCapKw: 200
    tariff: { computeHsPerGpuHour: "1" }
    engine: { kind: local }
    gateways: [{ id: g, protocol: modbus-tcp, port: 502 }]
    halls:
      - id: plant-hall
        name: Hall
        cooling: air
        racks:
          - id: rack-{01..02}
            row: A
            powerLimitKw: 30
            gpuClass: h100
            gpus: 8
            devices:
              - { id: "rack-{01}-a", role: rack_feed, feed: A, protocol: modbus-tcp, profile: generic-meter-float32, address: { gateway: g, unitId: "{i+10}" }, intervalS: 1 }
    devices:
      - ${meter("main", "grid", 1)}
      - ${meter("chiller", "cooling", 2)}
`;

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let context: AppLoadContext;

beforeAll(async () => {
  database = await cloneDatabase();
  await applyFleet(database.db, parseFleetFile(fleet, "plant.yaml"), profilePoints, new Date(nowMs - 30 * hourMs));
  context = { db: database.db, clock: () => nowMs } as AppLoadContext;
});
afterAll(() => database.drop());

/** The device's newest power, heard `agoMs` ago. */
async function hears(device: string, watts: number, agoMs: number): Promise<void> {
  const at = new Date(nowMs - agoMs).toISOString();
  await database.db.sql`
    insert into point_latest (point_id, time, received_at, value, quality)
    select id, ${at}, ${at}, ${watts}, 0 from point where device_id = ${device} and name = 'activePowerW'
    on conflict (point_id) do update set time = excluded.time, received_at = excluded.received_at, value = excluded.value`;
}
const present = (id = "plant", scope: string[] | null = null, rackId: string | null = null) =>
  presentCentre(context, scope, id, view, { metric: "power", rackId }, say);

it("tells a centre's PUE, its flow and its racks from the newest readings", async () => {
  await hears("main", 60_000, 1_000);
  await hears("chiller", 6_000, 1_000);
  await hears("rack-01-a", 24_000, 1_000);
  await hears("rack-02-a", 26_000, 1_000);
  const page = await present("plant", ["plant"], "rack-02");
  expect(page.pue.value).toBe(1.2);
  expect(page.figures[0]).toMatchObject({ value: "1.20", unit: "PUE2", status: "good" });
  expect(page.flow?.out.map(({ key, powerW }) => [key, powerW])).toEqual([
    ["it", 50_000],
    ["cooling", 6_000],
    ["rest", 4_000],
  ]);
  expect(page.halls[0]?.itW).toBe(50_000);
  expect(page.rack).toMatchObject({ id: "rack-02", powerW: 26_000, servers: [{ name: "rack-02-s01" }] });
  expect(page.rackDevices).toMatchObject({ all: 2, fresh: 0 });
  expect(page.devices.find(({ id }) => id === "main")?.readings[0]).toMatchObject({ unit: "W", value: 60_000 });
});

it("names the silent meter and since when, and gives no number", async () => {
  await hears("rack-01-a", 24_000, 3 * hourMs);
  const page = await present();
  const since = say.format.time(nowMs - 3 * hourMs);
  expect(page.pue).toMatchObject({ value: null, parts: null });
  expect(page.pue.why).toContain(`rack-01-a silent since ${since}`);
  expect(page.figures[0]).toMatchObject({ value: null });
  expect(page.figures[0]?.missing).toContain("rack-01-a");
  expect(`${page.lead.strong} ${page.lead.rest}`).toContain(`rack-01-a has been silent since ${since}`);
  expect(page.halls[0]?.racks[0]?.powerW).toBeNull();
});

it("names the hours that are not computable", async () => {
  const hour = (ago: number) => new Date(Math.floor(nowMs / hourMs) * hourMs - ago * hourMs).toISOString();
  await database.db.sql`
    insert into centre_hour (centre_id, hour, parts, facility_milli_wh, it_milli_wh, pue, pue_category, not_computable, coverage, simulated, derived_at)
    values ('plant', ${hour(2)}, '{}', 60000000, 50000000, 1.2, 2, null, 1, false, ${hour(0)}),
      ('plant', ${hour(1)}, '{}', 60000000, null, null, 2, ${JSON.stringify([{ deviceId: "rack-01-a", silentSince: hour(2) }])}::text::jsonb, 0.5, false, ${hour(0)})`;
  const { pueChart } = await present();
  expect(pueChart.buckets.slice(-2).map(({ pue }) => pue)).toEqual([1.2, null]);
  expect(pueChart.gaps.at(-1)?.text).toContain("rack-01-a silent since");
});

it("does not exist outside the reader's scope, nor under an unknown name", async () => {
  await expect(present("plant", ["other"])).rejects.toMatchObject({ status: 404 });
  await expect(present("nowhere")).rejects.toMatchObject({ status: 404 });
});
