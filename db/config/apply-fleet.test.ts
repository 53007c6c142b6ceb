import { asc, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloneDatabase } from "#test/support/database.ts";
import { channels } from "../notify.ts";
import { centre, device, gateway, gpu, hall, point, rack } from "../schema/fleet.ts";
import { applyFleet, type FleetPoint } from "./apply-fleet.ts";
import { parseFleetFile } from "./fleet-file.ts";

const day = new Date("2025-03-01T00:00:00Z");
const later = new Date("2025-03-02T00:00:00Z");

const gauge = (name: string): FleetPoint => ({
  name,
  quantity: "activePower",
  unit: "W",
  kind: "gauge",
  minimum: null,
  maximum: 1e6,
  rolloverAt: null,
});
const profiles: Record<string, FleetPoint[]> = {
  meter: [
    gauge("activePowerW"),
    { ...gauge("energyImportWh"), quantity: "energyImport", unit: "Wh", kind: "counter", maximum: null },
  ],
  other: [{ ...gauge("energyImportWh"), quantity: "energyImport", unit: "Wh", kind: "counter", maximum: null }],
  gpus: [],
};
const profilePoints = (name: string) => {
  const points = profiles[name];
  if (!points) throw new Error(`no profile ${name}`);
  return points;
};

type Options = { centres?: string[]; racks?: number; gpus?: number; profile?: string; port?: string; host?: string };
/** Each centre: a gateway, a meter, and racks with two feeds and a GPU publisher. */
function fleetOf({ centres = ["aa", "bb"], racks = 2, gpus = 16, ...rest }: Options = {}) {
  const { profile = "meter", port = "auto", host = "127.0.0.1" } = rest;
  const name = (text: string) => `{ en: ${text}, zh-Hant: ${text}, zh-Hans: ${text} }`;
  const text = `version: 1
simulated: true
centres:
${centres
  .map(
    (id) => `  - id: ${id}
    name: ${name(id)}
    locality: ${name("Place")}
    country: CN
    jurisdiction: CN
    place: { latitude: 23.1, longitude: 113.3, altitudeM: 12 }
    timeZone: Asia/Shanghai
    gridZone: CN-GD
    tier: core
    pueCategory: 2
    powerCapKw: 900
    storage: { capacityKwh: 2000, powerKw: 500 }
    tariff: { adderUsdPerMwh: 7.5, computeHsPerGpuHour: "1.25" }
    engine: { kind: local }
    gateways: [{ id: ${id}-gw, protocol: modbus-tcp, host: ${host}, port: ${port} }]
    halls:
      - id: ${id}-hall
        name: Hall A
        cooling: air
        racks:
          - id: ${id}-{01..${String(racks).padStart(2, "0")}}
            row: A
            powerLimitKw: 40
            gpuClass: H100
            gpus: ${gpus}
            reservedGpus: 4
            devices:
              - { id: "${id}-pdu-{01}-a", role: rack_feed, feed: A, protocol: modbus-tcp, profile: ${profile}, address: { gateway: ${id}-gw, unitId: "{i*2+10}" }, intervalS: 2 }
              - { id: "${id}-pdu-{01}-b", role: rack_feed, feed: B, protocol: modbus-tcp, profile: ${profile}, address: { gateway: ${id}-gw, unitId: "{i*2+11}" }, intervalS: 2 }
              - { id: "${id}-gpu-{01}", role: gpu_rack, protocol: mqtt-json, profile: gpus, address: { topic: "hs/${id}/{01}/gpu" }, intervalS: 5 }
    devices:
      - { id: ${id}-grid, role: grid, supply: grid, protocol: modbus-tcp, profile: ${profile}, address: { gateway: ${id}-gw, unitId: 1 }, intervalS: 1, ratedPowerKw: 800 }`,
  )
  .join("\n")}
`;
  return parseFleetFile(text, "test.yaml");
}

