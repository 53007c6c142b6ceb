import type { ByteOrder, RegisterType, RegisterValue } from "../../profiles/types.ts";

/*
 * Values in registers, both ways and pure. Bytes are as on the wire: register by register, high byte first.
 */

/** Registers that a value fills. */
export function registerCount(value: Pick<RegisterValue, "type" | "length">): number {
  if (value.type === "string") return value.length ?? 1;
  return Math.max(1, typeBits(value.type) / 16);
}

/**
 * A value in its point's unit, or null when the device says "not implemented" (a sentinel, NaN, an infinity).
 * `bytes` holds exactly the value's registers.
 * @throws RangeError when it holds fewer.
 */
export function decodeRegisters(bytes: Uint8Array, value: RegisterValue): number | null {
  const raw = rawBits(bytes, value);
  const bits = typeBits(value.type);
  if (value.sentinels.some((sentinel) => BigInt.asUintN(bits, sentinel) === raw)) return null;
  const number = interpret(raw, value.type);
  return Number.isFinite(number) ? scaled(number, value.scale) + value.offset : null;
}

/** Text in registers, two bytes each, up to the first NUL, blanks trimmed. Order BADC: bytes of a register swapped. */
export function decodeText(bytes: Uint8Array, order: ByteOrder = "ABCD"): string {
  const ordered = order === "BADC" ? swapPairs(bytes) : bytes;
  const end = ordered.indexOf(0);
  return new TextDecoder().decode(end < 0 ? ordered : ordered.subarray(0, end)).trim();
}

/** A value's bits as one unsigned number, after its byte order is undone. */
export function rawBits(bytes: Uint8Array, value: RegisterValue): bigint {
  const needed = registerCount(value) * 2;
  if (bytes.length < needed) throw new RangeError(`${value.type} needs ${needed} bytes, got ${bytes.length}`);
  const word = (BigInt(bytes[0]!) << 8n) | BigInt(bytes[1]!);
  if (value.type === "bit") return (word >> BigInt(value.bit ?? 0)) & 1n;
  if (value.type === "int8" || value.type === "uint8") return value.byte === "high" ? word >> 8n : word & 0xffn;
  const places = bytePlaces(value.order, needed);
  let raw = 0n;
  for (let significance = 0; significance < needed; significance++) {
    raw = (raw << 8n) | BigInt(bytes[places.indexOf(significance)]!);
  }
  return raw;
}

/**
 * Writes a value's bits into `into`, which holds its registers; the other byte or bits of a shared register are kept.
 */
export function writeBits(raw: bigint, value: RegisterValue, into: Uint8Array): void {
  const needed = registerCount(value) * 2;
  if (value.type === "bit") {
    const bit = value.bit ?? 0;
    const at = bit > 7 ? 0 : 1;
    const mask = 1 << (bit % 8);
    into[at] = raw & 1n ? into[at]! | mask : into[at]! & ~mask;
    return;
  }
  if (value.type === "int8" || value.type === "uint8") {
    into[value.byte === "high" ? 0 : 1] = Number(BigInt.asUintN(8, raw));
    return;
  }
  const places = bytePlaces(value.order, needed);
  for (let at = 0; at < needed; at++) {
    into[at] = Number((raw >> BigInt(8 * (needed - 1 - places[at]!))) & 0xffn);
  }
}

/**
 * Bits of a value in its point's unit; null gives the first sentinel (NaN for a float). A value beyond the type's range
 * is held at its end. A counter is rounded down, since a meter counts whole steps.
 */
export function encodeBits(
  number: number | null,
  value: RegisterValue,
  rounding: "nearest" | "down" = "nearest",
): bigint {
  const bits = typeBits(value.type);
  const float = value.type.startsWith("float");
  if (number === null) return missingBits(value);
  const unscaled = scaled(number - value.offset, 1 / value.scale);
  if (float) return floatBits(unscaled, bits);
  if (!Number.isFinite(unscaled)) return missingBits(value);
  const nearest = Math.round(unscaled);
  // 21.5 / 0.1 is 214.99999999999997 and still 215 steps.
  const whole = rounding === "nearest" || Math.abs(unscaled - nearest) < 1e-6 ? nearest : Math.floor(unscaled);
  const signed = value.type.startsWith("int");
  const largest = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const smallest = signed ? -largest - 1n : 0n;
  const integer = BigInt(whole);
  const held = integer > largest ? largest : integer < smallest ? smallest : integer;
  return BigInt.asUintN(bits, held);
}

function missingBits(value: RegisterValue): bigint {
  const bits = typeBits(value.type);
  const sentinel = value.sentinels[0];
  if (sentinel !== undefined) return BigInt.asUintN(bits, sentinel);
  if (value.type.startsWith("float")) return floatBits(Number.NaN, bits);
  return value.type.startsWith("int") ? 1n << BigInt(bits - 1) : (1n << BigInt(bits)) - 1n;
}

function typeBits(type: RegisterType): number {
  if (type === "bit") return 1;
  return Number(/\d+$/.exec(type)?.[0] ?? 16);
}

/** For each byte on the wire, its significance (0 the highest): "CDAB" gives 2, 3, 0, 1. */
function bytePlaces(order: ByteOrder, bytes: number): number[] {
  const letters = bytes === 2 ? order.slice(0, 2) : order;
  if (letters.length !== bytes) throw new RangeError(`order ${order} does not fit ${bytes} bytes`);
  return Array.from(letters, (letter) => letter.charCodeAt(0) - 65);
}

function interpret(raw: bigint, type: RegisterType): number {
  const bits = typeBits(type);
  if (type.startsWith("int")) return Number(BigInt.asIntN(bits, raw));
  if (type === "float16") return float16(Number(raw));
  if (type === "float32" || type === "float64") {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, raw);
    return type === "float32" ? view.getFloat32(4) : view.getFloat64(0);
  }
  return Number(raw);
}

function floatBits(number: number, bits: number): bigint {
  if (bits === 16) return BigInt(float16Bits(number));
  const view = new DataView(new ArrayBuffer(8));
  if (bits === 32) view.setFloat32(4, number);
  else view.setFloat64(0, number);
  return view.getBigUint64(0);
}

/** IEEE 754 binary16. */
function float16(raw: number): number {
  const sign = raw & 0x8000 ? -1 : 1;
  const exponent = (raw >> 10) & 0x1f;
  const fraction = raw & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function float16Bits(number: number): number {
  if (Number.isNaN(number)) return 0x7e00;
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const size = Math.abs(number);
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -25)));
  // A fraction that rounds up to 2 carries into the exponent by itself.
  const steps = roundHalfEven(size / 2 ** (exponent - 10));
  return sign | (exponent === -14 ? steps : ((exponent + 14) << 10) + steps);
}

function roundHalfEven(number: number): number {
  const floor = Math.floor(number);
  const rest = number - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** number × scale; a scale of 0.1 divides by 10, so that 3 becomes 0.3 and not 0.30000000000000004. */
export function scaled(number: number, scale: number): number {
  const inverse = Math.round(1 / scale);
  return Math.abs(scale) < 1 && Math.abs(1 / scale - inverse) < 1e-9 * Math.abs(inverse)
    ? number / inverse
    : number * scale;
}

function swapPairs(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, at) => bytes[at ^ 1] ?? 0);
}
