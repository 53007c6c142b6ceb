import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeReadRequest, FrameError, FrameReader, parseReply } from "./frame.ts";

const request = fc.record({
  transactionId: fc.nat(0xffff),
  unitId: fc.nat(255),
  address: fc.nat(0xffff),
  count: fc.integer({ min: 1, max: 125 }),
});

describe("FrameReader", () => {
  it("finds the same frames however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 20 })),
        (requests, cuts) => {
          const stream = Buffer.concat(requests.map((r) => encodeReadRequest(r.transactionId, { ...r, fc: 3 })));
          const reader = new FrameReader();
          const frames = [];
          let at = 0;
          for (const cut of [...cuts, stream.length]) {
            frames.push(...reader.push(Buffer.from(stream.subarray(at, at + cut))));
            at += cut;
          }
          expect(
            frames.map(({ transactionId, unitId, pdu }) => ({
              transactionId,
              unitId,
              address: pdu.readUInt16BE(1),
              count: pdu.readUInt16BE(3),
            })),
          ).toEqual(requests);
        },
      ),
    );
  });

  it("refuses what is not Modbus TCP, and never throws anything else", () => {
    expect(() => new FrameReader().push(Buffer.from("HTTP/1.1 400 Bad Request"))).toThrow(
      "protocol id 21584 is not Modbus TCP",
    );
    expect(() => new FrameReader().push(Buffer.from([0, 1, 0, 0, 1, 0, 1]))).toThrow(
      "a frame of 256 bytes is not Modbus TCP",
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          for (const frame of new FrameReader().push(Buffer.from(bytes))) parseReply(frame);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("parseReply", () => {
  const frame = (...pdu: number[]) => ({ transactionId: 1, unitId: 2, pdu: Buffer.from(pdu) });
  it("tells registers from exceptions", () => {
    expect(parseReply(frame(3, 2, 0x12, 0x34))).toMatchObject({ fc: 3, data: Buffer.from([0x12, 0x34]) });
    expect(parseReply(frame(0x84, 11))).toMatchObject({ fc: 4, exception: 11 });
  });
  it("refuses a reply that contradicts itself", () => {
    expect(() => parseReply(frame(3, 4, 0, 0))).toThrow("the reply announces 4 bytes and holds 2");
    expect(() => parseReply(frame(0x83))).toThrow("an exception without its code");
  });
});
