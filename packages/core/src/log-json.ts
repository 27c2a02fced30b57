import { types } from 'node:util';

import { describeError, isError } from './log-exception.ts';
import { REDACTED, type Redaction } from './log-redaction.ts';

/** Characters that a part of a log line may still take; past that it is cut, and says so. */
export interface JsonRoom {
  left: number;
  /** The fields whose values are not written. */
  readonly isSecret?: Redaction | undefined;
}

const DEPTH_AT_MOST = 10;
const CUT = '"[Truncated]"';
const SECRET = JSON.stringify(REDACTED);

/** A JSON string of `text`, cut where it is longer than the room. */
export function quote(text: string, room: JsonRoom): string {
  const beyond = text.length - Math.max(0, room.left);
  // Lone surrogates come out as escapes, so cutting through a pair is harmless.
  const json = JSON.stringify(
    beyond > 0 ? `${text.slice(0, text.length - beyond)}… [${beyond} more characters]` : text,
  );
  room.left -= json.length;
  return json;
}

/**
 * The members of `fields` as JSON, `,"key":value` each, for the end of an object that is being written. Throws
 * only where a proxy does when it is asked for its keys.
 *
 * @param skip Keys that are left out.
 */
export function fieldsJson(fields: object, skip: ReadonlySet<string>, room: JsonRoom): string {
  return membersJson(fields, room, [fields], skip);
}

/**
 * The JSON of any value; undefined for what JSON leaves out. Unlike `JSON.stringify` it never throws: circular
 * references, getters and `toJSON` that throw, too deep and too long values become texts in square brackets.
 * BigInts are strings, maps objects, sets arrays, errors objects with type, message and stack.
 */
export function valueJson(value: unknown, room: JsonRoom, above: object[] = []): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value, room);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return String(value);
    case 'undefined':
      return undefined;
    case 'bigint':
    case 'symbol':
      return quote(String(value), room);
    case 'function':
      return quote('[Function]', room);
    case 'object':
      return value === null ? 'null' : objectJson(value, room, above);
    default:
      return undefined;
  }
}

function objectJson(value: object, room: JsonRoom, above: object[]): string | undefined {
  if (room.left <= 0) return CUT;
  if (above.includes(value)) return quote('[Circular]', room);
  if (above.length >= DEPTH_AT_MOST) return quote('[Too deep]', room);
  above.push(value);
  try {
    return structureJson(value, room, above);
  } catch (error) {
    return quote(thrownText(error), room);
  } finally {
    above.pop();
  }
}

function structureJson(value: object, room: JsonRoom, above: object[]): string | undefined {
  if (isError(value)) return `{${membersJson(describeError(value), room, above).slice(1)}}`;
  if (Array.isArray(value)) return listJson(value, room, above);
  if (ArrayBuffer.isView(value)) return quote(`[${value.constructor.name}, ${value.byteLength} bytes]`, room);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const json: unknown = value.toJSON('');
    if (json !== value) return valueJson(json, room, above);
  }
  if (value instanceof Map) return `{${entriesJson(value, room, above).slice(1)}}`;
  if (value instanceof Set) return listJson(value, room, above);
  if (types.isBoxedPrimitive(value)) return valueJson(value.valueOf(), room, above);
  if (value instanceof RegExp) return quote(String(value), room);
  return `{${membersJson(value, room, above).slice(1)}}`;
}

function listJson(values: Iterable<unknown>, room: JsonRoom, above: object[]): string {
  let json = '';
  for (const value of values) {
    // Holes and nulls count too: a sparse array can be four thousand million long.
    room.left -= 2;
    json += `${json && ','}${room.left > 0 ? (valueJson(value, room, above) ?? 'null') : CUT}`;
    if (room.left <= 0) break;
  }
  return `[${json}]`;
}

function membersJson(
  object: object,
  room: JsonRoom,
  above: object[],
  skip: ReadonlySet<string> = NOTHING,
): string {
  let json = '';
  for (const key of Object.keys(object)) {
    if (skip.has(key)) continue;
    if (room.left <= 0) return `${json},"…":${CUT}`;
    const name = keyJson(key, room);
    const member = room.isSecret?.(key) ? SECRET : memberJson(object, key, room, above);
    if (member !== undefined) json += `,${name}:${member}`;
  }
  return json;
}

/** Keys are cut only where they are absurd, so that a field never comes under half a name. */
function keyJson(key: string, room: JsonRoom): string {
  const json = key.length > 1024 ? quote(key, { left: 1024 }) : JSON.stringify(key);
  room.left -= json.length;
  return json;
}

function memberJson(object: object, key: string, room: JsonRoom, above: object[]): string | undefined {
  try {
    return valueJson((object as Record<string, unknown>)[key], room, above);
  } catch (error) {
    return quote(thrownText(error), room);
  }
}

function entriesJson(map: ReadonlyMap<unknown, unknown>, room: JsonRoom, above: object[]): string {
  let json = '';
  for (const [key, value] of map) {
    if (room.left <= 0) return `${json},"…":${CUT}`;
    const name = keyJson(String(key), room);
    const member = room.isSecret?.(String(key)) ? SECRET : valueJson(value, room, above);
    if (member !== undefined) json += `,${name}:${member}`;
  }
  return json;
}

const NOTHING: ReadonlySet<string> = new Set();

function thrownText(error: unknown): string {
  return isError(error) ? `[Throws ${String(describeError(error)['message'])}]` : '[Throws]';
}
