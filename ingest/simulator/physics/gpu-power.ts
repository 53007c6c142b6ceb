import { type Stream, smooth, streamOf, uniform } from "./noise.ts";
import { type Place, solarHour } from "./sun.ts";
import { clamp, hourMs } from "./units.ts";

/** Power of a server without its GPUs, W: board, memory, network; and what fans and converters add to each GPU watt. */
export const serverBaseW = 880;
export const serverPerGpuW = 0.11;

const minuteMs = 60_000;

export type RackLoadModel = {
  /** Share of full work of the long contracts' GPUs at this time, 0 … 1. */
  reservedLoad(timeMs: number): number;
  /** How many free GPUs some work of the past held; none after `historyEndMs`, when jobs alone hold them. */
  pastBusy(timeMs: number, freeGpus: number): number;
};

const windowMs = 3 * hourMs;

/**
 * Work of one rack. Long contracts (WP-S9): a tenant that trains, steady with checkpoints, or one that answers people and
 * follows their day. Past work on free GPUs comes in batches that end before `historyEndMs`.
 */
export function rackLoadModel(seed: number, rackId: string, place: Place, historyEndMs: number): RackLoadModel {
  const of = (name: string) => streamOf(seed, `${name} ${rackId}`);
  const [tenant, slow, fast, batch] = [of("tenant"), of("slow"), of("fast"), of("batch")];
  const serves = uniform(tenant, 0) < 0.35;
  const level = 0.8 + 0.14 * uniform(tenant, 1);
  const checkpointMs = (24 + 20 * uniform(tenant, 2)) * minuteMs;
  const phaseMs = Math.floor(uniform(tenant, 3) * windowMs);
  return {
    reservedLoad(timeMs) {
      const wobble = 0.05 * smooth(slow, timeMs, 2 * hourMs) + 0.02 * smooth(fast, timeMs, minuteMs);
      if (serves) {
        const hour = solarHour(place, timeMs);
        const day = 0.5 - 0.5 * Math.cos(((hour - 4) / 12) * Math.PI);
        return clamp(0.42 + 0.42 * day + 2 * wobble, 0.05, 1);
      }
      const intoCheckpointMs = (timeMs + phaseMs) % checkpointMs;
      return intoCheckpointMs < 35_000 ? 0.38 : clamp(level + wobble, 0.05, 1);
    },
    pastBusy(timeMs, freeGpus) {
      if (timeMs >= historyEndMs || freeGpus === 0) return 0;
      const window = Math.floor((timeMs + phaseMs) / windowMs);
      const startMs = window * windowMs - phaseMs;
      const night = smooth(slow, startMs, 20 * hourMs) * 0.15;
      if (startMs + windowMs > historyEndMs || uniform(batch, window * 3) > 0.4 + night) return 0;
      const lengthMs = (0.5 + 0.5 * uniform(batch, window * 3 + 1)) * windowMs;
      if (timeMs - startMs >= lengthMs) return 0;
      return Math.ceil(freeGpus * (0.35 + 0.65 * uniform(batch, window * 3 + 2)));
    },
  };
}

/** What a batch of the past draws of a GPU's rating. */
export const pastLoad = 0.66;

export type GpuModel = { ratedW: number; idleW: number; spread: number; stream: Stream };

/** Boards differ a little in what they draw. */
export function gpuModel(seed: number, rackId: string, index: number, ratedW: number): GpuModel {
  const stream = streamOf(seed, `gpu ${rackId} ${index}`);
  return { ratedW, idleW: ratedW * (0.088 + 0.018 * uniform(stream, -1)), spread: uniform(stream, -2) - 0.5, stream };
}

/** Power at a share of full work. A pause of a second each minute or so is in it: no two seconds are alike. */
export function gpuPowerW(gpu: GpuModel, load: number, timeMs: number): number {
  const second = Math.floor(timeMs / 1_000);
  const jitter = uniform(gpu.stream, second) - 0.5;
  if (load <= 0) return gpu.idleW * (1 + 0.03 * jitter);
  const work = load * (1 + 0.03 * gpu.spread + 0.035 * jitter);
  return Math.min(gpu.ratedW, gpu.idleW + (gpu.ratedW - gpu.idleW) * work);
}

/** Power under a job that was said to draw `jobW` of each GPU: within 2 %, and never more than the board can. */
export function jobPowerW(gpu: GpuModel, jobW: number, timeMs: number): number {
  const jitter = uniform(gpu.stream, Math.floor(timeMs / 1_000)) - 0.5;
  return Math.min(gpu.ratedW * 1.02, Math.max(gpu.idleW, jobW * (1 + 0.01 * gpu.spread + 0.03 * jitter)));
}
