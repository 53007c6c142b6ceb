import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orders32, orders64, type RegisterType, type RegisterValue } from "../../profiles/types.ts";
import { decodeRegisters, decodeText, encodeBits, rawBits, registerCount, writeBits } from "./registers.ts";

function registersFor(type: RegisterType, rest: Partial<RegisterValue> = {}): RegisterValue {
  const wide = type.endsWith("64");
  return { type, order: wide ? "ABCDEFGH" : "ABCD", scale: 1, offset: 0, sentinels: [], ...rest };
}
function encode(number: number | null, value: RegisterValue): Uint8Array {
  const bytes = new Uint8Array(registerCount(value) * 2);
  writeBits(encodeBits(number, value), value, bytes);
  return bytes;
}
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("known bytes", () => {
  // 123456.789 as float32 is 47F1 2065; the four orders as Modbus manuals print them.
  it.each([
    ["ABCD", "47f1 2065"],
    ["DCBA", "6520 f147"],
    ["BADC", "f147 6520"],
    ["CDAB", "2065 47f1"],
  ] as const)("float32 %s", (order, bytes) => {
    expect(decodeRegisters(hex(bytes), registersFor("float32", { order }))).toBeCloseTo(123_456.789, 2);
  });

  it.each([
    ["ABCDEFGH", "0102 0304 0506 0708"],
    ["HGFEDCBA", "0807 0605 0403 0201"],
    ["BADCFEHG", "0201 0403 0605 0807"],
    ["GHEFCDAB", "0708 0506 0304 0102"],
    ["CDABGHEF", "0304 0102 0708 0506"],
    ["EFGHABCD", "0506 0708 0102 0304"],
    ["DCBAHGFE", "0403 0201 0807 0605"],
    ["FEHGBADC", "0605 0807 0201 0403"],
  ] as const)("uint64 %s", (order, bytes) => {
    expect(rawBits(hex(bytes), registersFor("uint64", { order }))).toBe(0x0102030405060708n);
  });

  it("takes bytes and bits out of a register", () => {
    const register = hex("8f01");
    expect(decodeRegisters(register, registersFor("int8", { byte: "high" }))).toBe(-113);
    expect(decodeRegisters(register, registersFor("uint8", { byte: "high" }))).toBe(143);
    expect(decodeRegisters(register, registersFor("uint8", { byte: "low" }))).toBe(1);
    expect(decodeRegisters(register, registersFor("bit", { bit: 15 }))).toBe(1);
    expect(decodeRegisters(register, registersFor("bit", { bit: 1 }))).toBe(0);
  });

  it("knows the halves of IEEE 754 binary16", () => {
    const half = registersFor("float16");
    expect(decodeRegisters(hex("3c00"), half)).toBe(1);
    expect(decodeRegisters(hex("c000"), half)).toBe(-2);
    expect(decodeRegisters(hex("7bff"), half)).toBe(65_504);
    expect(decodeRegisters(hex("0001"), half)).toBe(2 ** -24);
    expect(decodeRegisters(hex("7c00"), half)).toBeNull();
    expect(decodeRegisters(hex("7e00"), half)).toBeNull();
  });

  it("reads text up to its end, with bytes swapped or not", () => {
    expect(decodeText(hex("4142 4300"))).toBe("ABC");
    expect(decodeText(hex("4241 0043"), "BADC")).toBe("ABC");
  });

  it("refuses fewer bytes than a value has", () => {
    expect(() => decodeRegisters(hex("0000"), registersFor("uint32"))).toThrow("uint32 needs 4 bytes, got 2");
  });
});

