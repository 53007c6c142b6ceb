import { countersOf, isContract, ratedW, siteOf, type Take, takesOf } from "./centre-layout.ts";
import { Meter, perJoule, perMilliWh } from "./meter.ts";
import { storedAfter } from "./physics/battery.ts";
import { type CentrePower, centrePower, type Site } from "./physics/centre-power.ts";
import {
  type GpuModel,
  gpuModel,
  gpuPowerW,
  jobPowerW,
  pastLoad,
  type RackLoadModel,
  rackLoadModel,
  serverBaseW,
  serverPerGpuW,
} from "./physics/gpu-power.ts";
import { type Stream, smooth, streamOf, uniform } from "./physics/noise.ts";
import { farWindModel, hydroModel, type ShareModel, solarShare } from "./physics/plants.ts";
import { solarHour } from "./physics/sun.ts";
import { hourMs } from "./physics/units.ts";
import { type Weather, type WeatherModel, weatherModel } from "./physics/weather.ts";
import type { PlanCentre, PlanDevice, PlanRack } from "./plan.ts";

/** What a kill must not take away; plain JSON. */
export type CentreState = {
  /** [whole, rest] by device and point. */
  meters: Record<string, [number, number]>;
  /** [whole, rest] of each GPU of a rack, joules. */
  gpuJoules: Record<string, [number, number][]>;
  storedWh: number;
};

export type RackNow = {
  plan: PlanRack;
  gpus: GpuModel[];
  load: RackLoadModel;
  feed: { base: number; stream: Stream };
  /** What a job on the GPU was said to draw; 0: none. */
  heldW: Float64Array;
  powerW: Float64Array;
  /** Share of full work, 0 … 1. */
  work: Float64Array;
  temperatureC: Float64Array;
  inletC: number;
  supplyC: number;
  servers: number;
  joules: Meter[];
};

const freshStored = 0.88;
/** A GPU warms and cools with this time constant. */
const thermalMs = 25_000;

/** One centre: takes steps, and holds what its meters count. */
export class CentreSimulation {
  readonly plan: PlanCentre;
  readonly site: Site;
  readonly racks: RackNow[];
  readonly takes: Map<string, Take>;
  readonly meters = new Map<string, Meter>();
  readonly weatherAt: WeatherModel;
  readonly #counted: { meter: Meter; take: Take }[] = [];
  readonly #hydro: ShareModel[];
  readonly #contracts: Map<string, ShareModel>;
  readonly #water: Meter[];
  readonly #rackW: Float64Array;
  #midMs = 0;
  storedWh: number;
  power: CentrePower;
  weather: Weather;

