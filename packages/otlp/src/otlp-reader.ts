import protobuf from 'protobufjs/light.js';

import { OtlpRequestError } from './otlp-request-error.ts';

type Long = ReturnType<protobuf.Reader['int64']>;

// Keys, names and usual values come again and again.
const SHARED_TEXTS = 4096;
const SHARED_LENGTH = 40;

/** Texts that have been read, by a hash of their bytes: one that comes again is neither decoded nor kept again. */
export type SharedTexts = (string | undefined)[];

/** Bounded: a text takes the place of another with the same hash. */
export function sharedTexts(): SharedTexts {
  return Array.from({ length: SHARED_TEXTS });
}

/**
 * What protobufjs's decoders read from. It gives integers of 64 bits as JavaScript's own instead of Longs, bytes that are
 * no UTF-8 as U+FFFD instead of an error, and bounds what a small body can make of itself.
 */
export class OtlpReader extends protobuf.BufferReader {
  readonly #shared: SharedTexts;
  #partsLeft: number;

  /** @param parts How many messages, texts and lists of bytes the body may have. */
  constructor(body: Buffer, shared: SharedTexts, parts: number) {
    super(body);
    this.#shared = shared;
    this.#partsLeft = parts;
  }

  override size(): number {
    if (--this.#partsLeft < 0) throw tooManyParts();
    return super.size();
  }

  override stringVerify(): string {
    const length = this.size();
    const start = this.pos;
    const end = start + length;
    if (end > this.len) throw new RangeError(`index out of range: ${start} + ${length} > ${this.len}`);
    this.pos = end;
    const { buf } = this;
    if (length > SHARED_LENGTH) return (buf as Buffer).toString('utf8', start, end);
    if (length === 0) return '';
    let hash = length;
    for (let index = start; index < end; index++) hash = (hash * 31 + (buf[index] ?? 0)) | 0;
    const slot = (hash ^ (hash >>> 12)) & (SHARED_TEXTS - 1);
    const shared = this.#shared[slot];
    if (shared !== undefined && isText(shared, buf, start, end)) return shared;
    const text = (buf as Buffer).toString('utf8', start, end);
    this.#shared[slot] = text;
    return text;
  }

  /** A bigint. */
  override fixed64(): Long {
    const start = this.pos;
    if (start + 8 > this.len) throw new RangeError(`index out of range: ${start} + 8 > ${this.len}`);
    this.pos = start + 8;
    return (this.buf as Buffer).readBigUInt64LE(start) as unknown as Long;
  }

  /** A number where it is one of at most 28 bits above 0, else a bigint. */
  override int64(): Long {
    let value = 0;
    for (let index = 0; index < 4; index++) {
      const byte = this.buf[this.pos + index] ?? 0x80;
      value |= (byte & 0x7f) << (index * 7);
      if (byte < 0x80 && this.pos + index < this.len) {
        this.pos += index + 1;
        return value as unknown as Long;
      }
    }
    const { low, high } = super.int64();
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)) as unknown as Long;
  }
}

/** For a body that would be much more in memory than it is. */
export function tooManyParts(): OtlpRequestError {
  return new OtlpRequestError(
    413,
    'the body has too many small messages and texts in it: send fewer in a request',
  );
}

/** Whether these bytes are that text, in ASCII. */
function isText(text: string, buf: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    const byte = buf[start + index] ?? 0;
    if (text.charCodeAt(index) !== byte || byte >= 0x80) return false;
  }
  return true;
}
