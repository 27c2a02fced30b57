import { lengthBytesOf, type ProtobufBuffer } from './protobuf-buffer.ts';
import { BYTES_OF_CHARACTER, putAscii } from './protobuf-text.ts';

/** Tags of the fields of an `AnyValue`. */
const STRING = 0x0a;
const INT = 0x18;

/** Room for tag and length of the entry, and for what is written beyond the end of a key. */
const AROUND = 8;

/**
 * Writes an attribute whose value is a text, where all of it is short and of ASCII, so that the lengths are known before.
 *
 * @returns Whether it was written.
 */
export function writeShortText(out: ProtobufBuffer, tag: number, key: string, text: string): boolean {
  const { length } = text;
  let at = beginEntry(out, tag, key, 2 + length);
  if (at === 0) return false;
  const { bytes } = out;
  bytes[at++] = STRING;
  bytes[at++] = length;
  if (!putAscii(bytes, at, text)) return false;
  out.at = at + length;
  return true;
}

/**
 * Writes an attribute whose value is an integer, as {@link writeShortText} does.
 *
 * @param value Of 32 bits without a sign.
 */
export function writeSmallInt(out: ProtobufBuffer, tag: number, key: string, value: number): boolean {
  let at = beginEntry(out, tag, key, 1 + lengthBytesOf(value));
  if (at === 0) return false;
  const { bytes } = out;
  bytes[at++] = INT;
  let rest = value;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  out.at = at;
  return true;
}

/** @returns Where the value goes; 0 where its length, or that of the whole entry, takes more than one byte. */
function beginEntry(out: ProtobufBuffer, tag: number, key: string, valueBytes: number): number {
  const head = out.keys.headOf(key);
  if (head === undefined) return 0;
  const { words, size } = head;
  const length = size + 1 + valueBytes;
  if (length > 0x7f) return 0;
  out.reserve(AROUND + size + valueBytes * BYTES_OF_CHARACTER);
  const { bytes, view } = out;
  let { at } = out;
  bytes[at++] = tag;
  bytes[at++] = length;
  // The last word may reach beyond the key, where the value will be.
  for (let index = 0; index < words.length; index++) {
    view.setUint32(at + index * 4, words[index] as number, true);
  }
  at += size;
  bytes[at++] = valueBytes;
  return at;
}
