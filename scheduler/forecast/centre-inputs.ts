import { asc, eq, isNull } from "drizzle-orm";
import type { Database } from "#db/client.ts";
import { type GpuState, gpuStates, ownCoverSeen } from "#db/queries/capacity.ts";
import { centre } from "#db/schema/fleet.ts";
import { job, placement } from "#db/schema/work.ts";
import { hourMs, hourStart } from "../placement/horizon.ts";
import { gpuUnfitReason } from "../placement/nodes.ts";
import type { CentreInputs, CentrePool, PueModel, Usage } from "../placement/types.ts";
import { assembleSeries } from "./assemble.ts";
import { readPueHours } from "./pue-hours.ts";
import { pueModel } from "./pue-model.ts";
import { readSeries } from "./read.ts";

export const horizonHours = 48;
/** PUE models are made again this often. */
const pueModelLifeMs = 10 * 60_000;
/** A committed job that runs on past its planned end is expected to hold its GPUs this much longer. */
const overrunMs = 60_000;

type PueCache = { madeAtMs: number; models: Map<string, PueModel>; ownCover: Map<string, number> };

/** Reads what placement needs of every centre; keeps what was learnt (PUE models, own cover) between calls. `engines`: kinds that can run jobs here. */
export function centreInputsReader(
  db: Database,
  engines: ReadonlySet<string>,
): (nowMs: number) => Promise<CentreInputs[]> {
  let cache: PueCache = { madeAtMs: Number.NEGATIVE_INFINITY, models: new Map(), ownCover: new Map() };
  return async (nowMs) => {
    const centres = await db.orm
      .select()
      .from(centre)
      .where(isNull(centre.retiredAt))
      .orderBy(asc(centre.position), asc(centre.id));
    const ids = centres.map((row) => row.id);
    const fromMs = hourStart(nowMs);
    if (nowMs - cache.madeAtMs > pueModelLifeMs || ids.some((id) => !cache.models.has(id))) {
      const [hours, ownCover] = await Promise.all([
        readPueHours(db, ids, nowMs),
        ownCoverSeen(db, ids, new Date(nowMs)),
      ]);
      cache = {
        madeAtMs: nowMs,
        models: new Map(centres.map((row) => [row.id, pueModel(hours.get(row.id) ?? [], row.targets.pue)])),
        ownCover,
      };
    }
    const zones = [...new Set(centres.map((row) => row.gridZone))];
    const [ofZone, ofCentre, baseItW, usage, gpus] = await Promise.all([
      readSeries(
        db,
        zones,
        ["carbonLocationGPerKwh", "carbonResidualGPerKwh", "priceUsdPerMwh"],
        fromMs,
        horizonHours,
        nowMs,
      ),
      readSeries(db, ids, ["wetBulbC", "cleanSupplyW", "ownSupplyW"], fromMs, horizonHours, nowMs),
      readBaseItW(db, ids, nowMs),
      readCommitted(db, nowMs),
      Promise.all(ids.map((id) => gpuStates(db, id, new Date(nowMs)))),
    ]);
    return centres.map((row, i): CentreInputs => {
      const zone = (name: string) => assembleSeries(ofZone(row.gridZone, name), fromMs, horizonHours, nowMs);
      const own = (name: string) => assembleSeries(ofCentre(row.id, name), fromMs, horizonHours, nowMs);
      const [carbon, residual, price, wetBulb, clean, ownSupply] = [
        zone("carbonLocationGPerKwh"),
        zone("carbonResidualGPerKwh"),
        zone("priceUsdPerMwh"),
        own("wetBulbC"),
        own("cleanSupplyW"),
        own("ownSupplyW"),
      ];
      const pools = poolsOf(
        gpus[i]!,
        usage.filter((held) => held.centreId === row.id),
      );
      return {
        id: row.id,
        jurisdiction: row.jurisdiction,
        drainedReason: engines.has(row.engine.kind)
          ? isDrained(gpus[i]!)
            ? "every GPU is drained"
            : null
          : `no ${row.engine.kind} engine here`,
        avoid: null,
        powerCapW: row.powerCapW,
        baseItW: baseItW.get(row.id) ?? 0,
        adderUsdPerMwh: row.tariff.adderUsdPerMwh,
        ownSupplyUsdPerMwh: row.tariff.ownSupplyUsdPerMwh ?? 0,
        ...(cache.ownCover.has(row.id) && { ownCoverAtMost: cache.ownCover.get(row.id)! }),
        carbonTaxUsdPerTonne: row.tariff.carbonTaxUsdPerTonne,
        pools,
        pue: cache.models.get(row.id)!,
        hours: Array.from({ length: horizonHours }, (_, h) => ({
          carbonLocationGPerKwh: carbon.values[h]!,
          carbonResidualGPerKwh: residual.values[h]!,
          priceUsdPerMwh: price.values[h]!,
          wetBulbC: wetBulb.values[h]!,
          ownSupplyW: ownSupply.values[h]!,
          cleanSupplyW: clean.values[h]!,
        })),
        basis: { carbon: carbon.basis, price: price.basis, wetBulb: wetBulb.basis, cleanSupply: clean.basis },
        shadowMicroUsdPerGpuHour: [],
      };
    });
  };
}

