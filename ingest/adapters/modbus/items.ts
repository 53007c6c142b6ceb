import { type SunspecModelPoint, sunspecModel, sunspecSize } from "../../profiles/sunspec-models.ts";
import type { ModbusProfile, ProfilePoint, SunspecPoint, SunspecProfile } from "../../profiles/types.ts";
import type { RegisterBlock } from "./connection.ts";
import type { Readable, Span } from "./planner.ts";
import { decodeRegisters, registerCount, scaled } from "./registers.ts";
import { applyScaleFactor, decodeScaleFactor, decodeSunspec, type SunspecChain } from "./sunspec.ts";

/** `value` null: the device says "not implemented". `rolloverAt`: a counter's modulus where only the device knows it. */
export type Decoded = { value: number | null; rolloverAt?: number };

/** A point of a profile bound to the registers of a device. */
export type ReadItem = Readable & { point: ProfilePoint; decode(block: RegisterBlock): Decoded };

/** Bytes of some registers of a reply that covers them. */
export function registersOf(block: Pick<RegisterBlock, "address" | "bytes">, span: Span): Uint8Array {
  const start = (span.address - block.address) * 2;
  return block.bytes.subarray(start, start + span.count * 2);
}

/** The readable items of a plain Modbus profile. */
export function modbusItems(profile: ModbusProfile): ReadItem[] {
  return profile.points.map((point) => {
    const span = { address: point.register - profile.base, count: registerCount(point) };
    return {
      point,
      fc: point.fc,
      spans: [span],
      decode: (block) => ({ value: decodeRegisters(registersOf(block, span), point) }),
    };
  });
}

/** A point that this device cannot give, and why. */
export type MissingPoint = { point: ProfilePoint; reason: string };

/** The readable items of a SunSpec profile on a device with this chain of models; each is one with its scale factor. */
export function sunspecItems(
  profile: SunspecProfile,
  chain: SunspecChain,
): { items: ReadItem[]; missing: MissingPoint[] } {
  const items: ReadItem[] = [];
  const missing: MissingPoint[] = [];
  for (const point of profile.points) {
    const place = chain.models.get(point.model);
    const known = sunspecModel(point.model)?.points.get(point.point);
    if (!place || !known) {
      missing.push({ point, reason: `the device has no SunSpec model ${point.model}` });
      continue;
    }
    const scale = typeof known.sf === "string" ? sunspecModel(point.model)?.points.get(known.sf) : undefined;
    const end = Math.max(...[known, ...(scale ? [scale] : [])].map((part) => part.offset + sunspecSize(part)));
    if (end > place.length + 2) {
      missing.push({
        point,
        reason: `the device's model ${point.model} of ${place.length} registers ends before ${point.point}`,
      });
      continue;
    }
    items.push(sunspecItem(point, known, scale, place.address));
  }
  return { items, missing };
}

function sunspecItem(
  point: SunspecPoint,
  known: SunspecModelPoint,
  scale: SunspecModelPoint | undefined,
  address: number,
): ReadItem {
  const valueSpan = { address: address + known.offset, count: sunspecSize(known) };
  const scaleSpan = scale && { address: address + scale.offset, count: 1 };
  const modulus = known.type === "acc32" ? 2 ** 32 : known.type === "acc16" ? 2 ** 16 : undefined;
  return {
    point,
    fc: 3,
    spans: scaleSpan ? [valueSpan, scaleSpan] : [valueSpan],
    decode(block) {
      const raw = decodeSunspec(registersOf(block, valueSpan), known.type, point.zero === "value");
      const exponent = scaleSpan
        ? decodeScaleFactor(registersOf(block, scaleSpan))
        : typeof known.sf === "number"
          ? known.sf
          : 0;
      // A value without its scale factor is not a number of anything.
      if (raw === null || exponent === null) return { value: null };
      const value = scaled(applyScaleFactor(raw, exponent), point.factor);
      if (modulus === undefined || point.kind !== "counter") return { value };
      return { value, rolloverAt: scaled(applyScaleFactor(modulus, exponent), point.factor) };
    },
  };
}
