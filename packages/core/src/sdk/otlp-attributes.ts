import type { Attributes } from '@opentelemetry/api';

import { lengthBytesOf, type ProtobufBuffer } from './protobuf-buffer.ts';

/** Tags of the fields that are written here. */
const VALUE = 0x12;
const STRING = 0x0a;
const BOOL = 0x10;
const INT = 0x18;
const DOUBLE = 0x21;
const ARRAY = 0x2a;
const MAP = 0x32;
const BYTES = 0x3a;
/** Of the one field of a list, and of a map. */
const ENTRY = 0x0a;

const hasOwn = Object.prototype.hasOwnProperty;

/** Bytes of a `KeyValue` beside those of key and text, where both are short. */
const AROUND_TEXT = 6;

/**
 * Writes attributes as `KeyValue`s, in their order. What OTLP has no value for (`undefined`, `null`, a function, a bigint)
 * is a key without a value.
 *
 * @param tag Of the field that holds them.
 * @throws What a getter throws, and a RangeError for a value that contains itself.
 */
export function writeAttributes(out: ProtobufBuffer, tag: number, attributes: Attributes): void {
  for (const key in attributes) {
    if (hasOwn.call(attributes, key)) writeKeyValue(out, tag, key, attributes[key]);
  }
}

function writeKeyValue(out: ProtobufBuffer, tag: number, key: string, value: unknown): void {
  // A guess at the length saves a move.
  const lengthBytes = typeof value === 'string' ? lengthBytesOf(key.length + value.length + AROUND_TEXT) : 1;
  const start = out.open(tag, lengthBytes);
  out.key(key);
  writeAnyValue(out, VALUE, value);
  out.close(start, lengthBytes);
}

function writeAnyValue(out: ProtobufBuffer, tag: number, value: unknown): void {
  const start = out.open(tag, 1);
  if (typeof value === 'string') out.text(STRING, value);
  else if (typeof value === 'number') writeNumber(out, value);
  else if (typeof value === 'boolean') out.varint(BOOL, value ? 1 : 0);
  else if (typeof value === 'object' && value !== null) writeObject(out, value);
  out.close(start, 1);
}

function writeNumber(out: ProtobufBuffer, value: number): void {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) out.varint(INT, value);
  else out.double(DOUBLE, value);
}

function writeObject(out: ProtobufBuffer, value: object): void {
  if (value instanceof Uint8Array) {
    out.bytes(BYTES, value);
    return;
  }
  const isList = Array.isArray(value);
  const start = out.open(isList ? ARRAY : MAP, 1);
  if (isList) for (const item of value as unknown[]) writeAnyValue(out, ENTRY, item);
  else writeAttributes(out, ENTRY, value as Attributes);
  out.close(start, 1);
}
