import type { ProtobufKeys } from './protobuf-keys.ts';

/** Characters up to which a loop over a text is faster than a call of the encoder. */
const SHORT_TEXT = 48;
/** Characters from which bytes are counted before there is room for them: the worst case is three times as many. */
const LONG_TEXT = 65_536;
const BYTES_OF_CHARACTER = 3;
const LONGEST_VARINT = 10;
const TWO_TO_32 = 2 ** 32;

/**
 * Writes one message of protobuf from its begin to its end. A field is given with its tag, `number << 3 | wire type`, and
 * is written even where it is zero or empty.
 */
export class ProtobufBuffer {
  readonly #keys: ProtobufKeys;
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  /**
   * @param size Bytes that are expected. There may be more.
   * @param keys What {@link key} has written before.
   */
  constructor(size: number, keys: ProtobufKeys) {
    this.#keys = keys;
    // Memory of its own: a piece of the pool would hold all of that as long as a request lasts.
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#view = viewOf(this.#bytes);
  }

  /** What was written. Nothing may be written after that. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /**
   * Begins a field that is a message.
   *
   * @param lengthBytes How many bytes its length will take, as far as is known. Another number costs a move.
   * @returns What {@link close} wants to know.
   */
  open(tag: number, lengthBytes: number): number {
    this.#reserve(1 + lengthBytes);
    this.#bytes[this.#at] = tag;
    this.#at += 1 + lengthBytes;
    return this.#at;
  }

  /** Ends the field that {@link open} began. */
  close(start: number, lengthBytes: number): void {
    const length = this.#at - start;
    if (lengthBytes === 1 && length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    const needed = lengthBytesOf(length);
    if (needed !== lengthBytes) {
      this.#reserve(LONGEST_VARINT);
      this.#bytes.copyWithin(start - lengthBytes + needed, start, this.#at);
    }
    this.#at = start - lengthBytes;
    this.#varint(length);
    this.#at += length;
  }

  /** @param value An integer of 64 bits. Of a fraction the integer part, 0 of what is no number. */
  varint(tag: number, value: number): void {
    this.#reserve(1 + LONGEST_VARINT);
    this.#bytes[this.#at++] = tag;
    this.#varint(value);
  }

  fixed32(tag: number, value: number): void {
    this.#reserve(LONGEST_VARINT + 4);
    this.#varint(tag);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  /** @param high Bits 32 to 63. */
  fixed64(tag: number, low: number, high: number): void {
    this.#reserve(1 + 8);
    this.#bytes[this.#at] = tag;
    this.#view.setUint32(this.#at + 1, low, true);
    this.#view.setUint32(this.#at + 5, high, true);
    this.#at += 1 + 8;
  }

  double(tag: number, value: number): void {
    this.#reserve(1 + 8);
    this.#bytes[this.#at] = tag;
    this.#view.setFloat64(this.#at + 1, value, true);
    this.#at += 1 + 8;
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#reserve(1 + LONGEST_VARINT + value.length);
    this.#bytes[this.#at++] = tag;
    this.#varint(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Bytes that are given in hex. Writes nothing where it is not hex of just so many bytes. */
  hex(tag: number, hex: string, size: number): void {
    if (typeof hex !== 'string' || hex.length !== size * 2) return;
    this.#reserve(2 + size);
    const bytes = this.#bytes;
    const start = this.#at + 2;
    bytes[start - 2] = tag;
    bytes[start - 1] = size;
    let seen = 0;
    for (let index = 0; index < size; index++) {
      const first = hex.charCodeAt(index * 2);
      const second = hex.charCodeAt(index * 2 + 1);
      const high = DIGITS[first & 0x7f] as number;
      const low = DIGITS[second & 0x7f] as number;
      seen |= first | second | high | low;
      bytes[start + index] = (high << 4) | low;
    }
    if (seen < NO_DIGIT) this.#at = start + size;
  }

  /** In UTF-8, with U+FFFD for half a surrogate pair. What is no text as `String` has it, `undefined` and `null` empty. */
  text(tag: number, text: string): void {
    if (typeof text !== 'string') {
      this.text(tag, String(text ?? ''));
      return;
    }
    const { length } = text;
    if (length > SHORT_TEXT) {
      this.#encode(tag, text);
      return;
    }
    this.#reserve(2 + length);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = tag;
    bytes[at++] = length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#encode(tag, text);
        return;
      }
      bytes[at++] = code;
    }
    this.#at = at;
  }

  /** A text that comes again and again, as field 1. */
  key(text: string): void {
    const known = this.#keys.get(text);
    if (known === undefined) {
      this.text(KEY, text);
      return;
    }
    const { words, size } = known;
    this.#reserve(words.length * 4);
    const view = this.#view;
    // The last one may write beyond the end, where the next field will be.
    for (let index = 0, at = this.#at; index < words.length; index++, at += 4) {
      view.setUint32(at, words[index] as number, true);
    }
    this.#at += size;
  }

  #encode(tag: number, text: string): void {
    const most = text.length > LONG_TEXT ? Buffer.byteLength(text) : text.length * BYTES_OF_CHARACTER;
    const lengthBytes = lengthBytesOf(text.length);
    const start = this.open(tag, lengthBytes);
    this.#reserve(most);
    this.#at += this.#bytes.write(text, this.#at);
    this.close(start, lengthBytes);
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let low = value >>> 0;
    // Rounded down, a negative number is in two's complement.
    let high = low === value ? 0 : Math.floor(value / TWO_TO_32) >>> 0;
    while (high > 0) {
      bytes[this.#at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    while (low > 0x7f) {
      bytes[this.#at++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    bytes[this.#at++] = low;
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

const KEY = 0x0a;

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** How many bytes a length takes. */
export function lengthBytesOf(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x4000) return 2;
  if (length < 0x20_0000) return 3;
  return length < 0x1000_0000 ? 4 : 5;
}

const NO_DIGIT = 0x80;
/** What each character of ASCII is as a digit of hex. */
const DIGITS: Uint8Array = new Uint8Array(128).fill(NO_DIGIT);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  DIGITS[text.charCodeAt(0)] = digit;
  DIGITS[text.toUpperCase().charCodeAt(0)] = digit;
}
