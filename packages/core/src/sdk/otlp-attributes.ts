import type { Attributes } from '@opentelemetry/api';

import { writeShortText, writeSmallInt } from './otlp-short-value.ts';
import { isInt64 } from './otlp-numbers.ts';
import { lengthBytesOf, type ProtobufBuffer } from './protobuf-buffer.ts';
import { writeText } from './protobuf-text.ts';

/** Tags of the fields of a `KeyValue`, of an `AnyValue`, and of the one field of its lists and maps. */
const KEY = 0x0a;
const VALUE = 0x12;
const STRING = 0x0a;
const BOOL = 0x10;
const INT = 0x18;
const DOUBLE = 0x21;
const LIST = 0x2a;
const MAP = 0x32;
const BYTES = 0x3a;
const ITEM = 0x0a;

/** Bytes of a `KeyValue` beside key and text: tags and lengths. */
const AROUND_TEXT = 8;

const { hasOwnProperty } = Object.prototype;

/**
 * Writes attributes as `KeyValue` of opentelemetry/proto/common/v1/common.proto, in their order. What OTLP has no value for
 * (`undefined`, `null`, a function, a bigint) is a key without a value.
 *
 * @param tag Of the field that holds each of them.
 * @throws What a getter throws, and a RangeError for a value that contains itself.
 */
export function writeAttributes(out: ProtobufBuffer, tag: number, attributes: Attributes): void {
  // Object.keys and Object.hasOwn take twice as long.
  for (const key in attributes) {
    if (hasOwnProperty.call(attributes, key)) writeKeyValue(out, tag, key, attributes[key]);
  }
}

function writeKeyValue(out: ProtobufBuffer, tag: number, key: string, value: unknown): void {
  if (typeof value === 'string') {
    if (writeShortText(out, tag, key, value)) return;
  } else if (typeof value === 'number' && value >>> 0 === value) {
    if (writeSmallInt(out, tag, key, value)) return;
  }
  const lengthBytes = typeof value === 'string' ? lengthBytesOf(key.length + value.length + AROUND_TEXT) : 1;
  const start = out.open(tag, lengthBytes);
  writeText(out, KEY, key);
  writeAnyValue(out, VALUE, value);
  out.close(start, lengthBytes);
}

function writeAnyValue(out: ProtobufBuffer, tag: number, value: unknown): void {
  const start = out.open(tag, 1);
  if (typeof value === 'string') writeText(out, STRING, value);
  else if (typeof value === 'number') writeNumber(out, value);
  else if (typeof value === 'boolean') out.varint(BOOL, value ? 1 : 0);
  else if (typeof value === 'object' && value !== null) writeObject(out, value);
  out.close(start, 1);
}

/** As an integer wherever it is one that 64 bits hold. */
function writeNumber(out: ProtobufBuffer, value: number): void {
  if (isInt64(value)) out.varint(INT, value);
  else out.double(DOUBLE, value);
}

function writeObject(out: ProtobufBuffer, value: object): void {
  if (value instanceof Uint8Array) {
    out.binary(BYTES, value);
    return;
  }
  const isList = Array.isArray(value);
  const start = out.open(isList ? LIST : MAP, 1);
  if (isList) for (const item of value as readonly unknown[]) writeAnyValue(out, ITEM, item);
  else writeAttributes(out, ITEM, value as Attributes);
  out.close(start, 1);
}
