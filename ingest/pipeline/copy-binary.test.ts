import { describe, expect, it } from "vitest";
import { BinaryCopy } from "./copy-binary.ts";

const header = "50 47 43 4f 50 59 0a ff 0d 0a 00 00 00 00 00 00 00 00 00";
const hex = (buffer: Buffer) => buffer.toString("hex").replace(/(..)(?=.)/g, "$1 ");

describe("BinaryCopy", () => {
  it("writes what PostgreSQL's manual describes", () => {
    const copy = new BinaryCopy();
    copy.row(4);
    copy.int4(-2);
    copy.int2(7);
    copy.none();
    copy.float8(1.5);
    expect(hex(copy.finish())).toBe(
      `${header} 00 04 00 00 00 04 ff ff ff fe 00 00 00 02 00 07 ff ff ff ff 00 00 00 08 3f f8 00 00 00 00 00 00 ff ff`,
    );
  });

  it.each([
    ["2000-01-01T00:00:00Z", 0, 0n],
    ["the microsecond before", -1, -1n],
    ["1970", -946_684_800_000_000, -946_684_800_000_000n],
    ["today, to the microsecond", 815_702_400_123_457, 815_702_400_123_457n],
  ])("counts timestamps in microseconds from 2000: %s", (_, sinceUs, expected) => {
    const copy = new BinaryCopy();
    copy.row(1);
    copy.timestamp(sinceUs + 946_684_800_000_000);
    expect(copy.finish().readBigInt64BE(19 + 2 + 4)).toBe(expected);
  });

  it.each([
    0,
    1,
    -1,
    2 ** 32,
    -(2 ** 32),
    2 ** 32 - 1,
    -(2 ** 32) - 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])("writes %d as eight bytes exactly", (value) => {
    const copy = new BinaryCopy();
    copy.row(1);
    copy.int8(value);
    expect(copy.finish().readBigInt64BE(19 + 2 + 4)).toBe(BigInt(value));
  });

  it("grows beyond what was expected without losing a byte", () => {
    const small = new BinaryCopy(64);
    const large = new BinaryCopy(1_000_000);
    for (const copy of [small, large]) {
      for (let at = 0; at < 1_000; at++) {
        copy.row(2);
        copy.float4(at / 3);
        copy.int8(at * 1e12);
      }
    }
    expect(small.finish().equals(large.finish())).toBe(true);
  });
});
