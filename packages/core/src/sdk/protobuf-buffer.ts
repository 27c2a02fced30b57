import type { ProtobufKeys } from './protobuf-keys.ts';

const LONGEST_VARINT = 10;
const TWO_TO_32 = 2 ** 32;

/**
 * One message of protobuf, written from its begin to its end. A field is given with its tag, `number << 3 | wire type`, and
 * is written even where it is zero or empty.
 *
 * The writers of texts, which take most of the time, write into {@link bytes} themselves, after {@link reserve}.
 */
export class ProtobufBuffer {
  readonly keys: ProtobufKeys;
  bytes: Buffer;
  /** Of the same bytes. */
  view: DataView;
  /** Where the next byte goes. What is behind it means nothing. */
  at = 0;

  /** @param size Bytes that are expected. There may be more. */
  constructor(size: number, keys: ProtobufKeys) {
    this.keys = keys;
    // Memory of its own: a piece of the pool would hold all of that as long as a request lasts.
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.bytes);
  }

  /** What was written. Nothing may be written after that. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Makes room for so many bytes more. {@link bytes} and {@link view} may be others then. */
  reserve(more: number): void {
    const needed = this.at + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  /**
   * Begins a field that is a message.
   *
   * @param lengthBytes How many bytes its length will take, as far as is known. Another number costs a move.
   * @returns What {@link close} wants to know.
   */
  open(tag: number, lengthBytes: number): number {
    this.reserve(1 + lengthBytes);
    this.bytes[this.at] = tag;
    this.at += 1 + lengthBytes;
    return this.at;
  }

  /** Ends the field that {@link open} began. */
  close(start: number, lengthBytes: number): void {
    const length = this.at - start;
    if (lengthBytes === 1 && length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    const needed = lengthBytesOf(length);
    if (needed !== lengthBytes) {
      this.reserve(LONGEST_VARINT);
      this.bytes.copyWithin(start - lengthBytes + needed, start, this.at);
    }
    this.at = start - lengthBytes;
    this.#varint(length);
    this.at += length;
  }

  /** @param value An integer of 64 bits. Of a fraction the integer part, 0 of what is no number. */
  varint(tag: number, value: number): void {
    this.reserve(1 + LONGEST_VARINT);
    this.bytes[this.at++] = tag;
    this.#varint(value);
  }

  fixed32(tag: number, value: number): void {
    this.reserve(LONGEST_VARINT + 4);
    this.#varint(tag);
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** @param high Bits 32 to 63. */
  fixed64(tag: number, low: number, high: number): void {
    this.reserve(1 + 8);
    this.bytes[this.at] = tag;
    this.view.setUint32(this.at + 1, low, true);
    this.view.setUint32(this.at + 5, high, true);
    this.at += 1 + 8;
  }

  double(tag: number, value: number): void {
    this.reserve(1 + 8);
    this.bytes[this.at] = tag;
    this.view.setFloat64(this.at + 1, value, true);
    this.at += 1 + 8;
  }

  /** A field that is bytes. */
  binary(tag: number, value: Uint8Array): void {
    this.reserve(1 + LONGEST_VARINT + value.length);
    this.bytes[this.at++] = tag;
    this.#varint(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** Fields that were written elsewhere. */
  copy(bytes: Buffer, from: number, to: number): void {
    this.reserve(to - from);
    this.at += bytes.copy(this.bytes, this.at, from, to);
  }

  #varint(value: number): void {
    const { bytes } = this;
    let low = value >>> 0;
    // Rounded down, a negative number is in two's complement.
    let high = low === value ? 0 : Math.floor(value / TWO_TO_32) >>> 0;
    while (high > 0) {
      bytes[this.at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    while (low > 0x7f) {
      bytes[this.at++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    bytes[this.at++] = low;
  }
}

/** How many bytes a number of 32 bits without a sign takes as a varint, as the length of a field does. */
export function lengthBytesOf(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x4000) return 2;
  if (length < 0x20_0000) return 3;
  return length < 0x1000_0000 ? 4 : 5;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
