import type { Database } from "#db/client.ts";
import { centre, device, gpu, hall, point, rack } from "#db/schema/fleet.ts";

/** A small fleet for suites of the pipeline: centre `c`, rack `c-01` with GPUs, and devices with their points. */
export async function seedFleet(
  db: Database,
  {
    centreId = "c",
    gpus = 2,
    devices = [
      {
        id: "meter",
        points: [
          ["activePowerW", "activePower"],
          ["temperatureC", "inletTemperature"],
        ],
      },
    ],
  }: {
    centreId?: string;
    gpus?: number;
    devices?: {
      id: string;
      points: string[][];
      role?: (typeof device.$inferInsert)["role"];
      intervalS?: number;
      rackId?: string;
    }[];
  } = {},
): Promise<{ points: number[]; gpus: number[] }> {
  const name = { en: centreId, "zh-Hant": centreId, "zh-Hans": centreId };
  const [hallId, rackId] = [`${centreId}-hall`, `${centreId}-01`];
  await db.orm.insert(centre).values({
    id: centreId,
    name,
    locality: name,
    country: "CN",
    jurisdiction: "CN",
    latitude: 0,
    longitude: 0,
    timeZone: "Asia/Shanghai",
    gridZone: "CN-GD",
    tier: "edge",
    pueCategory: 2,
    powerCapW: 1e6,
    tariff: { adderUsdPerMwh: 0, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1" },
    targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
    engine: { kind: "local" },
    simulated: false,
  });
  await db.orm.insert(hall).values({ id: hallId, centreId, name: "Hall", cooling: "air" });
  await db.orm.insert(rack).values({
    id: rackId,
    centreId,
    hallId,
    row: "A",
    slot: 1,
    powerLimitW: 40_000,
    gpuClass: "H100",
    gpuCount: gpus,
  });
  const gpuRows = gpus
    ? await db.orm
        .insert(gpu)
        .values(
          Array.from({ length: gpus }, (_, index) => ({
            rackId,
            index,
            server: `${rackId}-s01`,
            uuid: `unknown:${rackId}/${index}`,
            gpuClass: "H100",
            ratedPowerW: 700,
          })),
        )
        .returning({ id: gpu.id })
    : [];
  const pointIds: number[] = [];
  for (const { id, points, role = "other", intervalS = 1, rackId: inRack } of devices) {
    await db.orm.insert(device).values({
      id,
      centreId,
      role,
      protocol: "mqtt-json",
      address: { topic: `hs/${centreId}/${id}` },
      profile: "p",
      intervalS,
      simulated: false,
      ...(inRack && { rackId: inRack }),
    });
    if (points.length === 0) continue;
    const rows = points.map(([pointName, quantity]) => ({
      deviceId: id,
      name: pointName!,
      quantity: quantity!,
      unit: "1",
      kind: "gauge" as const,
    }));
    pointIds.push(...(await db.orm.insert(point).values(rows).returning({ id: point.id })).map((row) => row.id));
  }
  return { points: pointIds, gpus: gpuRows.map(({ id }) => id) };
}