const isDrained = (gpus: GpuState[]) => gpus.length > 0 && gpus.every((gpu) => gpu.drainedReason !== null);

type Committed = Usage & { centreId: string; gpuIds: number[] };

/** A class's GPUs that can take work (those in use too), with what holds them. */
function poolsOf(gpus: GpuState[], committed: Committed[]): CentrePool[] {
  const classOf = new Map(gpus.map((gpu) => [gpu.id, gpu.gpuClass]));
  const classes = [...new Set(gpus.map((gpu) => gpu.gpuClass))].sort();
  return classes.map((gpuClass) => ({
    gpuClass,
    gpus: gpus.filter((gpu) => gpu.gpuClass === gpuClass && (gpu.heldBy !== null || gpuUnfitReason(gpu) === null))
      .length,
    usage: committed
      .filter((held) => held.gpuIds.some((id) => classOf.get(id) === gpuClass))
      .map(({ jobId, startAtMs, endAtMs, gpus: count, powerW }) => ({
        jobId,
        startAtMs,
        endAtMs,
        gpus: count,
        powerW,
      })),
  }));
}

async function readCommitted(db: Database, nowMs: number): Promise<Committed[]> {
  const rows = await db.orm
    .select({ placement, powerPerGpuW: job.powerPerGpuW })
    .from(placement)
    .innerJoin(job, eq(job.id, placement.jobId))
    .where(eq(placement.status, "committed"))
    .orderBy(asc(placement.id));
  return rows.map(({ placement: row, powerPerGpuW }) => ({
    jobId: row.jobId,
    centreId: row.centreId,
    gpuIds: row.gpuIds,
    startAtMs: row.plannedStartAt.getTime(),
    endAtMs: Math.max(row.plannedEndAt.getTime(), nowMs + overrunMs),
    gpus: row.gpuIds.length,
    // What ran through the last whole hour is already in the measured base.
    powerW: row.plannedStartAt.getTime() < hourStart(nowMs) - hourMs ? 0 : row.gpuIds.length * powerPerGpuW,
  }));
}

/** Mean IT power of the newest whole hour of each centre, W. */
async function readBaseItW(db: Database, ids: string[], nowMs: number): Promise<Map<string, number>> {
  const rows = await db.sql<{ centreId: string; itMilliWh: string }[]>`
    select distinct on (centre_id) centre_id as "centreId", it_milli_wh as "itMilliWh" from centre_hour
    where centre_id = any(${ids}) and it_milli_wh is not null and hour < ${new Date(hourStart(nowMs)).toISOString()}
      and hour >= ${new Date(hourStart(nowMs) - 24 * hourMs).toISOString()} order by centre_id, hour desc`;
  return new Map(rows.map((row) => [row.centreId, Number(row.itMilliWh) / 1_000]));
}
