import { sunspecItems } from "../../adapters/modbus/items.ts";
import { encodeBits, scaled, writeBits } from "../../adapters/modbus/registers.ts";
import {
  applyScaleFactor,
  endModel,
  type SunspecChain,
  sunspecMarker,
  sunspecRegisters,
} from "../../adapters/modbus/sunspec.ts";
import { type SunspecModel, type SunspecModelPoint, sunspecModel, sunspecSize } from "../../profiles/sunspec-models.ts";
import type { SunspecPoint, SunspecProfile } from "../../profiles/types.ts";
import type { DeviceValues } from "../types.ts";
import type { DeviceImage } from "./modbus-image.ts";

const base = 40_000;
const commonModel = 1;
/** A counter is scaled so that it lasts this long at the rated power, and for four times what it holds. */
const counterHours = 5 * 8_760;
const finestExponent = -3;

type Encoded = { point: SunspecPoint; known: SunspecModelPoint; bytes: Uint8Array };
/** Points that share a scale factor. */
type ScaleGroup = { points: Encoded[]; scale: Uint8Array | undefined; exponent: number };

/** A SunSpec device: marker, common model, the profile's models with what it does not give as "not implemented", end. */
export class SunspecImage implements DeviceImage {
  readonly #profile: SunspecProfile;
  readonly #bytes: Uint8Array;
  readonly #chain: SunspecChain = { base, models: new Map() };
  readonly #groups: ScaleGroup[] = [];

  constructor(profile: SunspecProfile, ratedPowerW: number | undefined) {
    this.#profile = profile;
    const models = [commonModel, ...new Set(profile.points.map((point) => point.model))].map((id) => sunspecModel(id)!);
    const registers = models.reduce((sum, model) => sum + 2 + model.length, 2) + 2;
    this.#bytes = new Uint8Array(registers * 2);
    const view = new DataView(this.#bytes.buffer);
    view.setUint32(0, sunspecMarker);
    let address = base + 2;
    for (const model of models) {
      this.#chain.models.set(model.id, { address, length: model.length });
      view.setUint16((address - base) * 2, model.id);
      view.setUint16((address - base) * 2 + 2, model.length);
      for (const known of model.points.values()) this.#writeMissing(known, address);
      address += 2 + model.length;
    }
    this.#writeIdentity(models[0]!);
    view.setUint16((address - base) * 2, endModel);
    for (const model of models.slice(1)) this.#group(model, ratedPowerW);
  }

  update(values: DeviceValues): void {
    for (const group of this.#groups) {
      for (const { point, known } of group.points) {
        group.exponent = Math.max(group.exponent, exponentFor(values[point.name] ?? null, point, known));
      }
      if (group.scale)
        writeBits(BigInt.asUintN(16, BigInt(group.exponent)), sunspecRegisters({ type: "sunssf" }), group.scale);
      for (const encoded of group.points) write(encoded, values[encoded.point.name] ?? null, group.exponent);
    }
  }

  read(fc: 3 | 4, address: number, count: number): Uint8Array | undefined {
    if (fc !== 3 || address < base || address + count > base + this.#bytes.length / 2) return undefined;
    return this.#bytes.subarray((address - base) * 2, (address - base + count) * 2);
  }

  readBack(): DeviceValues {
    const { items } = sunspecItems(this.#profile, this.#chain);
    return Object.fromEntries(
      items.map((item) => [item.point.name, item.decode({ address: base, bytes: this.#bytes, receivedAtMs: 0 }).value]),
    );
  }

  #at(known: SunspecModelPoint, address: number): Uint8Array {
    const start = (address - base + known.offset) * 2;
    return this.#bytes.subarray(start, start + sunspecSize(known) * 2);
  }

  #writeMissing(known: SunspecModelPoint, address: number): void {
    if (known.type === "string") return;
    const registers = sunspecRegisters(known);
    writeBits(encodeBits(null, registers), registers, this.#at(known, address));
  }

  #writeIdentity(common: SunspecModel): void {
    const texts = { Mn: "HS Console", Md: `Simulated ${this.#profile.name}`, Vr: "1", SN: "SIM" };
    for (const [name, text] of Object.entries(texts)) {
      const known = common.points.get(name)!;
      new TextEncoder().encodeInto(text, this.#at(known, base + 2));
    }
  }

  #group(model: SunspecModel, ratedPowerW: number | undefined): void {
    const { address } = this.#chain.models.get(model.id)!;
    const groups = new Map<string | number | undefined, ScaleGroup>();
    for (const point of this.#profile.points) {
      if (point.model !== model.id) continue;
      const known = model.points.get(point.point)!;
      const scale = typeof known.sf === "string" ? model.points.get(known.sf) : undefined;
      const fixed = typeof known.sf === "number" ? known.sf : 0;
      const group = groups.get(known.sf) ?? {
        points: [],
        scale: scale && this.#at(scale, address),
        exponent: scale ? finestExponent : fixed,
      };
      group.points.push({ point, known, bytes: this.#at(known, address) });
      if (scale && ratedPowerW) group.exponent = Math.max(group.exponent, ratedExponent(point, known, ratedPowerW));
      groups.set(known.sf, group);
    }
    this.#groups.push(...groups.values());
  }
}

function write({ point, known, bytes }: Encoded, value: number | null, exponent: number): void {
  const registers = sunspecRegisters(known, point.zero === "value");
  if (value === null) {
    writeBits(encodeBits(null, sunspecRegisters(known)), registers, bytes);
    return;
  }
  const raw = applyScaleFactor(scaled(value, 1 / point.factor), -exponent);
  // An accumulator starts again from 0.
  const rolled = known.type === "acc32" ? ((raw % 2 ** 32) + 2 ** 32) % 2 ** 32 : raw;
  writeBits(encodeBits(rolled, registers, point.kind === "counter" ? "down" : "nearest"), registers, bytes);
}

/** Largest raw number that is not a sentinel. */
function largestRaw(known: SunspecModelPoint): number {
  const registers = sunspecSize(known);
  return known.type.startsWith("int") ? 2 ** (registers * 16 - 1) - 1 : 2 ** (registers * 16) - 2;
}

/** Smallest exponent of ten at which a value still fits. */
function exponentFor(value: number | null, point: SunspecPoint, known: SunspecModelPoint): number {
  if (value === null || value === 0 || known.sf === undefined) return finestExponent;
  const room = point.kind === "counter" ? 4 : 1;
  return exponentOf((Math.abs(value) / Math.abs(point.factor)) * room, point, known);
}

function ratedExponent(point: SunspecPoint, known: SunspecModelPoint, ratedPowerW: number): number {
  if (point.unit === "W") return exponentOf(ratedPowerW * 1.5, point, known);
  return point.kind === "counter" && point.unit === "Wh"
    ? exponentOf(ratedPowerW * counterHours, point, known)
    : finestExponent;
}

function exponentOf(size: number, point: SunspecPoint, known: SunspecModelPoint): number {
  const exponent = Math.ceil(Math.log10(size / largestRaw(known)) - 1e-12);
  // A meter's energy counter has no steps below 1 Wh.
  return Math.min(10, Math.max(exponent, point.kind === "counter" ? 0 : finestExponent));
}