describe("applyFleet", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  const apply = (options?: Options, now = day) => applyFleet(database.db, fleetOf(options), profilePoints, now);
  const ids = async () => {
    const { orm } = database.db;
    const points = await orm.select().from(point).orderBy(asc(point.deviceId), asc(point.name));
    const gpus = await orm.select().from(gpu).orderBy(asc(gpu.rackId), asc(gpu.index));
    return [points.map((row) => [row.deviceId, row.name, row.id]), gpus.map((row) => [row.rackId, row.index, row.id])];
  };

  beforeAll(async () => {
    database = await cloneDatabase();
    await apply();
  });
  afterAll(() => database.drop());

  it("writes every word of the fleet file in the database's units", async () => {
    const { orm } = database.db;
    const centres = await orm.select().from(centre).orderBy(asc(centre.position));
    expect(centres.map(({ id, position }) => [id, position])).toEqual([
      ["aa", 0],
      ["bb", 1],
    ]);
    expect(centres[0]).toMatchObject({
      latitude: 23.1,
      altitudeM: 12,
      powerCapW: 900_000,
      storageCapacityWh: 2e6,
      tariff: { adderUsdPerMwh: 7.5, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1.25" },
      targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
      engine: { kind: "local" },
      simulated: true,
      retiredAt: null,
    });
    expect(await orm.select().from(hall)).toHaveLength(2);
    const racks = await orm.select().from(rack).where(eq(rack.centreId, "bb")).orderBy(asc(rack.id));
    expect(
      racks.map(({ id, slot, gpuCount, reservedGpus, powerLimitW }) => [id, slot, gpuCount, reservedGpus, powerLimitW]),
    ).toEqual([
      ["bb-01", 1, 16, 4, 40_000],
      ["bb-02", 2, 16, 4, 40_000],
    ]);
    const gpus = await orm.select().from(gpu).where(eq(gpu.rackId, "aa-02")).orderBy(asc(gpu.index));
    expect(gpus).toHaveLength(16);
    expect([gpus[7]?.server, gpus[8]?.server, gpus[8]?.uuid, gpus[8]?.ratedPowerW]).toEqual([
      "aa-02-s01",
      "aa-02-s02",
      "unknown:aa-02/8",
      700,
    ]);
    const [grid] = await orm.select().from(device).where(eq(device.id, "aa-grid"));
    expect(grid).toMatchObject({
      gatewayId: "aa-gw",
      address: { unitId: 1 },
      ratedPowerW: 800_000,
      rackId: null,
      simulated: true,
    });
    const [feed] = await orm.select().from(device).where(eq(device.id, "bb-pdu-02-b"));
    expect(feed).toMatchObject({
      centreId: "bb",
      hallId: "bb-hall",
      rackId: "bb-02",
      feed: "B",
      address: { unitId: 15 },
    });
    const points = await orm.select().from(point).where(eq(point.deviceId, "aa-grid")).orderBy(asc(point.name));
    expect(points.map(({ name, quantity, unit, kind, maximum }) => [name, quantity, unit, kind, maximum])).toEqual([
      ["activePowerW", "activePower", "W", "gauge", 1e6],
      ["energyImportWh", "energyImport", "Wh", "counter", null],
    ]);
  });

  it("writes nothing and tells nobody when nothing changed", async () => {
    let told = 0;
    const subscription = await database.db.listen(channels.fleet, () => told++);
    const writes = async () =>
      (
        await database.db.sql`select relname, xmin::text, ctid::text from (
        select 'point' as relname, xmin, ctid from point union all select 'gpu', xmin, ctid from gpu
        union all select 'device', xmin, ctid from device union all select 'centre', xmin, ctid from centre) rows order by 1, 3`
      ).map((row) => ({ ...row }));
    const before = await writes();
    await apply({}, later);
    expect(await writes()).toEqual(before);
    await apply({ profile: "other" }, later);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toBe(1);
    await apply();
    await subscription.stop();
  });

  it("retires what left, with all that stands in it, and takes it back under its old ids", async () => {
    const { orm } = database.db;
    const before = await ids();
    await apply({ centres: ["bb"], racks: 1, gpus: 8 }, later);
    const live = async () => ({
      centres: (await orm.select().from(centre).where(isNull(centre.retiredAt))).map(({ id }) => id),
      halls: (await orm.select().from(hall).where(isNull(hall.retiredAt))).length,
      racks: (await orm.select().from(rack).where(isNull(rack.retiredAt))).map(({ id }) => id),
      gpus: (await orm.select().from(gpu).where(isNull(gpu.retiredAt))).length,
      devices: (await orm.select().from(device).where(isNull(device.retiredAt))).length,
      points: (await orm.select().from(point).where(isNull(point.retiredAt))).length,
    });
    expect(await live()).toEqual({ centres: ["bb"], halls: 1, racks: ["bb-01"], gpus: 8, devices: 4, points: 6 });
    const [retired] = await orm.select().from(rack).where(eq(rack.id, "aa-01"));
    expect(retired?.retiredAt).toEqual(later);
    await apply({ centres: ["bb"], racks: 1, gpus: 8 }, new Date("2025-03-03T00:00:00Z"));
    const [still] = await orm.select().from(rack).where(eq(rack.id, "aa-01"));
    expect(still?.retiredAt, "the day it left stays").toEqual(later);

    await apply();
    expect(await live()).toEqual({
      centres: ["aa", "bb"],
      halls: 2,
      racks: ["aa-01", "aa-02", "bb-01", "bb-02"],
      gpus: 64,
      devices: 14,
      points: 20,
    });
    expect(await ids()).toEqual(before);
  });

  it("keeps what others wrote: a simulator's port, a GPU's uuid and drain, a learnt modulus", async () => {
    const { orm } = database.db;
    await orm.update(gateway).set({ port: 40_123 }).where(eq(gateway.id, "aa-gw"));
    await orm.update(gpu).set({ uuid: "GPU-1", drainedReason: "XID 79" }).where(eq(gpu.rackId, "aa-01"));
    await orm
      .update(point)
      .set({ rolloverAt: 2 ** 32 })
      .where(eq(point.deviceId, "aa-grid"));
    await apply({}, later);
    const portOf = async () => (await orm.select().from(gateway).where(eq(gateway.id, "aa-gw")))[0]?.port;
    expect(await portOf()).toBe(40_123);
    expect((await orm.select().from(gpu).where(eq(gpu.rackId, "aa-01")))[0]).toMatchObject({
      uuid: "GPU-1",
      drainedReason: "XID 79",
    });
    const moduli = async () =>
      (await orm.select().from(point).where(eq(point.deviceId, "aa-grid"))).map(({ rolloverAt }) => rolloverAt);
    expect(await moduli()).toEqual([2 ** 32, 2 ** 32]);

    await apply({ profile: "other" });
    expect(
      (await moduli()).filter((modulus) => modulus !== null),
      "learnt from the device as it was before",
    ).toEqual([]);
    await apply({ host: "10.0.0.9" });
    expect(await portOf(), "a port belongs to its host").toBeNull();
    await apply({ port: "502" });
    expect(await portOf()).toBe(502);
    await apply();
  });

  it("writes nothing at all when a profile is unknown", async () => {
    await expect(apply({ racks: 3, profile: "nonsense" })).rejects.toThrow("no profile nonsense");
    expect(await database.db.orm.select().from(rack).where(eq(rack.id, "aa-03"))).toEqual([]);
  });

  it("two processes that start together both succeed, and a large fleet takes well under a second", async () => {
    const size = { centres: ["aa", "bb", "cc"], racks: 14, gpus: 16 };
    const begun = performance.now();
    await Promise.all([apply(size), apply(size)]);
    const seconds = (performance.now() - begun) / 1_000;
    console.log(`672 GPUs, 129 devices, applied twice at once: ${seconds.toFixed(2)} s`);
    expect(seconds).toBeLessThan(1.5);
    expect(await database.db.orm.select().from(gpu).where(isNull(gpu.retiredAt))).toHaveLength(672);
  });
});
