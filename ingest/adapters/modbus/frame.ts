/*
 * Modbus TCP frames (Modbus Messaging on TCP/IP 1.0b): transaction id, protocol id 0, length, unit id, PDU.
 */

export type ReadRequest = { unitId: number; fc: 3 | 4; address: number; count: number };

/** A reply as it came; whether it answers anything is the connection's business. */
export type Reply = {
  transactionId: number;
  unitId: number;
  /** With the exception bit taken off. */
  fc: number;
  exception?: number;
  /** Registers, for a read. */
  data: Uint8Array;
};

/** The stream is not Modbus TCP, or lost its frames: nothing after this can be trusted. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const headerBytes = 7;
/** Unit id and PDU of at most 253 bytes. */
const longestLength = 254;

export function encodeReadRequest(transactionId: number, request: ReadRequest): Buffer {
  const frame = Buffer.alloc(12);
  frame.writeUInt16BE(transactionId, 0);
  frame.writeUInt16BE(6, 4);
  frame.writeUInt8(request.unitId, 6);
  frame.writeUInt8(request.fc, 7);
  frame.writeUInt16BE(request.address, 8);
  frame.writeUInt16BE(request.count, 10);
  return frame;
}

/** One whole frame cut from a stream: header fields and PDU. */
export type Frame = { transactionId: number; unitId: number; pdu: Buffer };

/** Cuts a byte stream into frames; keeps what is not whole yet. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws FrameError when the bytes cannot be Modbus TCP. */
  push(chunk: Buffer): Frame[] {
    let rest = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frames: Frame[] = [];
    while (rest.length >= headerBytes) {
      const protocolId = rest.readUInt16BE(2);
      const length = rest.readUInt16BE(4);
      if (protocolId !== 0) throw new FrameError(`protocol id ${protocolId} is not Modbus TCP`);
      if (length < 2 || length > longestLength) throw new FrameError(`a frame of ${length} bytes is not Modbus TCP`);
      if (rest.length < 6 + length) break;
      frames.push({
        transactionId: rest.readUInt16BE(0),
        unitId: rest.readUInt8(6),
        pdu: rest.subarray(headerBytes, 6 + length),
      });
      rest = rest.subarray(6 + length);
    }
    this.#rest = rest;
    return frames;
  }
}

/** @throws FrameError when the PDU contradicts itself. */
export function parseReply(frame: Frame): Reply {
  const { transactionId, unitId, pdu } = frame;
  const code = pdu[0]!;
  if (code & 0x80) {
    if (pdu.length < 2) throw new FrameError("an exception without its code");
    return { transactionId, unitId, fc: code & 0x7f, exception: pdu[1]!, data: new Uint8Array() };
  }
  const bytes = pdu[1];
  if (bytes === undefined || pdu.length !== 2 + bytes) {
    throw new FrameError(`the reply announces ${bytes ?? "no"} bytes and holds ${Math.max(0, pdu.length - 2)}`);
  }
  return { transactionId, unitId, fc: code, data: pdu.subarray(2) };
}
