import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type Frame, FrameError, FrameReader } from "../../adapters/modbus/frame.ts";
import type { SimulatedFleet } from "../types.ts";
import { type DeviceImage, deviceImage } from "./modbus-image.ts";

export type SimulatedModbusDevice = {
  id: string;
  /** Name of a profile for Modbus or SunSpec. */
  profile: string;
  unitId: number;
  ratedPowerW?: number | null;
  /** Registers that it holds in place of those that its profile would give. */
  image?: DeviceImage;
};

export type ModbusServerOptions = {
  host: string;
  /** 0: a free one. */
  port: number;
  devices: SimulatedModbusDevice[];
  fleet: SimulatedFleet;
};

const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;
const noSuchTarget = 11;

type Unit = { device: SimulatedModbusDevice; image: DeviceImage; stepUs: number };

/**
 * A Modbus TCP gateway with the given devices as its units, which hold the fleet's newest step. Unknown units get
 * exception 11; a device that is not answering gets no reply at all.
 * @throws Error when two devices share a unit id; Error of node:net when the port is taken.
 */
export async function startModbusServer(
  options: ModbusServerOptions,
): Promise<{ port: number; stop(): Promise<void> }> {
  const { fleet } = options;
  const units = new Map<number, Unit>();
  for (const device of options.devices) {
    const other = units.get(device.unitId);
    if (other) throw new Error(`unit id ${device.unitId} is both ${other.device.id} and ${device.id}`);
    const image = device.image ?? deviceImage(device.profile, device.ratedPowerW);
    units.set(device.unitId, { device, image, stepUs: -1 });
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = new FrameReader();
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      try {
        for (const frame of reader.push(chunk)) {
          const pdu = answer(frame, units, fleet);
          if (pdu) socket.write(reply(frame, pdu));
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        socket.destroy();
      }
    });
  });
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

/** The PDU that answers, or undefined for silence. */
function answer({ unitId, pdu }: Frame, units: Map<number, Unit>, fleet: SimulatedFleet): Buffer | undefined {
  const fc = pdu[0]!;
  const unit = units.get(unitId);
  if (!unit) return exception(fc, noSuchTarget);
  if (!fleet.isAnswering(unit.device.id)) return undefined;
  if (fc !== 3 && fc !== 4) return exception(fc, illegalFunction);
  if (pdu.length !== 5) return exception(fc, illegalValue);
  const address = pdu.readUInt16BE(1);
  const count = pdu.readUInt16BE(3);
  if (count < 1 || count > 125) return exception(fc, illegalValue);
  const stepUs = fleet.timeUs();
  if (unit.stepUs !== stepUs) {
    unit.image.update(fleet.valuesOf(unit.device.id));
    unit.stepUs = stepUs;
  }
  const registers = unit.image.read(fc, address, count);
  if (!registers) return exception(fc, illegalAddress);
  return Buffer.concat([Buffer.from([fc, registers.length]), registers]);
}

function exception(fc: number, code: number): Buffer {
  return Buffer.from([fc | 0x80, code]);
}

function reply({ transactionId, unitId }: Frame, pdu: Buffer): Buffer {
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transactionId, 0);
  header.writeUInt16BE(pdu.length + 1, 4);
  header.writeUInt8(unitId, 6);
  return Buffer.concat([header, pdu]);
}