  constructor(plan: PlanCentre, seed: number, historyEndMs: number, timeMs: number, state?: CentreState) {
    this.plan = plan;
    this.site = siteOf(plan);
    this.weatherAt = weatherModel(seed, plan.place);
    this.#rackW = new Float64Array(plan.racks.length);
    this.storedWh = state?.storedWh ?? plan.storageCapacityWh * freshStored;
    this.racks = plan.racks.map((rack) => rackNow(rack, plan, seed, historyEndMs, state?.gpuJoules[rack.id]));
    const plants = (role: PlanDevice["role"], contract: boolean) =>
      plan.devices.filter((device) => device.role === role && isContract(device) === contract);
    this.#hydro = plants("hydro", false).map((device) => hydroModel(seed, device.id));
    this.#contracts = new Map([
      ...plants("wind", true).map((device) => [device.id, farWindModel(seed, device.id, plan.place)] as const),
      ...plants("hydro", true).map((device) => [device.id, hydroModel(seed, device.id)] as const),
    ]);
    this.takes = takesOf(plan, (device) => this.contractShare(device, this.#midMs));
    for (const device of plan.devices) {
      const take = this.takes.get(device.id);
      for (const counter of take ? countersOf(device, take) : []) {
        const meter = this.#meter(
          counter.deviceId,
          counter.point,
          perMilliWh,
          initialMilliWh(seed, device, counter.point),
          state,
        );
        this.#counted.push({ meter, take: counter.take });
      }
    }
    const water = plan.devices.filter((device) => device.role === "water");
    this.#water = water.map((device) =>
      this.#meter(device.id, "waterVolumeL", hourMs, Math.floor(4e8 * uniform(streamOf(seed, device.id), 0)), state),
    );
    [this.weather, this.power] = this.#at(timeMs, 0);
  }

  /** Advances by one step with the power of its middle. */
  step(startMs: number, stepMs: number): void {
    [this.weather, this.power] = this.#at(startMs + stepMs / 2, stepMs);
    const { power } = this;
    for (const { meter, take } of this.#counted) meter.add(take(power), stepMs);
    for (const [at, meter] of this.#water.entries())
      meter.add(
        Math.floor(((at + 1) * power.waterMlPerH) / this.#water.length) -
          Math.floor((at * power.waterMlPerH) / this.#water.length),
        stepMs,
      );
    for (const rack of this.racks)
      for (const [at, meter] of rack.joules.entries()) meter.add(Math.round(rack.powerW[at]! * 1_000), stepMs);
    const { battery } = this.site;
    if (battery)
      this.storedWh = storedAfter(
        this.storedWh,
        battery.capacityWh,
        power.charge / 1_000,
        power.discharge / 1_000,
        stepMs / hourMs,
      );
  }

  /** Share of its rating that a plant elsewhere gives. */
  contractShare(device: PlanDevice, timeMs: number): number {
    const model = this.#contracts.get(device.id);
    return model ? model(timeMs) : solarShare(this.weatherAt(timeMs));
  }

  /** Power that plants on site and by a direct line could give at this time, W. */
  ownSupplyW(timeMs: number): number {
    const weather = this.weatherAt(timeMs);
    const { solar, wind, hydro } = this.site.plants;
    const own = solarShare(weather) * sum(solar) + weather.wind * sum(wind);
    return own + sum(hydro.map((rated, at) => rated * this.#hydro[at]!(timeMs)));
  }

  /** Clean power that could serve the centre at this time, W: plants of our own, by a direct line and by contract. */
  cleanSupplyW(timeMs: number): number {
    const bought = this.plan.devices.filter(
      (device) => isContract(device) && ["solar", "wind", "hydro"].includes(device.role),
    );
    return this.ownSupplyW(timeMs) + sum(bought.map((device) => ratedW(device) * this.contractShare(device, timeMs)));
  }

  state(): CentreState {
    return {
      meters: Object.fromEntries([...this.meters].map(([key, { whole, rest }]) => [key, [whole, rest]])),
      gpuJoules: Object.fromEntries(
        this.racks.map((rack) => [rack.plan.id, rack.joules.map(({ whole, rest }): [number, number] => [whole, rest])]),
      ),
      storedWh: this.storedWh,
    };
  }

  #meter(deviceId: string, point: string, perUnit: number, fresh: number, state?: CentreState): Meter {
    const key = `${deviceId}/${point}`;
    const [whole, rest] = state?.meters[key] ?? [fresh, 0];
    const meter = new Meter(perUnit, whole, rest);
    this.meters.set(key, meter);
    return meter;
  }

  #at(timeMs: number, stepMs: number): [Weather, CentrePower] {
    this.#midMs = timeMs;
    const weather = this.weatherAt(timeMs);
    for (const [at, rack] of this.racks.entries()) {
      this.#rackW[at] = rackPowerW(rack, weather, timeMs, stepMs);
    }
    const solar = solarShare(weather);
    const hydro = this.#hydro.map((model) => model(timeMs));
    const { battery } = this.site;
    const power = centrePower(
      this.site,
      weather,
      { solar, wind: weather.wind, hydro },
      this.#rackW,
      (rack) => this.racks[rack]!.feed.base + 0.012 * smooth(this.racks[rack]!.feed.stream, timeMs, 600_000),
      battery ? this.storedWh / battery.capacityWh : 0,
      solarHour(this.plan.place, timeMs),
    );
    return [weather, power];
  }
}

function rackNow(
  plan: PlanRack,
  centre: PlanCentre,
  seed: number,
  historyEndMs: number,
  joules?: [number, number][],
): RackNow {
  const stream = streamOf(seed, `feed ${plan.id}`);
  const count = plan.gpus.length;
  return {
    plan,
    gpus: plan.gpus.map((gpu) => gpuModel(seed, plan.id, gpu.index, gpu.ratedPowerW)),
    load: rackLoadModel(seed, plan.id, centre.place, historyEndMs),
    feed: { base: 0.5 + 0.05 * (uniform(stream, -1) - 0.5), stream },
    heldW: new Float64Array(count),
    powerW: new Float64Array(count),
    work: new Float64Array(count),
    temperatureC: new Float64Array(count).fill(Number.NaN),
    inletC: 22,
    supplyC: centre.halls.find((hall) => hall.id === plan.hallId)?.cooling === "liquid" ? 25 : 22.5,
    servers: new Set(plan.gpus.map((gpu) => gpu.server)).size,
    joules: plan.gpus.map((_, at) => new Meter(perJoule, ...(joules?.[at] ?? [0, 0]))),
  };
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** Sets what each GPU draws now and how warm it is. @returns power of the rack's servers, W. */
function rackPowerW(rack: RackNow, weather: Weather, timeMs: number, stepMs: number): number {
  const { reservedGpus } = rack.plan;
  const count = rack.gpus.length;
  const reserved = rack.load.reservedLoad(timeMs);
  const past = rack.load.pastBusy(timeMs, count - reservedGpus);
  const keeps = Math.exp(-stepMs / thermalMs);
  let gpuW = 0;
  for (let at = 0; at < count; at++) {
    const gpu = rack.gpus[at]!;
    const held = rack.heldW[at]!;
    const work = at < reservedGpus ? reserved : held > 0 ? held / gpu.ratedW : at - reservedGpus < past ? pastLoad : 0;
    const powerW = at >= reservedGpus && held > 0 ? jobPowerW(gpu, held, timeMs) : gpuPowerW(gpu, work, timeMs);
    rack.powerW[at] = powerW;
    rack.work[at] = Math.min(1, work);
    gpuW += powerW;
    const warmC = rack.inletC + 7 + 0.056 * powerW + 5 * gpu.spread;
    const before = rack.temperatureC[at]!;
    rack.temperatureC[at] = Number.isNaN(before) ? warmC : warmC + (before - warmC) * keeps;
  }
  rack.inletC =
    rack.supplyC + 0.9 * smooth(rack.feed.stream, timeMs, 1_800_000) + 0.05 * Math.max(0, weather.wetBulbC - 10);
  return rack.servers * serverBaseW + gpuW * (1 + serverPerGpuW);
}

/** What a meter of some age already counts. A meter of export starts at nothing. */
function initialMilliWh(seed: number, device: PlanDevice, point: string): number {
  if (point === "energyExportWh") return 0;
  const stream = streamOf(seed, `meter ${device.id} ${point}`);
  const share = device.role === "rack_feed" ? 0.3 : device.role === "battery" ? 0.05 : 0.25;
  return Math.floor(ratedW(device) * share * 8_760 * (0.6 + uniform(stream, 0)) * 1_000);
}
