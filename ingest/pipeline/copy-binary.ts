/** Microseconds from 1970 to 2000, where PostgreSQL counts its timestamps from. */
const postgresEpochUs = 946_684_800_000_000;
const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** The widest single write: a field's length and eight bytes. */
const widestField = 12;

/**
 * Writes PostgreSQL's binary COPY format (manual, "COPY", "Binary Format"): `row(n)`, then n fields by their column's
 * type, and so on; `finish` gives the whole. Values must fit their type: this is checked at the door, not here.
 */
export class BinaryCopy {
  #buffer: Buffer;
  #length: number;

  /** @param expectedBytes what is allocated at first; it grows by itself. */
  constructor(expectedBytes = 65_536) {
    this.#buffer = Buffer.allocUnsafe(Math.max(expectedBytes, 64));
    this.#length = signature.copy(this.#buffer);
  }

  row(fields: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE(fields, this.#length);
  }

  none(): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(-1, this.#length);
  }

  int2(value: number): void {
    this.#field(2);
    this.#length = this.#buffer.writeInt16BE(value, this.#length);
  }

  int4(value: number): void {
    this.#field(4);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
  }

  /** A safe integer. */
  int8(value: number): void {
    this.#field(8);
    const high = Math.floor(value / 2 ** 32);
    this.#length = this.#buffer.writeInt32BE(high, this.#length);
    this.#length = this.#buffer.writeUInt32BE(value - high * 2 ** 32, this.#length);
  }

  float4(value: number): void {
    this.#field(4);
    this.#length = this.#buffer.writeFloatBE(value, this.#length);
  }

  float8(value: number): void {
    this.#field(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  /** `timestamptz` from whole microseconds since 1970. */
  timestamp(timeUs: number): void {
    this.int8(timeUs - postgresEpochUs);
  }

  /** The finished stream; nothing may be written after it. */
  finish(): Buffer {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE(-1, this.#length);
    return this.#buffer.subarray(0, this.#length);
  }

  #field(bytes: number): void {
    this.#reserve(widestField);
    this.#length = this.#buffer.writeInt32BE(bytes, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(this.#buffer.length * 2);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
