import { decodeRegisters, encodeBits, registerCount, writeBits } from "../../adapters/modbus/registers.ts";
import { profileOf } from "../../profiles/index.ts";
import type { ModbusPoint, ModbusProfile } from "../../profiles/types.ts";
import type { DeviceValues } from "../types.ts";
import { SunspecImage } from "./sunspec-image.ts";

/** What a simulated device holds in its registers, encoded by the profile that the adapter decodes it with. */
export type DeviceImage = {
  /** Writes a whole step: a reader never sees half of one. */
  update(values: DeviceValues): void;
  /** Registers as on the wire, or undefined when some of them do not exist. */
  read(fc: 3 | 4, address: number, count: number): Uint8Array | undefined;
  /** What a reader of the profile gets of this step, with the rounding of the registers. */
  readBack(): DeviceValues;
};

/**
 * The registers of a device with this profile.
 * @param ratedPowerW decides the scale factors, so that they do not change as its power does.
 * @throws ProfileError when there is no such profile, TypeError when it is not one for Modbus.
 */
export function deviceImage(profileName: string, ratedPowerW?: number | null): DeviceImage {
  const profile = profileOf(profileName);
  if (profile.protocol === "sunspec") return new SunspecImage(profile, ratedPowerW ?? undefined);
  if (profile.protocol === "modbus") return new PlainImage(profile);
  throw new TypeError(`profile ${profileName} is for ${profile.protocol}, not for Modbus`);
}

/** What a reader gets of these values: with the steps of the registers, and null where they cannot say it. */
export function onTheWire(profileName: string, values: DeviceValues, ratedPowerW?: number | null): DeviceValues {
  const image = deviceImage(profileName, ratedPowerW);
  image.update(values);
  return image.readBack();
}

/** One block per function code from the first to the last register of the profile; registers between points hold 0. */
class PlainImage implements DeviceImage {
  readonly #profile: ModbusProfile;
  readonly #blocks = new Map<3 | 4, { address: number; bytes: Uint8Array }>();

  constructor(profile: ModbusProfile) {
    this.#profile = profile;
    for (const fc of [3, 4] as const) {
      const points = profile.points.filter((point) => point.fc === fc);
      if (points.length === 0) continue;
      const address = Math.min(...points.map((point) => this.#address(point)));
      const end = Math.max(...points.map((point) => this.#address(point) + registerCount(point)));
      this.#blocks.set(fc, { address, bytes: new Uint8Array((end - address) * 2) });
    }
    this.update({});
  }

  update(values: DeviceValues): void {
    for (const point of this.#profile.points) {
      const rounding = point.kind === "counter" ? "down" : "nearest";
      const value = values[point.name] ?? null;
      const rolled = value !== null && point.rolloverAt !== undefined ? value % point.rolloverAt : value;
      writeBits(encodeBits(rolled, point, rounding), point, this.#registers(point));
    }
  }

  read(fc: 3 | 4, address: number, count: number): Uint8Array | undefined {
    const block = this.#blocks.get(fc);
    if (!block || address < block.address || address + count > block.address + block.bytes.length / 2) return undefined;
    const start = (address - block.address) * 2;
    return block.bytes.subarray(start, start + count * 2);
  }

  readBack(): DeviceValues {
    return Object.fromEntries(
      this.#profile.points.map((point) => [point.name, decodeRegisters(this.#registers(point), point)]),
    );
  }

  #address(point: ModbusPoint): number {
    return point.register - this.#profile.base;
  }

  #registers(point: ModbusPoint): Uint8Array {
    const block = this.#blocks.get(point.fc)!;
    const start = (this.#address(point) - block.address) * 2;
    return block.bytes.subarray(start, start + registerCount(point) * 2);
  }
}
