import { lengthBytesOf, type ProtobufBuffer } from './protobuf-buffer.ts';

/** Characters up to which a loop over a text is faster than a call of Node's encoder, which takes 60 ns for any. */
const LOOP_AT_MOST = 32;
/** Characters of which the length takes one byte. */
const SHORT_TEXT = 0x7f;
/** Characters from which bytes are counted before there is room for them, rather than room for the worst case be made. */
const LONG_TEXT = 65_536;
/** At most. */
export const BYTES_OF_CHARACTER = 3;

/**
 * Writes a field that is a text, in UTF-8, with U+FFFD for half a surrogate pair. What is no text is written as `String` has
 * it, `undefined` and `null` as an empty one.
 */
export function writeText(out: ProtobufBuffer, tag: number, value: string): void {
  const text = typeof value === 'string' ? value : String(value ?? '');
  const { length } = text;
  if (length <= SHORT_TEXT) {
    out.reserve(2 + length * BYTES_OF_CHARACTER);
    const { bytes, at } = out;
    bytes[at] = tag;
    bytes[at + 1] = length;
    if (putAscii(bytes, at + 2, text)) {
      out.at = at + 2 + length;
      return;
    }
  }
  const most = length > LONG_TEXT ? Buffer.byteLength(text) : length * BYTES_OF_CHARACTER;
  const lengthBytes = lengthBytesOf(length);
  const start = out.open(tag, lengthBytes);
  out.reserve(most);
  out.at += out.bytes.write(text, out.at);
  out.close(start, lengthBytes);
}

/**
 * Puts a text of ASCII somewhere. There has to be room for any text of its length.
 *
 * @returns Whether it is of ASCII. What was put there means nothing if not.
 */
export function putAscii(bytes: Buffer, at: number, text: string): boolean {
  const { length } = text;
  // Of each other character there are more bytes than one.
  if (length > LOOP_AT_MOST) return bytes.write(text, at) === length;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    bytes[at + index] = code;
  }
  return true;
}

const NO_DIGIT = 0x80;
/** What each character of ASCII is as a digit of hex. */
const DIGITS: Uint8Array = new Uint8Array(0x80).fill(NO_DIGIT);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  DIGITS[text.charCodeAt(0)] = digit;
  DIGITS[text.toUpperCase().charCodeAt(0)] = digit;
}

/** Writes a field that is bytes, given in hex. Writes nothing where it is not hex of just so many bytes. */
export function writeHex(out: ProtobufBuffer, tag: number, hex: string, size: number): void {
  if (typeof hex !== 'string' || hex.length !== size * 2) return;
  out.reserve(2 + size);
  const { bytes } = out;
  const start = out.at + 2;
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
  if (seen < NO_DIGIT) out.at = start + size;
}
