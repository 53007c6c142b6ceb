import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import pino from "pino";
import { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import { createApiToken } from "#db/queries/people.ts";
import { chainSettlement, settlement } from "#db/schema/chain.ts";
import { centreHour } from "#db/schema/energy.ts";
import { centre, device, gpu, hall, point, rack } from "#db/schema/fleet.ts";
import { type Role, roles } from "#db/schema/people.ts";
import { alarm, decision, job, jobRun, placement } from "#db/schema/work.ts";
import { httpMetrics } from "../http-metrics.ts";
import type { FailureLimits } from "./authenticate.ts";
import { apiRouter } from "./router.ts";

const hourMs = 3_600_000;

/** Three centres as in the demonstration, without wires: enough rows for every route of the API to have an answer. */
export const places = [
  {
    id: "guangzhou",
    en: "Guangzhou",
    hant: "廣州",
    hans: "广州",
    itKw: 2_200,
    pue: 1.26,
    clean: 0.49,
    grid: 451,
    position: 0,
  },
  {
    id: "qinghai",
    en: "Qinghai",
    hant: "青海",
    hans: "青海",
    itKw: 5_900,
    pue: 1.12,
    clean: 0.95,
    grid: 180,
    position: 1,
  },
  {
    id: "xinjiang",
    en: "Xinjiang",
    hant: "新疆",
    hans: "新疆",
    itKw: 8_200,
    pue: 1.15,
    clean: 0.86,
    grid: 620,
    position: 2,
  },
] as const;

export type Seeded = {
  /** The hour after the last one in the ledger. */
  endMs: number;
  hours: number;
  pointId: number;
  jobId: string;
  settlementId: string;
  alarmId: number;
};

/** @param gaps hours of xinjiang, counted back from the end, in which a meter was silent. */
export async function seedFleet(db: Database, nowMs: number, hours: number, gaps: number[] = [5, 6]): Promise<Seeded> {
  const endMs = Math.floor(nowMs / hourMs) * hourMs;
  for (const place of places) await seedCentre(db, place);
  const rows = places.flatMap((place) =>
    Array.from({ length: hours }, (_, index) => hourRow(place, endMs, hours - index, gaps, nowMs)),
  );
  for (let at = 0; at < rows.length; at += 1_000) await db.orm.insert(centreHour).values(rows.slice(at, at + 1_000));
  const pointId = await seedPoint(db, nowMs);
  const { jobId, settlementId } = await seedJobs(db, endMs);
  const [opened] = await db.orm
    .insert(alarm)
    .values({
      cause: "silent:xj-wind-04",
      rule: "silent",
      severity: "act",
      centreId: "xinjiang",
      deviceId: "xj-wind-04",
      message: { key: "silent", values: { device: "xj-wind-04", since: new Date(endMs).toISOString() } },
      openedAt: new Date(endMs),
      lastSeenAt: new Date(nowMs),
    })
    .returning({ id: alarm.id });
  return { endMs, hours, pointId, jobId, settlementId, alarmId: opened!.id };
}

async function seedCentre(db: Database, place: (typeof places)[number]): Promise<void> {
  const name = { en: place.en, "zh-Hant": place.hant, "zh-Hans": place.hans };
  await db.orm.insert(centre).values({
    id: place.id,
    name,
    locality: name,
    country: "CN",
    jurisdiction: "CN",
    latitude: 30 + place.position * 5,
    longitude: 110 - place.position * 8,
    timeZone: "Asia/Shanghai",
    gridZone: `CN-${place.id.toUpperCase()}`,
    tier: "core",
    pueCategory: 2,
    powerCapW: 12e6,
    storageCapacityWh: 40e6,
    position: place.position,
    tariff: { adderUsdPerMwh: 5, carbonTaxUsdPerTonne: 0, computeHsPerGpuHour: "1.5" },
    targets: { pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 },
    engine: { kind: "local" },
    simulated: true,
  });
  await db.orm.insert(hall).values({ id: `${place.id}-h`, centreId: place.id, name: "A", cooling: "air" });
  await db.orm.insert(rack).values({
    id: `${place.id}-a-01`,
    centreId: place.id,
    hallId: `${place.id}-h`,
    row: "A",
    slot: 1,
    powerLimitW: 20_000,
    gpuClass: "H100",
    gpuCount: 8,
  });
  await db.orm.insert(gpu).values(
    Array.from({ length: 8 }, (_, index) => ({
      rackId: `${place.id}-a-01`,
      index,
      server: `${place.id}-a-01-s1`,
      uuid: `${place.id}-${index}`,
      gpuClass: "H100",
      ratedPowerW: 700,
    })),
  );
}

/** An hour whose integers agree with each other as the ledger's do. */
function hourRow(
  place: (typeof places)[number],
  endMs: number,
  back: number,
  gaps: number[],
  nowMs: number,
): typeof centreHour.$inferInsert {
  const hourOfDay = new Date(endMs - back * hourMs).getUTCHours();
  const wave = Math.sin(((hourOfDay + 8) / 24) * 2 * Math.PI);
  const silent = place.id === "xinjiang" && gaps.includes(back);
  const it = Math.round(place.itKw * 1e6 * (1 + 0.08 * wave));
  const facility = Math.round(it * (place.pue + 0.02 * wave));
  const cleanShare = Math.min(0.95, place.clean - 0.06 * wave);
  const hydro = Math.round(facility * cleanShare * 0.5);
  const wind = Math.round(facility * cleanShare * 0.3);
  const solar = Math.round(facility * cleanShare * 0.2);
  const nuclear = Math.round(facility * 0.02);
  const storage = Math.round(facility * 0.015);
  const grid = facility - hydro - wind - solar - nuclear - storage;
  const clean = (hydro + wind + solar) / facility;
  return {
    centreId: place.id,
    hour: new Date(endMs - back * hourMs),
    parts: { grid, hydro, wind, solar, racks: it, heatReuse: Math.round(it * 0.03) },
    facilityMilliWh: silent ? null : facility,
    itMilliWh: it,
    pue: silent ? null : facility / it,
    pueCategory: 2,
    notComputable: silent
      ? [{ deviceId: "xj-wind-04", silentSince: new Date(endMs - back * hourMs).toISOString() }]
      : null,
    coverage: silent ? 0.8 : 0.998,
    estimatedShare: 0.004,
    mix: silent
      ? null
      : { hydro, wind, solar, otherRenewable: 0, nuclear, fossil: grid, generator: 0, storage, unknown: 0 },
    cleanShare: silent ? null : clean,
    carbonLocationG: silent ? null : (facility / 1e6) * place.grid,
    carbonContractG: silent ? null : (grid / 1e6) * 780,
    costMicroUsd: silent ? null : Math.round((facility / 1e9) * 52 * 1e6),
    factorSource: "simulator, zone factors by hour",
    simulated: true,
    derivedAt: new Date(nowMs),
  };
}

async function seedPoint(db: Database, nowMs: number): Promise<number> {
  await db.orm.insert(device).values({
    id: "qh-grid",
    centreId: "qinghai",
    role: "grid",
    protocol: "modbus-tcp",
    address: { unitId: 1 },
    profile: "sunspec-meter-203",
    intervalS: 1,
    simulated: true,
  });
  const [made] = await db.orm
    .insert(point)
    .values({ deviceId: "qh-grid", name: "activePowerW", quantity: "activePower", unit: "W", kind: "gauge" })
    .returning({ id: point.id });
  const values = Array.from({ length: 30 }, (_, index) => {
    const at = new Date(nowMs - (30 - index) * 10_000).toISOString().replace("Z", "123Z");
    return `(${made!.id}, '${at}', '${at}', ${5e6 + index}, 0)`;
  });
  await db.sql.unsafe(`insert into reading (point_id, time, received_at, value, quality) values ${values.join(",")}`);
  await db.sql`insert into point_latest (point_id, time, received_at, value, quality)
    select point_id, time, received_at, value, quality from reading where point_id = ${made!.id} order by time desc limit 1`;
  return made!.id;
}

async function seedJobs(db: Database, endMs: number): Promise<{ jobId: string; settlementId: string }> {
  const ids = ["job-00000001", "job-00000002", "job-00000003"];
  const names = ["Protein folding, batch 7", "=Render, spring catalogue", "Language model, fine-tuning"];
  for (const [index, id] of ids.entries()) {
    const place = places[index]!;
    const startMs = endMs - (index + 2) * 7 * hourMs;
    await db.orm.insert(job).values({
      id,
      name: names[index]!,
      tenant: "lab",
      submittedBy: "person-1",
      submittedAt: new Date(startMs - 600_000),
      gpus: 8,
      durationS: 7_200,
      powerPerGpuW: 490,
      releaseAt: new Date(startMs),
      deadlineAt: new Date(startMs + 24 * hourMs),
      policyId: "balanced",
      policyVersion: 1,
      workload: { kind: "hash-chain" },
      status: "succeeded",
      updatedAt: new Date(startMs + 2 * hourMs),
    });
    const [made] = await db.orm
      .insert(decision)
      .values({ jobId: id, decidedAt: new Date(startMs), inputs: {}, outcome: { chosen: place.id } })
      .returning({ id: decision.id });
    const [placed] = await db.orm
      .insert(placement)
      .values({
        jobId: id,
        decisionId: made!.id,
        centreId: place.id,
        gpuIds: [1, 2],
        plannedStartAt: new Date(startMs),
        plannedEndAt: new Date(startMs + 2 * hourMs),
        status: "released",
        createdAt: new Date(startMs),
      })
      .returning({ id: placement.id });
    const it = 7_840_000 + index * 1_111;
    await db.orm.insert(jobRun).values({
      id: `run-${index + 1}`,
      jobId: id,
      placementId: placed!.id,
      centreId: place.id,
      gpuIds: [1, 2],
      engine: "local",
      startedAt: new Date(startMs),
      endedAt: new Date(startMs + 2 * hourMs),
      exitCode: 0,
      gpuSeconds: 57_600,
      itMilliWh: it,
      energyMethod: "gpu-counter",
      facilityMilliWh: Math.round(it * place.pue),
      carbonLocationG: (it / 1e6) * place.pue * place.grid,
      carbonContractG: (it / 1e6) * place.pue * 90,
      costMicroUsd: 460_000 + index,
    });
  }
  const settlementId = "settlement-1";
  const jobHash = `0x${"ab".repeat(32)}`;
  await db.orm.insert(settlement).values({
    id: settlementId,
    jobId: ids[0]!,
    runId: "run-1",
    centreId: "guangzhou",
    jobHash,
    salt: "0xsalt",
    client: `0x${"11".repeat(20)}`,
    provider: `0x${"22".repeat(20)}`,
    gpuSeconds: 57_600,
    energyMilliWh: 7_840_000,
    resultHash: `0x${"cd".repeat(32)}`,
    amountWei: 24_000_000_000_000_000_001n,
    status: "confirmed",
    createdAt: new Date(endMs),
    updatedAt: new Date(endMs),
  });
  await db.orm.insert(chainSettlement).values({
    jobHash,
    client: `0x${"11".repeat(20)}`,
    provider: `0x${"22".repeat(20)}`,
    amountWei: 24_000_000_000_000_000_001n,
    burnedWei: 1_200_000_000_000_000_000n,
    paidWei: 22_800_000_000_000_000_001n,
    gpuSeconds: 57_600,
    energyMilliWh: 7_840_000,
    resultHash: `0x${"cd".repeat(32)}`,
    txHash: `0x${"ef".repeat(32)}`,
    blockNumber: 12,
    blockHash: `0x${"aa".repeat(32)}`,
    time: new Date(endMs),
  });
  return { jobId: ids[0]!, settlementId };
}

export type ApiServer = {
  url: string;
  metrics: Registry;
  /** Tokens by role, of all centres; `qinghai`: the role sustainability at that one centre. */
  tokens: Record<Role | "qinghai" | "nowhere", string>;
  call(path: string, options?: CallOptions): Promise<{ status: number; headers: Headers; body: never; text: string }>;
  stop(): Promise<void>;
};
export type CallOptions = {
  as?: Role | "qinghai" | "nowhere";
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
};

/** The API behind a real HTTP server on a free port. */
export async function startApi(
  db: Database,
  nowMs: number,
  limits: FailureLimits = { perAddress: 1e6, perToken: 1e6, windowMs: 60_000 },
): Promise<ApiServer> {
  const app = express();
  app.set("query parser", "simple");
  const metrics = new Registry();
  const env = parseEnv({ NODE_ENV: "test" });
  app.use(httpMetrics(metrics, () => "unmatched"));
  app.use(apiRouter({ db, env, log: pino({ level: "silent" }), clock: () => nowMs, metrics }, limits));
  app.use((_request, response) => void response.status(404).type("text/plain").send("a page"));
  const http: Server = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const token = async (role: Role, centreIds: string[] | null) =>
    (await createApiToken(db, { name: role, role, centreIds, expiresAt: null }, new Date(nowMs))).token;
  const tokens = {
    ...(Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await token(role, null)]))) as Record<
      Role,
      string
    >),
    qinghai: await token("sustainability", ["qinghai"]),
    nowhere: await token("admin", []),
  };
  return {
    url,
    metrics,
    tokens,
    async call(path, { as, method, body, headers = {} } = {}) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          ...(as && { authorization: `Bearer ${tokens[as]}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = (response.headers.get("content-type") ?? "").startsWith("application/json");
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (json && text ? JSON.parse(text) : undefined) as never,
      };
    },
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
