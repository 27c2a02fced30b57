/** What a buffer has room for at first, in bytes. */
const FIRST_CAPACITY = 4096;

/** Bytes of a 64-bit varint at most. */
const VARINT_AT_MOST = 10;

/** Up to here a loop is faster than the call of native code. */
const SHORT_TEXT = 24;

const TWO_POW_32 = 0x1_0000_0000;
const NANOS_PER_SECOND = 1_000_000_000;

/**
 * Writes the wire format of Protocol Buffers in one pass, into a buffer that grows.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  private buffer: Buffer;
  private position = 0;

  /** @param capacity Bytes that are expected. */
  constructor(capacity: number = FIRST_CAPACITY) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(capacity, FIRST_CAPACITY));
  }

  /** What has been written. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.position);
  }

  /** One byte: the tag of a field, its number below 16, or a small number. */
  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.position++] = value;
  }

  /** Any integer that a double holds exactly; a negative one as 64 bits, in two's complement. */
  varint(value: number): void {
    this.reserve(VARINT_AT_MOST);
    if (value >= 0 && value < TWO_POW_32) {
      this.smallVarint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.buffer[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.position++] = Number(rest);
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.position = this.buffer.writeUInt32LE(value, this.position);
  }

  double(value: number): void {
    this.reserve(8);
    this.position = this.buffer.writeDoubleLE(value, this.position);
  }

  /** Nanoseconds since the Unix epoch as fixed64: more than a double holds exactly, so in two halves of 32 bits. */
  time([seconds, nanos]: readonly [number, number]): void {
    this.reserve(8);
    const upper = Math.floor(seconds / 0x1_0000) * NANOS_PER_SECOND;
    const lower = (seconds % 0x1_0000) * NANOS_PER_SECOND + nanos;
    const low = (upper % 0x1_0000) * 0x1_0000 + (lower % TWO_POW_32);
    const high = Math.floor(upper / 0x1_0000) + Math.floor(lower / TWO_POW_32) + Math.floor(low / TWO_POW_32);
    this.position = this.buffer.writeUInt32LE(low >>> 0, this.position);
    this.position = this.buffer.writeUInt32LE(high >>> 0, this.position);
  }

  /** Length and bytes of a text. */
  text(value: string): void {
    const { length } = value;
    // A character of UTF-16 is three bytes of UTF-8 at most.
    this.reserve(VARINT_AT_MOST + length * 3);
    if (length <= SHORT_TEXT && this.shortAscii(value)) return;
    const start = this.begin();
    this.position += this.buffer.write(value, this.position);
    this.end(start);
  }

  /** Length and bytes. */
  bytes(value: Uint8Array): void {
    this.reserve(VARINT_AT_MOST + value.length);
    this.smallVarint(value.length);
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  /** Length and bytes of an id in hexadecimal digits. */
  hex(digits: string): void {
    const { length } = digits;
    this.reserve(VARINT_AT_MOST + length);
    this.smallVarint(length >> 1);
    for (let index = 0; index < length; index += 2) {
      this.buffer[this.position++] =
        (nibble(digits.charCodeAt(index)) << 4) | nibble(digits.charCodeAt(index + 1));
    }
  }

  /** Begins a message whose length is known when it ends. @returns Where it began, for {@link end}. */
  begin(): number {
    this.reserve(1);
    return this.position++;
  }

  /** Ends the message that began at `start`. */
  end(start: number): void {
    const length = this.position - start - 1;
    if (length < 0x80) {
      this.buffer[start] = length;
      return;
    }
    // One byte is kept for the length, which is enough for nearly all; a longer message moves.
    this.reserve(VARINT_AT_MOST);
    const size = varintSize(length);
    this.buffer.copyWithin(start + size, start + 1, this.position);
    this.position = start;
    this.smallVarint(length);
    this.position += length;
  }

  /** Below 2^32, where there is room for it. */
  private smallVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.position++] = rest;
  }

  /** @returns Whether it is written: it has no character beyond ASCII. */
  private shortAscii(value: string): boolean {
    const { buffer } = this;
    const start = this.position;
    let at = start + 1;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      buffer[at++] = code;
    }
    buffer[start] = value.length;
    this.position = at;
    return true;
  }

  private reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.position);
    this.buffer = larger;
  }
}

function nibble(code: number): number {
  // '0' to '9', or a letter of either case.
  return code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) size++;
  return size;
}
