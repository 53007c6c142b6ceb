import { type SunspecModelPoint, type SunspecType, sunspecModel, sunspecSize } from "../../profiles/sunspec-models.ts";
import type { RegisterType, RegisterValue } from "../../profiles/types.ts";
import type { RegisterBlock } from "./connection.ts";
import { ModbusError } from "./errors.ts";
import { decodeRegisters, decodeText, scaled } from "./registers.ts";

/** Where a device's models stand: wire address of each model's ID register, and the length it announces. */
export type SunspecChain = { base: number; models: Map<number, { address: number; length: number }> };

/** "SunS" (SunSpec Device Information Model Specification, section 6.2). */
export const sunspecMarker = 0x53756e53;
export const sunspecBases = [40_000, 50_000, 0] as const;
export const endModel = 0xffff;
const mostModels = 200;

/**
 * Finds the marker at 40000, 50000 or 0 and walks the chain of models to its end. Of a model that stands twice the
 * first one counts.
 * @throws ModbusError `permanent` when there is no marker or the chain is broken, else what `read` threw.
 */
export async function discoverSunspec(
  read: (address: number, count: number) => Promise<RegisterBlock>,
): Promise<SunspecChain> {
  for (const base of sunspecBases) {
    if (!(await hasMarker(read, base))) continue;
    const models: SunspecChain["models"] = new Map();
    let address = base + 2;
    for (let seen = 0; seen < mostModels && address < 65_535; seen++) {
      const header = words(await read(address, 2));
      const [id, length] = [header.getUint16(0), header.getUint16(2)];
      if (id === endModel) return { base, models };
      if (!models.has(id)) models.set(id, { address, length });
      address += 2 + length;
    }
    throw new ModbusError("permanent", `the chain of SunSpec models at ${base} has no end`);
  }
  throw new ModbusError("permanent", `no SunSpec marker at ${sunspecBases.join(", ")}`);
}

async function hasMarker(
  read: (address: number, count: number) => Promise<RegisterBlock>,
  base: number,
): Promise<boolean> {
  try {
    return words(await read(base, 2)).getUint32(0) === sunspecMarker;
  } catch (error) {
    if (error instanceof ModbusError && error.failure === "permanent") return false;
    throw error;
  }
}

/** Manufacturer, model and serial number of the common model, or undefined when the device does not give them. */
export async function readIdentity(
  read: (address: number, count: number) => Promise<RegisterBlock>,
  chain: SunspecChain,
): Promise<{ manufacturer: string; model: string; serial: string } | undefined> {
  const common = sunspecModel(1);
  const place = chain.models.get(1);
  const last = common?.points.get("SN");
  if (!common || !last || !place || place.length + 2 < last.offset + sunspecSize(last)) return undefined;
  const block = await read(place.address, last.offset + sunspecSize(last));
  const text = (name: string) => {
    const point = common.points.get(name)!;
    return decodeText(block.bytes.subarray(point.offset * 2, (point.offset + sunspecSize(point)) * 2));
  };
  return { manufacturer: text("Mn"), model: text("Md"), serial: text("SN") };
}

function words(block: RegisterBlock): DataView {
  return new DataView(block.bytes.buffer, block.bytes.byteOffset, block.bytes.byteLength);
}

const wire: Record<SunspecType, { type: RegisterType; sentinel?: bigint }> = {
  int16: { type: "int16", sentinel: 0x8000n },
  int32: { type: "int32", sentinel: 0x8000_0000n },
  int64: { type: "int64", sentinel: 0x8000_0000_0000_0000n },
  uint16: { type: "uint16", sentinel: 0xffffn },
  uint32: { type: "uint32", sentinel: 0xffff_ffffn },
  uint64: { type: "uint64", sentinel: 0xffff_ffff_ffff_ffffn },
  acc16: { type: "uint16", sentinel: 0n },
  acc32: { type: "uint32", sentinel: 0n },
  acc64: { type: "uint64", sentinel: 0n },
  enum16: { type: "uint16", sentinel: 0xffffn },
  enum32: { type: "uint32", sentinel: 0xffff_ffffn },
  bitfield16: { type: "uint16", sentinel: 0xffffn },
  bitfield32: { type: "uint32", sentinel: 0xffff_ffffn },
  bitfield64: { type: "uint64", sentinel: 0xffff_ffff_ffff_ffffn },
  raw16: { type: "uint16" },
  count: { type: "uint16" },
  sunssf: { type: "int16", sentinel: 0x8000n },
  float32: { type: "float32" },
  float64: { type: "float64" },
  string: { type: "string" },
};

/**
 * A SunSpec type as registers, with what says "not implemented" (section 4.2, data types).
 * @param zeroIsValue an accumulator's 0 is then a value.
 */
export function sunspecRegisters(point: Pick<SunspecModelPoint, "type" | "size">, zeroIsValue = false): RegisterValue {
  const { type, sentinel } = wire[point.type];
  const count = sunspecSize(point);
  const keep = sentinel !== undefined && !(zeroIsValue && point.type.startsWith("acc"));
  return {
    type,
    order: count === 4 ? "ABCDEFGH" : "ABCD",
    ...(type === "string" && { length: count }),
    scale: 1,
    offset: 0,
    sentinels: keep ? [sentinel] : [],
  };
}

/** Number in registers before its scale factor, or null where it is not implemented. */
export function decodeSunspec(bytes: Uint8Array, type: SunspecType, zeroIsValue: boolean): number | null {
  // A bitfield with its highest bit set is not implemented, whatever its other bits.
  if (type.startsWith("bitfield") && bytes[0]! & 0x80) return null;
  return decodeRegisters(bytes, sunspecRegisters({ type }, zeroIsValue));
}

/** Exponent of ten in a scale factor's register; null when it is not implemented or outside −10 to 10. */
export function decodeScaleFactor(bytes: Uint8Array): number | null {
  const exponent = decodeSunspec(bytes, "sunssf", true);
  return exponent === null || Math.abs(exponent) > 10 ? null : exponent;
}

/** number × 10^exponent without the noise of 0.1. */
export function applyScaleFactor(number: number, exponent: number): number {
  return exponent < 0 ? number / 10 ** -exponent : scaled(number, 10 ** exponent);
}