describe("sentinels and scale", () => {
  it("reads a sentinel as missing, however the profile writes its sign", () => {
    for (const sentinel of [0x8000n, -32_768n]) {
      expect(decodeRegisters(hex("8000"), registersFor("int16", { sentinels: [sentinel] }))).toBeNull();
    }
    expect(
      decodeRegisters(hex("ffff ffff ffff ffff"), registersFor("uint64", { sentinels: [0xffffffffffffffffn] })),
    ).toBeNull();
    expect(
      decodeRegisters(hex("ffff ffff ffff fffe"), registersFor("uint64", { sentinels: [0xffffffffffffffffn] })),
    ).toBe(2 ** 64);
  });

  it("scales without decimal noise", () => {
    expect(decodeRegisters(hex("0003"), registersFor("uint16", { scale: 0.1 }))).toBe(0.3);
    expect(decodeRegisters(hex("0003"), registersFor("uint16", { scale: 10, offset: -5 }))).toBe(25);
  });

  it("writes what it cannot say as missing, and holds a value at the end of its type", () => {
    expect(encode(null, registersFor("float32"))).toEqual(hex("7fc00000"));
    expect(encode(null, registersFor("int16"))).toEqual(hex("8000"));
    expect(encode(99_999, registersFor("int16"))).toEqual(hex("7fff"));
    expect(encode(-5, registersFor("uint16"))).toEqual(hex("0000"));
    expect(encodeBits(1.99, registersFor("uint32"), "down")).toBe(1n);
    expect(encodeBits(21.5, registersFor("int16", { scale: 0.1 }), "down")).toBe(215n);
  });
});

describe("round trips", () => {
  const integers = (["int16", "uint16", "int32", "uint32", "int64", "uint64"] as const).map((type) => {
    const bits = Number(type.replace(/\D/g, ""));
    const orders = bits === 64 ? orders64 : bits === 32 ? orders32 : (["ABCD", "BADC"] as const);
    return { type, bits, orders };
  });

  it.each(integers)("$type keeps every bit in every order", ({ type, bits, orders }) => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), fc.constantFrom(...orders), (raw, order) => {
        const value = registersFor(type, { order });
        const bytes = new Uint8Array(bits / 8);
        writeBits(raw, value, bytes);
        expect(rawBits(bytes, value)).toBe(raw);
      }),
    );
  });

  it.each(integers)("$type gives back every whole number it can hold", ({ type, bits, orders }) => {
    const signed = type.startsWith("int");
    const max = Math.min(Number.MAX_SAFE_INTEGER, 2 ** (signed ? bits - 1 : bits) - 1);
    const min = signed ? Math.max(Number.MIN_SAFE_INTEGER, -(2 ** (bits - 1))) : 0;
    fc.assert(
      fc.property(fc.integer({ min, max }), fc.constantFrom(...orders), (number, order) => {
        const value = registersFor(type, { order });
        expect(decodeRegisters(encode(number, value), value)).toBe(number);
      }),
    );
  });

  it("floats come back as themselves, and anything not finite as missing", () => {
    const cases: [RegisterType, fc.Arbitrary<number>][] = [
      ["float64", fc.double()],
      ["float32", fc.float()],
      ["float16", fc.integer({ min: 0, max: 0xffff }).map((raw) => halfOf(raw))],
    ];
    for (const [type, numbers] of cases) {
      fc.assert(
        fc.property(numbers, fc.constantFrom(...(type === "float64" ? orders64 : orders32)), (number, order) => {
          const value = registersFor(type, { order: type === "float16" ? "ABCD" : order });
          const back = decodeRegisters(encode(number, value), value);
          expect(back).toBe(Number.isFinite(number) ? number + 0 : null);
        }),
      );
    }
  });

  it("a scaled value comes back within half a step", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3_000, max: 3_000, noNaN: true }),
        fc.constantFrom(0.1, 0.5, 1, 2),
        (number, scale) => {
          const value = registersFor("int16", { scale });
          const back = decodeRegisters(encode(number, value), value);
          expect(Math.abs(back! - number)).toBeLessThanOrEqual(scale / 2 + 1e-9);
        },
      ),
    );
  });

  it("a byte or bit leaves the rest of its register alone", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 15 }),
        fc.boolean(),
        (register, bit, on) => {
          const bytes = Uint8Array.of(register >> 8, register & 0xff);
          writeBits(on ? 1n : 0n, registersFor("bit", { bit }), bytes);
          const mask = 1 << bit;
          expect((bytes[0]! << 8) | bytes[1]!).toBe(on ? register | mask : register & ~mask);
        },
      ),
    );
  });
});

function halfOf(raw: number): number {
  return decodeRegisters(Uint8Array.of(raw >> 8, raw & 0xff), registersFor("float16")) ?? Number.NaN;
}
